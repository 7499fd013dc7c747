import type { Scope } from '../../base/scope.ts';
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import type { NodeMachine, NodeSpec, Runtime } from '../../node/runtime.ts';
import type { PodEnvironment } from '../pod-worker/environment.ts';
import type { Stages } from '../stages/stages.ts';
import type { StatusWriter } from '../status-writer.ts';
import type { Pod } from '../types.ts';
import type { Leases } from './leases.ts';

/** What the kubelets of one manager share. */
export interface NodeWorld {
  readonly spec: NodeSpec;
  readonly runtime: Runtime;
  /** Requests as the node. */
  readonly client: Client;
  /** Requests as the cluster: for labels that no node may give itself. */
  readonly registrar: Client;
  readonly pods: Informer<Pod>;
  readonly leases: Leases;
  readonly writer: StatusWriter;
  readonly scope: Scope;
  /** Of simulated nodes: what may take their pods, and themselves, from the usual course. */
  readonly stages: Stages | undefined;
  readonly environment: (machine: () => NodeMachine | undefined) => PodEnvironment;
}
