import { readFile } from 'node:fs/promises';
import type { Engine } from '../../engine/engine.ts';
import { EngineError } from '../../engine/errors.ts';
import type { NetworkInspect } from '../../engine/types.ts';
import { destroyCluster } from './destroy.ts';
import { type ClusterIdentity, label, networkName } from './names.ts';
import { chooseSubnets, parseRoutes, rangeOf, type Subnets, toAddress } from './subnets.ts';

/** The Docker network of a cluster. */
export interface ClusterNetwork {
  readonly id: string;
  readonly name: string;
  /** The host's own address on it. */
  readonly gateway: string;
  readonly subnets: Subnets;
}

const gatewayOf = (cidr: string) => toAddress(rangeOf(cidr).first + 1);

/** What the host and the engine use already. */
async function takenRanges(engine: Engine, signal: AbortSignal): Promise<string[]> {
  const networks = await engine.networks.list({}, signal);
  const subnets = networks.flatMap((n) => (n.IPAM.Config ?? []).map((c) => c.Subnet ?? ''));
  const routes = await readFile('/proc/net/route', 'utf8').catch(() => '');
  return [...subnets, ...parseRoutes(routes)].filter((cidr) => /^\d+\.\d+\.\d+\.\d+\/\d+$/.test(cidr));
}

/**
 * The cluster's network, made when it does not exist. `stored` are the ranges the cluster already lives in; without
 * them, free ones are chosen and must be stored by the caller.
 */
export async function ensureClusterNetwork(
  engine: Engine,
  cluster: ClusterIdentity,
  stored: Subnets | undefined,
  signal: AbortSignal,
): Promise<ClusterNetwork> {
  const name = networkName(cluster.name);
  let existing = await engine.networks.inspect(name, signal);
  if (existing && isLeftover(existing, cluster)) {
    // Of an earlier cluster of this name, whose data folder is gone: its nodes and pods belong to nobody.
    await destroyCluster(engine, cluster.name, signal);
    existing = undefined;
  }
  if (existing) return adopt(existing, cluster, stored, engine, signal);
  const taken = await takenRanges(engine, signal);
  for (;;) {
    const subnets = stored ?? chooseSubnets(taken);
    const gateway = gatewayOf(subnets.nodes);
    const labels = { [label.cluster]: cluster.name, [label.clusterUid]: cluster.uid };
    try {
      const id = await engine.networks.create(name, { subnet: subnets.nodes, gateway, labels }, signal);
      return { id, name, gateway, subnets };
    } catch (error) {
      if (!(error instanceof EngineError) || !/overlaps/i.test(error.message)) throw error;
      if (stored) {
        const problem = `the cluster's network ${stored.nodes} overlaps with another Docker network; remove that network, or delete the cluster`;
        throw new Error(problem, { cause: error });
      }
      taken.push(subnets.nodes);
    }
  }
}

function isLeftover(existing: NetworkInspect, cluster: ClusterIdentity): boolean {
  const labels = existing.Labels ?? {};
  return labels[label.cluster] === cluster.name && labels[label.clusterUid] !== cluster.uid;
}

async function adopt(
  existing: NetworkInspect,
  cluster: ClusterIdentity,
  stored: Subnets | undefined,
  engine: Engine,
  signal: AbortSignal,
): Promise<ClusterNetwork> {
  if (existing.Labels?.[label.cluster] !== cluster.name) {
    throw new Error(`a Docker network named ${existing.Name} exists and is not krill's; remove or rename it`);
  }
  const config = existing.IPAM.Config?.[0];
  const nodes = config?.Subnet ?? '';
  if (stored && stored.nodes !== nodes) {
    throw new Error(
      `the Docker network ${existing.Name} has the range ${nodes}, but the cluster was made with ${stored.nodes}`,
    );
  }
  const others = stored ? [] : (await takenRanges(engine, signal)).filter((cidr) => cidr !== nodes);
  const subnets = stored ?? chooseSubnets(others, { nodes });
  return { id: existing.Id, name: existing.Name, gateway: config?.Gateway || gatewayOf(nodes), subnets };
}
