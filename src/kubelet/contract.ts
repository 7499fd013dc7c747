import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import type { Client } from '../client/client.ts';
import type { Informers } from '../client/informers.ts';
import type { Dialer, NodeGateway } from '../node/gateway.ts';
import type { NodeSpec, Runtime } from '../node/runtime.ts';

/** A node to run, and what runs it. */
export interface KubeletNode extends NodeSpec {
  readonly runtime: Runtime['name'];
}

export interface KubeletOptions {
  /** Any identity of the cluster that may become a node's by `as`. */
  readonly client: Client;
  /** The shared caches; pods and services are read from them. */
  readonly informers: Informers;
  readonly runtimes: readonly Runtime[];
  readonly nodes: readonly KubeletNode[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** The address of the cluster DNS service, "10.96.0.10". */
  readonly clusterDNS: string;
  /** "cluster.local". */
  readonly clusterDomain: string;
  /** The outside resolver, for dnsPolicy Default: never a loopback address. */
  readonly resolver?: { readonly nameservers: readonly string[]; readonly searches: readonly string[] };
}

export interface Kubelets {
  /** Runs every node until the signal aborts; containers are left running. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when every node of the options has its machine and is registered; rejects when one cannot. */
  readonly up: Promise<void>;
  /** Resolves when there is a simulated node, or can be no other. */
  readonly simulates: Promise<void>;
  /** Resolves when there is one and the definition of stages is served. */
  readonly stagesServed: Promise<void>;
  /** What the API server asks of nodes, and how anything reaches pods. */
  readonly gateway: NodeGateway & Dialer;
  /** Adds a node while running; resolves when it is registered and works. */
  addNode(node: KubeletNode, signal: AbortSignal): Promise<void>;
  /** Removes a node, its machine, everything on it, and its Node object. */
  removeNode(name: string, signal: AbortSignal): Promise<void>;
}
