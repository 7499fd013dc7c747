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
  /** What runs the simulated nodes; the same where all nodes are. */
  readonly simulated: Runtime;
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
  readonly assets: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly scope: Scope;
}

/** The cluster whose machines are opened. */
export interface MachineOwner {
  readonly name: string;
  readonly uid: string;
  /** The ranges the cluster lives in since its first start. */
  readonly stored: Subnets | undefined;
}

/** Opens the machines of a cluster; may be called as soon as the cluster is sure to start. */
export type OpenMachines = (owner: MachineOwner) => Promise<Machines>;

/** Nodes without machines. */
export function prepareSimulated({ clock }: MachineOptions): OpenMachines {
  const loading = import('../runtimes/simulated/runtime.ts');
  loading.catch(() => undefined);
  return async ({ stored }) => {
    const { SimulatedRuntime } = await loading;
    const runtime = new SimulatedRuntime({ clock });
    return { runtime, simulated: runtime, subnets: stored ?? simulatedSubnets };
  };
}

/**
 * Nodes that are containers: connects to the engine and sees that the node image is there, while the cluster's store
 * and keys are still being opened; makes the cluster's network when asked to open.
 */
export function prepareDocker(options: MachineOptions): OpenMachines {
  const prepared = connect(options);
  // Whoever opens gets the error.
  prepared.catch(() => undefined);
  return async (owner) => openDocker(options, owner, await prepared);
}

async function connect({ assets, clock, scope: { signal } }: MachineOptions) {
  const [{ connectEngine }, { ensureNodeImage }] = await Promise.all([
    import('../engine/connect.ts'),
    import('../runtimes/docker/node-image.ts'),
  ]);
  const engine = await connectEngine(clock, signal);
  const loading = Promise.all([
    import('../runtimes/docker/runtime.ts'),
    import('../runtimes/docker/network.ts'),
    import('../runtimes/docker/host-reach.ts'),
    import('../runtimes/simulated/runtime.ts'),
  ]);
  const [info, nodeImage, modules] = await Promise.all([
    engine.info(signal),
    ensureNodeImage(engine, assets, signal),
    loading,
  ]);
  return { engine, info, nodeImage, modules };
}

async function openDocker(
  { clock, log, scope }: MachineOptions,
  { name, uid, stored }: MachineOwner,
  { engine, info, nodeImage, modules }: Awaited<ReturnType<typeof connect>>,
): Promise<Machines> {
  const [{ DockerRuntime }, { ensureClusterNetwork }, { planReach }, { SimulatedRuntime }] = modules;
  const { signal } = scope;
  const cluster = { name, uid };
  const network = await ensureClusterNetwork(engine, cluster, stored, signal);
  const runtime = await DockerRuntime.open({ engine, cluster, network, nodeImage, info, clock, log, scope }, signal);
  const plan = await planReach(network);
  return {
    runtime,
    simulated: new SimulatedRuntime({ clock }),
    network: runtime,
    subnets: network.subnets,
    reach: {
      listenOn: plan.listenOn,
      address: plan.address,
      probe: (node, ports, probeSignal) => runtime.probeHost(node, plan, ports, probeSignal),
    },
  };
}
