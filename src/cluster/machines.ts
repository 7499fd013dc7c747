import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Scope } from '../base/scope.ts';
import type { NodeNetwork } from '../node/network.ts';
import type { Runtime } from '../node/runtime.ts';
import type { Subnets } from './layout.ts';
import { simulatedSubnets } from './layout.ts';

/** What a cluster's nodes run on, and how they reach this process. */
export interface Machines {
  readonly runtime: Runtime;
  readonly subnets: Subnets;
  /** Absent where no packet flows. */
  readonly network?: NodeNetwork;
  /** The host's address on the nodes' network: where pods find the API server and the DNS server. */
  readonly gateway?: string;
  /** Shown by `krill status`. */
  readonly reach: string;
}

export interface MachineOptions {
  readonly name: string;
  readonly uid: string;
  /** The ranges the cluster lives in since its first start. */
  readonly stored: Subnets | undefined;
  readonly assets: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly scope: Scope;
}

/** Nodes without machines. */
export async function openSimulated(options: MachineOptions): Promise<Machines> {
  const { SimulatedRuntime } = await import('../runtimes/simulated/runtime.ts');
  const subnets = options.stored ?? simulatedSubnets;
  return { runtime: new SimulatedRuntime({ clock: options.clock }), subnets, reach: '' };
}

/** Nodes that are containers: connects to the engine, makes the cluster's network and sees that the node image is there. */
export async function openDocker(options: MachineOptions): Promise<Machines> {
  const [{ connectEngine }, { DockerRuntime }, { ensureClusterNetwork }, { ensureNodeImage }] = await Promise.all([
    import('../engine/engine.ts'),
    import('../runtimes/docker/runtime.ts'),
    import('../runtimes/docker/network.ts'),
    import('../runtimes/docker/node-image.ts'),
  ]);
  const { name, uid, clock, log, scope } = options;
  const { signal } = scope;
  const engine = await connectEngine(clock, signal);
  const cluster = { name, uid };
  const [network, nodeImage] = await Promise.all([
    ensureClusterNetwork(engine, cluster, options.stored, signal),
    ensureNodeImage(engine, options.assets, signal),
  ]);
  const runtime = await DockerRuntime.open({ engine, cluster, network, nodeImage, clock, log, scope }, signal);
  return {
    runtime,
    network: runtime,
    subnets: network.subnets,
    gateway: network.gateway,
    reach: `gateway ${network.gateway}`,
  };
}
