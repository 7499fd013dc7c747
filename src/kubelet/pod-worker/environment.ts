import type { Clock } from '../../base/clock.ts';
import type { Ids } from '../../base/ids.ts';
import type { Logger } from '../../base/log.ts';
import type { Scope } from '../../base/scope.ts';
import type { Client } from '../../client/client.ts';
import type { Dialer } from '../../node/gateway.ts';
import type { PodFiles, Runtime } from '../../node/runtime.ts';
import type { ClaimCache } from '../claim-cache.ts';
import type { ConfigCache } from '../config-cache.ts';
import type { ImageManager } from '../images.ts';
import type { Tokens } from '../tokens.ts';
import type { Container, Pod, Service } from '../types.ts';
import type { PodVolumes } from '../volumes/pod-volumes.ts';
import type { DnsSettings } from './names.ts';
import type { Director } from './play.ts';
import type { PodWorld } from './pod-world.ts';

/** What every pod worker of one node shares. */
export interface PodEnvironment {
  readonly node: string;
  readonly runtime: Runtime;
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly scope: Scope;
  /** Requests as the node. */
  readonly client: Client;
  readonly images: ImageManager;
  readonly configs: ConfigCache;
  readonly claims: ClaimCache;
  readonly tokens: Tokens;
  readonly dns: DnsSettings;
  readonly hostIPs: () => readonly string[];
  readonly allocatable: () => Readonly<Record<string, string>>;
  /** The services of a namespace, and the API server's own. */
  readonly services: (namespace: string) => readonly Service[];
  /** Records an event about the pod, or about one of its containers. */
  readonly tell: (
    pod: Pod,
    container: Container | undefined,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ) => void;
}

/** One pod as its steps see it. */
export interface PodContext {
  readonly env: PodEnvironment;
  /** The newest version of the pod. */
  readonly pod: Pod;
  readonly world: PodWorld;
  readonly volumes: PodVolumes;
  readonly files: PodFiles;
  /** How containers behave where no processes run. */
  readonly play: Director | undefined;
  /** Containers whose preStop hook has been run. */
  readonly hooked: Set<string>;
  /** Looks at every container that was last seen alive. */
  inspectAll(signal: AbortSignal): Promise<void>;
  /** Resolves when what is known now is written: whoever waits for a state sees it, however short it was. */
  shown(): Promise<void>;
}

/** The pod's own addresses: its sandbox's, or its node's. */
export function podIPs({ pod, world, env }: PodContext): readonly string[] {
  if (pod.spec.hostNetwork) return env.hostIPs();
  return world.sandbox?.address ? [world.sandbox.address] : [];
}
