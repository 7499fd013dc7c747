import type { DomainRule, NodeFilter, Plugin, Refusal, Slots } from '../plugin.ts';
import type { NodeTable } from '../state/node-table.ts';
import type { PodInfo } from '../state/pod-info.ts';
import type { World } from '../state/world.ts';

/** What a plugin says of a pod on one node, whichever way it is written; undefined when it lets the pod in anywhere. */
export function filterOf(
  plugin: Plugin,
  pod: PodInfo,
  nodes: NodeTable,
  world: World,
): NodeFilter | Refusal | undefined {
  if (plugin.filter) return plugin.filter(pod, nodes, world);
  const rules = plugin.rules?.(pod, nodes, world);
  return rules?.length ? (slot) => broken(rules, slot) : undefined;
}

/** What such a filter says of a slot. */
export function said(filter: NodeFilter | Refusal | undefined, slot: number): Refusal | undefined {
  return typeof filter === 'function' ? filter(slot) : filter;
}

/** What the first of some rules says that a slot breaks. */
export function broken(rules: readonly DomainRule[], slot: number): Refusal | undefined {
  for (const { topology, counts, least, most, refusal, unlabelled } of rules) {
    const id = topology.ids[slot]!;
    if (id < 0) {
      if (unlabelled) return unlabelled;
    } else if (counts[id]! < least || counts[id]! > most) return refusal;
  }
  return undefined;
}

/** The scores a plugin gives to feasible slots, 0 to 100; undefined when it has no opinion. */
export function scoresOf(
  plugin: Plugin,
  pod: PodInfo,
  nodes: NodeTable,
  feasible: Slots,
  world: World,
): Float64Array | undefined {
  if (plugin.score) return plugin.score(pod, nodes, feasible, world);
  const rate = plugin.rate?.(pod, nodes, world);
  if (!rate) return undefined;
  const scores = new Float64Array(feasible.length);
  for (let i = 0; i < feasible.length; i++) scores[i] = rate(feasible[i]!);
  plugin.normalize?.(scores);
  return scores;
}
