import type { DomainRule, NodeFilter, Plugin, Slots } from '../plugin.ts';
import type { NodeTable } from '../state/node-table.ts';
import type { PodInfo } from '../state/pod-info.ts';
import type { World } from '../state/world.ts';
import { type Diagnosis, Refused, refusedEverywhere } from './diagnosis.ts';
import { broken, filterOf, said, scoresOf } from './judgement.ts';
import { PodClass } from './pod-class.ts';
import { enoughFeasible, Sampler } from './sampling.ts';
import { add, best, gather, passing, sieve, sift } from './sweep.ts';

export type Outcome =
  | { readonly node: string; readonly diagnosis?: undefined }
  | { readonly node?: undefined; readonly diagnosis: Diagnosis };

/** The nodes that would take a pod. Good until the table changes or the next cycle begins. */
export interface Feasible {
  slots(): Slots;
  /** The weighted sums of all scores of some of the slots, in their order. Good until the next call. */
  score(slots: Slots): Float64Array;
  /** One of the slots with the greatest sum, evenly by chance; undefined when there are no slots. */
  pick(random: () => number): number | undefined;
  /** Why the other nodes do not take it. */
  diagnose(): Diagnosis;
}

/** A plugin's filter for one pod, with its place in the order of the profile. */
interface Compiled {
  readonly order: number;
  readonly filter: NodeFilter;
  readonly rules?: readonly DomainRule[];
}

/** So many verdicts and scores of nodes are kept over all classes; a class more costs a node one of each. */
const maxKept = 2 ** 20;
const leastClasses = 16;

/**
 * The scheduling cycle of one profile: every node is filtered, every feasible one scored. What was found out about a
 * pod is kept for the next one that asks the same of nodes.
 */
export class Cycle {
  readonly #nodes: NodeTable;
  readonly #world: World;
  readonly #plugins: readonly Plugin[];
  readonly #signing: readonly Plugin[];
  /** Those that look at more than the pod and one node, or do not say what they look at. */
  readonly #unsigned: readonly Plugin[];
  /** In order of use, oldest first. */
  readonly #classes = new Map<string, PodClass>();
  /** Memory that every cycle uses again. */
  #slots = new Int32Array(0);
  #sums = new Float64Array(0);
  readonly #percentage: number;
  readonly #sampler = new Sampler();

  /**
   * `plugins` in order: a node is judged by the first one that refuses it. `percentage` of all nodes are enough to choose
   * from; 0 for all that are feasible.
   */
  constructor(nodes: NodeTable, world: World, plugins: readonly Plugin[], percentage = 0) {
    this.#percentage = percentage;
    this.#nodes = nodes;
    this.#world = world;
    this.#plugins = plugins;
    this.#signing = plugins.filter(({ sign }) => sign);
    this.#unsigned = plugins.filter(({ sign }) => !sign);
  }

  /** Chooses a node for a pod; chance decides between equals. Throws `PluginError`. */
  place(pod: PodInfo, random: () => number): Outcome {
    const wanted = this.nominee(pod);
    if (wanted) return { node: wanted };
    const { pick, diagnose } = this.feasible(pod);
    const slot = pick(random);
    return slot === undefined ? { diagnosis: diagnose() } : { node: this.#nodes.slots[slot]!.name };
  }

  /** The node that was promised to the pod, if it does. Throws `PluginError`. */
  nominee(pod: PodInfo): string | undefined {
    const name = pod.pod.status?.nominatedNodeName;
    const slot = name ? this.#nodes.slotOf(name) : undefined;
    return slot !== undefined && !this.judge(pod)(slot) ? name : undefined;
  }

  /** Filters all nodes. Throws `PluginError`. */
  feasible(pod: PodInfo): Feasible {
    const few = this.#narrow(pod);
    const others = this.#compile(pod, few ? this.#plugins : this.#unsigned);
    if (!Array.isArray(others)) return nowhere(others);
    if (few) return this.#among(pod, few.slots, few.plugins, others);
    const known = this.#classOf(pod);
    let found: Slots | undefined;
    const slots = () => (found ??= this.#sampler.pick(this.#sweep(known, others), this.#enough));
    const score = (some: Slots) => this.#totals(pod, known, some);
    const kept = this.#percentage === 0 && others.length === 0 && known.absolute && !this.#compares(pod);
    return {
      slots,
      score,
      pick: (random) => (kept ? known.pick(random) : bestOf(slots(), score, random)),
      diagnose: () => this.#diagnose(known, others),
    };
  }

  /**
   * Compiles a pod to a judgement of single slots: why not, if not. It follows the table: pods may come and go between two
   * calls.
   */
  judge(pod: PodInfo): NodeFilter {
    const { filters } = this.#classOf(pod);
    return (slot) => {
      for (const { filter } of filters) {
        const refusal = filter(slot);
        if (refusal) return refusal;
      }
      for (const plugin of this.#unsigned) {
        const refusal = said(filterOf(plugin, pod, this.#nodes, this.#world), slot);
        if (refusal) return refusal;
      }
      return undefined;
    };
  }

  /** How many feasible nodes are enough. */
  get #enough(): number {
    return enoughFeasible(this.#nodes.size, this.#percentage);
  }

  /** What nodes are judged by for a pod, when nothing counts besides that and the one node; else undefined. */
  kindOf(pod: PodInfo): string | undefined {
    const others = this.#compile(pod, this.#unsigned);
    return Array.isArray(others) && others.length === 0 ? this.#signature(pod) : undefined;
  }

  #signature(pod: PodInfo): string {
    return JSON.stringify(this.#signing.map((plugin) => plugin.sign!(pod)));
  }

  #classOf(pod: PodInfo): PodClass {
    const signature = this.#signature(pod);
    let known = this.#classes.get(signature);
    if (known) this.#classes.delete(signature);
    else known = new PodClass(pod, this.#nodes, this.#world, this.#plugins);
    this.#classes.set(signature, known);
    const most = Math.max(leastClasses, Math.floor(maxKept / (this.#nodes.slots.length + 1)));
    for (const oldest of this.#classes.keys()) {
      if (this.#classes.size <= most) break;
      this.#classes.delete(oldest);
    }
    known.refresh();
    return known;
  }

  /** What plugins say of a pod at this moment; a diagnosis when one of them refuses it everywhere. */
  #compile(pod: PodInfo, plugins: readonly Plugin[]): Compiled[] | Diagnosis {
    const found: Compiled[] = [];
    for (const plugin of plugins) {
      const order = this.#plugins.indexOf(plugin);
      const rules = plugin.rules?.(pod, this.#nodes, this.#world);
      if (rules?.length) found.push({ order, rules, filter: (slot) => broken(rules, slot) });
      const filter = plugin.filter?.(pod, this.#nodes, this.#world);
      if (typeof filter === 'function') found.push({ order, filter });
      else if (filter) return refusedEverywhere(plugin, filter, this.#nodes);
    }
    return found;
  }

  #sweep({ verdicts }: PodClass, others: readonly Compiled[]): Int32Array {
    const { length } = this.#nodes.slots;
    if (this.#slots.length < length) this.#slots = new Int32Array(2 * length);
    const slots = this.#slots;
    let count = passing(verdicts, length, slots);
    for (const { rules, filter } of others) {
      if (rules) for (const rule of rules) count = sieve(slots, count, rule);
      else count = sift(slots, count, filter);
    }
    return slots.subarray(0, count);
  }

  #totals(pod: PodInfo, known: PodClass, slots: Slots): Float64Array {
    if (this.#sums.length < slots.length) this.#sums = new Float64Array(2 * slots.length);
    const totals = this.#sums.subarray(0, slots.length);
    gather(known.scores, slots, totals);
    for (const { different, values, normalize, weight } of known.relative) {
      if (different === 0) continue;
      const scores = new Float64Array(slots.length);
      gather(values, slots, scores);
      normalize(scores);
      add(totals, scores, weight);
    }
    return this.#addScores(pod, slots, totals, this.#unsigned);
  }

  /** Whether some plugin has an opinion that is not kept with the class. */
  #compares(pod: PodInfo): boolean {
    return this.#unsigned.some((plugin) => plugin.score?.(pod, this.#nodes, [], this.#world) ?? plugin.rate);
  }

  #addScores(pod: PodInfo, slots: Slots, totals: Float64Array, plugins: readonly Plugin[]): Float64Array {
    for (const plugin of plugins) {
      const scores = scoresOf(plugin, pod, this.#nodes, slots, this.#world);
      if (scores) add(totals, scores, plugin.weight ?? 1);
    }
    return totals;
  }

  #diagnose(known: PodClass, others: readonly Compiled[]): Diagnosis {
    const refused = new Refused(this.#plugins);
    if (others.length === 0) {
      for (const { order, refusal, nodes } of known.refusals) refused.note(order, refusal, nodes);
      return refused.diagnosis(this.#nodes.size, known.resolvable());
    }
    for (const slot of this.#nodes.live()) {
      const own = known.refusalOf(slot);
      const first = firstOf(others, slot, own?.order) ?? own;
      if (!first) continue;
      refused.note(first.order, first.refusal, 1);
      refused.slot(slot, first.refusal);
    }
    return refused.diagnosis(this.#nodes.size);
  }

  /** The only slots in question, if some plugin says that there are few, and the plugins that say so. */
  #narrow(pod: PodInfo): { readonly slots: readonly number[]; readonly plugins: readonly string[] } | undefined {
    let slots: readonly number[] | undefined;
    const plugins: string[] = [];
    for (const plugin of this.#plugins) {
      const few = plugin.narrow?.(pod, this.#nodes);
      if (!few) continue;
      plugins.push(plugin.name);
      slots = slots ? slots.filter((slot) => few.includes(slot)) : few;
    }
    return slots && { slots, plugins: plugins.sort() };
  }

  /** Filters few nodes: each is judged from scratch, and nothing is kept. */
  #among(pod: PodInfo, few: readonly number[], plugins: readonly string[], filters: readonly Compiled[]): Feasible {
    const refused = new Refused(this.#plugins);
    const slots = few.filter((slot) => {
      const first = firstOf(filters, slot);
      if (!first) return true;
      refused.note(first.order, first.refusal, 1);
      refused.slot(slot, first.refusal);
      return false;
    });
    const score = (some: Slots) => this.#addScores(pod, some, new Float64Array(some.length), this.#plugins);
    return {
      slots: () => slots,
      score,
      pick: (random) => bestOf(slots, score, random),
      diagnose: () => {
        refused.elsewhere(plugins, this.#nodes.size - few.length);
        return refused.diagnosis(this.#nodes.size);
      },
    };
  }
}

/** The best of some slots, of which there may be none, or one that needs no score. */
function bestOf(slots: Slots, score: (slots: Slots) => Float64Array, random: () => number): number | undefined {
  return slots.length <= 1 ? slots[0] : best(slots, score(slots), random);
}

const nowhere = (diagnosis: Diagnosis): Feasible => ({
  slots: () => [],
  score: () => new Float64Array(0),
  pick: () => undefined,
  diagnose: () => diagnosis,
});

/** The first refusal of a slot by filters that come before `limit` in order. */
function firstOf(filters: readonly Compiled[], slot: number, limit = Number.POSITIVE_INFINITY) {
  for (const { order, filter } of filters) {
    if (order > limit) return undefined;
    const refusal = filter(slot);
    if (refusal) return { order, refusal };
  }
  return undefined;
}
