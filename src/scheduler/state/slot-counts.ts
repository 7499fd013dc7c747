import type { NodeMask, Topology } from './topology.ts';

/** Counts by topology value. */
export interface DomainCounts {
  /** By the topology's ids; -1 where no node that counts has the value. */
  readonly values: Int32Array;
  /** The sum over all values. */
  total: number;
}

interface Sum extends DomainCounts {
  readonly topology: Topology;
  readonly mask: NodeMask | undefined;
}

/** More sums of one count than this are not kept. */
const maxSums = 16;

/**
 * How many pods of some sort are on each node, and how many in each topology domain somebody asked about. Kept up to
 * date with every pod that comes and goes; counted over only when nodes change their labels.
 */
export class SlotCounts {
  /** By slot. May be longer than there are slots. */
  bySlot = new Int32Array(16);
  #sums: Sum[] = [];

  /** Makes sure that `bySlot` reaches so many slots. */
  reach(slots: number): void {
    if (slots <= this.bySlot.length) return;
    const larger = new Int32Array(Math.max(slots, 2 * this.bySlot.length));
    larger.set(this.bySlot);
    this.bySlot = larger;
  }

  add(slot: number, by: number): void {
    this.reach(slot + 1);
    this.bySlot[slot]! += by;
    for (const sum of this.#sums) {
      // A sum over nodes as they were before is made anew when somebody asks; until then slots may be missing.
      const id = sum.topology.ids[slot] ?? -1;
      if (id < 0 || (sum.mask && !sum.mask.bits[slot])) continue;
      sum.values[id]! += by;
      sum.total += by;
    }
  }

  /** The counts by topology value, over the nodes of the mask or all. Live: they follow the pods until nodes change. */
  by(topology: Topology, mask?: NodeMask): DomainCounts {
    const { key } = topology;
    let sum = this.#sums.find((known) => known.topology.key === key && known.mask?.name === mask?.name);
    if (sum && sum.topology === topology && sum.mask === mask) return sum;
    if (sum) this.#sums.splice(this.#sums.indexOf(sum), 1);
    else if (this.#sums.length >= maxSums) this.#sums.shift();
    sum = this.#sum(topology, mask);
    this.#sums.push(sum);
    return sum;
  }

  #sum(topology: Topology, mask: NodeMask | undefined): Sum {
    const { ids, size } = topology;
    const values = new Int32Array(size).fill(-1);
    this.reach(ids.length);
    let total = 0;
    for (let slot = 0; slot < ids.length; slot++) {
      const id = ids[slot]!;
      if (id < 0 || (mask && !mask.bits[slot])) continue;
      const count = this.bySlot[slot]!;
      values[id] = Math.max(values[id]!, 0) + count;
      total += count;
    }
    return { topology, mask, values, total };
  }
}
