import { parseQuantity } from '../../api/quantity.ts';
import type { Node } from '../../api/types/core-v1.gen.ts';
import type { Informer } from '../../client/informer.ts';
import { isNodeReady } from '../node-state.ts';

/** By zone, its share of the CPU of all nodes. */
export type ZoneShares = ReadonlyMap<string, number>;

export const zoneLabel = 'topology.kubernetes.io/zone';
export const zoneOfNode = ({ metadata }: Node): string | undefined => metadata.labels?.[zoneLabel];
/** Nodes that do not count: pods are seldom there. */
const excluded = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

/**
 * How the CPU of the ready nodes is spread over zones; undefined when a node does not tell its zone or CPU, or all are in
 * one zone. Source: topologycache SetNodes.
 */
export function zoneShares(nodes: Iterable<Node>): ZoneShares | undefined {
  const cpus = new Map<string, number>();
  let total = 0;
  for (const node of nodes) {
    if (!counts(node)) continue;
    const [zone, cpu] = [zoneOfNode(node), cpuOf(node)];
    if (!zone || cpu === 0) return undefined;
    cpus.set(zone, (cpus.get(zone) ?? 0) + cpu);
    total += cpu;
  }
  return cpus.size < 2 ? undefined : new Map([...cpus].map(([zone, cpu]) => [zone, cpu / total]));
}

const counts = (node: Node) =>
  isNodeReady(node) && !excluded.some((label) => Object.hasOwn(node.metadata.labels ?? {}, label));
const cpuOf = ({ status }: Node) => Number(parseQuantity(status?.allocatable?.['cpu'] ?? '0').nano);
/** What of a node the shares depend on. */
const aspects = (node: Node) => `${counts(node)} ${zoneOfNode(node)} ${node.status?.allocatable?.['cpu']}`;

/** The shares as the nodes are now, worked out when somebody asks after a change. */
export class ZoneSharesCache {
  readonly #nodes: Informer<Node>;
  #known: { readonly shares: ZoneShares | undefined } | undefined;

  /** `onChange` is called when they may have changed. */
  constructor(nodes: Informer<Node>, onChange: () => void) {
    this.#nodes = nodes;
    const changed = () => {
      // Who has not asked since the last change need not be told again.
      if (!this.#known) return;
      this.#known = undefined;
      onChange();
    };
    nodes.on({
      added: changed,
      updated: (old, node) => {
        if (aspects(old) !== aspects(node)) changed();
      },
      deleted: changed,
    });
  }

  get shares(): ZoneShares | undefined {
    this.#known ??= { shares: zoneShares(this.#nodes.values()) };
    return this.#known.shares;
  }
}
