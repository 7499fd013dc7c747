import type { NodeFilter, NodeScore, Plugin, Refusal } from '../plugin.ts';
import type { NodeTable } from '../state/node-table.ts';
import type { PodInfo } from '../state/pod-info.ts';
import type { World } from '../state/world.ts';
import { BestSlots } from './best-slots.ts';
import { said } from './judgement.ts';

interface Filtering {
  /** Which plugin it is, in the order of the profile. */
  readonly order: number;
  readonly filter: NodeFilter;
}

interface Rating {
  readonly weight: number;
  readonly rate: NodeScore;
}

/** Scores that mean something only beside those of the other feasible nodes. */
export interface RelativeScores extends Rating {
  readonly normalize: (scores: Float64Array) => void;
  /** By slot. */
  readonly values: Float64Array;
  /** How many of them are not zero. */
  different: number;
}

/** One reason why nodes do not take pods of the class, and of how many nodes it is the first. */
export interface ClassRefusal {
  readonly order: number;
  readonly refusal: Refusal;
  nodes: number;
}

/** With more reasons than this, those that no longer apply are thrown out. */
const maxRefusals = 1000;
/** There is no node in the slot. */
const nobody = 1;

/**
 * Pods that ask the same of single nodes, and what the signing plugins of a profile say of every node about them. Kept
 * from pod to pod: only nodes that changed meanwhile are judged anew.
 */
export class PodClass {
  readonly #nodes: NodeTable;
  readonly #filters: readonly Filtering[];
  readonly #ratings: readonly Rating[];
  readonly relative: readonly RelativeScores[];
  /** By slot: 0 where all the plugins let the pods in, else what `refusalOf` explains. */
  verdicts = new Uint16Array(0);
  /** The weighted sum of all final scores, by slot. */
  scores = new Float64Array(0);
  readonly #best = new BestSlots();
  #refusals: ClassRefusal[] = [];
  #seen = -1;

  constructor(pod: PodInfo, nodes: NodeTable, world: World, plugins: readonly Plugin[]) {
    this.#nodes = nodes;
    const filters: Filtering[] = [];
    const ratings: Rating[] = [];
    const relative: RelativeScores[] = [];
    plugins.forEach((plugin, order) => {
      if (!plugin.sign) return;
      const filter = plugin.filter?.(pod, nodes, world);
      if (filter) filters.push({ order, filter: (slot) => said(filter, slot) });
      const rate = plugin.rate?.(pod, nodes, world);
      if (!rate) return;
      const { weight = 1, normalize } = plugin;
      if (normalize) relative.push({ weight, rate, normalize, values: new Float64Array(0), different: 0 });
      else ratings.push({ weight, rate });
    });
    this.#filters = filters;
    this.#ratings = ratings;
    this.relative = relative;
  }

  get filters(): readonly Filtering[] {
    return this.#filters;
  }

  /** Every reason for which some node does not take pods of the class. */
  get refusals(): readonly ClassRefusal[] {
    return this.#refusals.filter(({ nodes }) => nodes > 0);
  }

  /** The first refusal of a node; undefined when all plugins let the pods in. */
  refusalOf(slot: number): ClassRefusal | undefined {
    const verdict = this.verdicts[slot]!;
    return verdict > nobody ? this.#refusals[verdict - nobody - 1] : undefined;
  }

  /** The slots of refused nodes where evicting pods could help. */
  resolvable(): number[] {
    const helps = Uint8Array.from([0, 0, ...this.#refusals.map(({ refusal }) => Number(!refusal.unresolvable))]);
    const slots: number[] = [];
    for (let slot = 0; slot < this.verdicts.length; slot++) if (helps[this.verdicts[slot]!]) slots.push(slot);
    return slots;
  }

  /** Whether the final scores say all that the signing plugins have to say of feasible nodes. */
  get absolute(): boolean {
    return this.relative.every(({ different }) => different === 0);
  }

  /** One of the feasible slots with the greatest final score, evenly by chance. */
  pick(random: () => number): number | undefined {
    return this.#best.pick(this, this.#nodes.slots.length, random);
  }

  /** Brings everything up to date with the nodes. */
  refresh(): void {
    const { changes, slots } = this.#nodes;
    const fresh = this.#seen < 0 || this.#refusals.length > maxRefusals;
    if (!fresh) this.#reach(slots.length);
    if (fresh || !changes.since(this.#seen, (slot) => this.#judge(slot))) this.#judgeAll();
    this.#seen = changes.end;
  }

  #judgeAll(): void {
    const { length } = this.#nodes.slots;
    this.verdicts = new Uint16Array(length).fill(nobody);
    this.scores = new Float64Array(length);
    this.#refusals = [];
    this.#best.forget();
    for (const relative of this.relative) Object.assign(relative, { values: new Float64Array(length), different: 0 });
    for (let slot = 0; slot < length; slot++) this.#judge(slot);
  }

  #reach(slots: number): void {
    if (slots <= this.verdicts.length) return;
    const length = Math.max(slots, 2 * this.verdicts.length);
    const verdicts = new Uint16Array(length).fill(nobody);
    verdicts.set(this.verdicts);
    this.verdicts = verdicts;
    this.scores = grown(this.scores, length);
    for (const relative of this.relative) Object.assign(relative, { values: grown(relative.values, length) });
  }

  #judge(slot: number): void {
    const before = this.refusalOf(slot);
    if (before) before.nodes--;
    this.verdicts[slot] = this.#verdict(slot);
    const fits = this.verdicts[slot] === 0;
    let score = 0;
    if (fits) for (const { weight, rate } of this.#ratings) score += weight * rate(slot);
    this.scores[slot] = score;
    if (fits) this.#best.note(slot, score);
    for (const relative of this.relative) {
      const value = fits ? relative.rate(slot) : 0;
      relative.different += Number(value !== 0) - Number(relative.values[slot] !== 0);
      relative.values[slot] = value;
    }
  }

  #verdict(slot: number): number {
    if (!this.#nodes.slots[slot]?.node) return nobody;
    for (const { order, filter } of this.#filters) {
      const refusal = filter(slot);
      if (!refusal) continue;
      let at = this.#refusals.findIndex((known) => known.refusal === refusal && known.order === order);
      if (at < 0) at = this.#refusals.push({ order, refusal, nodes: 0 }) - 1;
      this.#refusals[at]!.nodes++;
      return nobody + 1 + at;
    }
    return 0;
  }
}

function grown(values: Float64Array, length: number) {
  const larger = new Float64Array(length);
  larger.set(values);
  return larger;
}
