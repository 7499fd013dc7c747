import type { NodeTable } from './node-table.ts';
import type { NodeFilter, Plugin, Refusal, World } from './plugin.ts';
import type { PodInfo } from './pod-info.ts';

/** Why no node takes a pod. */
export interface Diagnosis {
  readonly nodes: number;
  /** How many nodes gave each reason. */
  readonly reasons: ReadonlyMap<string, number>;
  /** The slots of nodes where evicting other pods could help. */
  readonly resolvable: readonly number[];
  /** The plugins that refused. */
  readonly plugins: ReadonlySet<string>;
  /** The one reason that holds on every node, when a plugin refused the pod before looking at any. */
  readonly everywhere?: string;
}

export type Outcome =
  | { readonly node: string; readonly diagnosis?: undefined }
  | { readonly node?: undefined; readonly diagnosis: Diagnosis };

interface Compiled {
  readonly plugin: Plugin;
  readonly filter: NodeFilter;
}

/** One scheduling cycle: every node is filtered, every feasible one scored; chance decides between equals. Throws `PluginError`. */
export function place(
  pod: PodInfo,
  nodes: NodeTable,
  world: World,
  plugins: readonly Plugin[],
  random: () => number,
): Outcome {
  const filters: Compiled[] = [];
  for (const plugin of plugins) {
    const filter = plugin.filter?.(pod, nodes, world);
    if (!filter) continue;
    if (typeof filter !== 'function') return { diagnosis: refusedEverywhere(plugin, filter, nodes) };
    filters.push({ plugin, filter });
  }
  const feasible: number[] = [];
  const refused = new Refused();
  for (let slot = 0; slot < nodes.slots.length; slot++) {
    if (!nodes.slots[slot]?.node) continue;
    if (passes(slot, filters, refused)) feasible.push(slot);
  }
  if (feasible.length === 0) return { diagnosis: refused.diagnosis(nodes.size) };
  const slot = feasible.length === 1 ? feasible[0]! : best(pod, nodes, world, plugins, feasible, random);
  return { node: nodes.slots[slot]!.name };
}

function refusedEverywhere(plugin: Plugin, { reasons, unresolvable }: Refusal, nodes: NodeTable): Diagnosis {
  return {
    nodes: nodes.size,
    reasons: new Map(),
    resolvable: unresolvable ? [] : nodes.live(),
    plugins: new Set([plugin.name]),
    everywhere: reasons.join(', '),
  };
}

function passes(slot: number, filters: readonly Compiled[], refused: Refused): boolean {
  for (const { plugin, filter } of filters) {
    const refusal = filter(slot);
    if (!refusal) continue;
    refused.note(plugin, refusal, slot);
    return false;
  }
  return true;
}

function best(
  pod: PodInfo,
  nodes: NodeTable,
  world: World,
  plugins: readonly Plugin[],
  feasible: readonly number[],
  random: () => number,
): number {
  const totals = new Float64Array(feasible.length);
  for (const plugin of plugins) {
    const scores = plugin.score?.(pod, nodes, feasible, world);
    if (!scores) continue;
    const weight = plugin.weight ?? 1;
    for (let i = 0; i < totals.length; i++) totals[i]! += weight * scores[i]!;
  }
  let chosen = 0;
  let equals = 1;
  for (let i = 1; i < totals.length; i++) {
    if (totals[i]! > totals[chosen]!) {
      chosen = i;
      equals = 1;
    } else if (totals[i] === totals[chosen] && random() * ++equals < 1) chosen = i;
  }
  return feasible[chosen]!;
}

/** Collects refusals. */
class Refused {
  readonly #reasons = new Map<string, number>();
  readonly #plugins = new Set<string>();
  readonly #resolvable: number[] = [];

  note(plugin: Plugin, refusal: Refusal, slot: number): void {
    this.#plugins.add(plugin.name);
    if (!refusal.unresolvable) this.#resolvable.push(slot);
    for (const reason of refusal.reasons) this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
  }

  diagnosis(nodes: number): Diagnosis {
    return { nodes, reasons: this.#reasons, resolvable: this.#resolvable, plugins: this.#plugins };
  }
}
