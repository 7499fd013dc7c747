import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Scope } from '../base/scope.ts';
import type { HostReach, NodeNetwork } from '../node/network.ts';
import type { Runtime } from '../node/runtime.ts';
import type { Subnets } from './layout.ts';
import { simulatedSubnets } from './layout.ts';

/** What a cluster's nodes run on, and how they reach this process. */
export interface Machines {
  readonly runtime: Runtime;
  readonly subnets: Subnets;
  /** Absent where no packet flows. */
  readonly network?: NodeNetwork;
  readonly reach?: Reach;
}

/** The way from pods to this process. */
export interface Reach {
  /** Where the API server and the DNS server must listen for pods. */
  readonly listenOn: string;
  /** What pods are told; undefined where a node has to look it up. */
  readonly address: string | undefined;
  /** Tries it from inside a node. Throws what is in the way. */
  probe(node: string, ports: ReachPorts, signal: AbortSignal): Promise<HostReach>;
}

export interface ReachPorts {
  readonly apiPort: number;
  readonly dnsPort: number;
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
  return { runtime: new SimulatedRuntime({ clock: options.clock }), subnets };
}

/** Nodes that are containers: connects to the engine, makes the cluster's network and sees that the node image is there. */
export async function openDocker(options: MachineOptions): Promise<Machines> {
  const [{ connectEngine }, { DockerRuntime }, { ensureClusterNetwork }, { ensureNodeImage }, { planReach }] =
    await Promise.all([
      import('../engine/engine.ts'),
      import('../runtimes/docker/runtime.ts'),
      import('../runtimes/docker/network.ts'),
      import('../runtimes/docker/node-image.ts'),
      import('../runtimes/docker/host-reach.ts'),
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
  const plan = await planReach(network);
  return {
    runtime,
    network: runtime,
    subnets: network.subnets,
    reach: {
      listenOn: plan.listenOn,
      address: plan.address,
      probe: (node, ports, probeSignal) => runtime.probeHost(node, plan, ports, probeSignal),
    },
  };
}
