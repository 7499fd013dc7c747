import type { Plugin, Refusal } from '../plugin.ts';
import type { NodeTable } from '../state/node-table.ts';

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

/** The diagnosis when a plugin refuses a pod on every node for one reason. */
export function refusedEverywhere(plugin: Plugin, { reasons, unresolvable }: Refusal, nodes: NodeTable): Diagnosis {
  return {
    nodes: nodes.size,
    reasons: new Map(),
    resolvable: unresolvable ? [] : nodes.live(),
    plugins: new Set([plugin.name]),
    everywhere: reasons.join(', '),
  };
}

/** Collects refusals. */
export class Refused {
  readonly #plugins: readonly Plugin[];
  readonly #reasons = new Map<string, number>();
  readonly #refusing = new Set<string>();
  readonly #resolvable: number[] = [];

  /** `plugins` is the profile whose order numbers are noted. */
  constructor(plugins: readonly Plugin[]) {
    this.#plugins = plugins;
  }

  /** So many nodes gave these reasons. */
  note(order: number, { reasons }: Refusal, nodes: number): void {
    this.#refusing.add(this.#plugins[order]!.name);
    for (const reason of reasons) this.#count(reason, nodes);
  }

  /** Whether evicting pods from a node could help. */
  slot(slot: number, { unresolvable }: Refusal): void {
    if (!unresolvable) this.#resolvable.push(slot);
  }

  /** So many nodes did not come into question in the first place. */
  elsewhere(plugins: readonly string[], nodes: number): void {
    for (const plugin of plugins) this.#refusing.add(plugin);
    if (nodes > 0) this.#count(`node(s) didn't satisfy plugin(s) [${plugins.join(' ')}]`, nodes);
  }

  diagnosis(nodes: number, resolvable: readonly number[] = this.#resolvable): Diagnosis {
    return { nodes, reasons: this.#reasons, resolvable, plugins: this.#refusing };
  }

  #count(reason: string, nodes: number): void {
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + nodes);
  }
}
