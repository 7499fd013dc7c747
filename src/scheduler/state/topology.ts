/** The values of one label over all nodes, as numbers. */
export interface Topology {
  readonly key: string;
  /** By slot; -1 where the node has no such label. */
  readonly ids: Int32Array;
  /** How many different values there are: ids are below it. */
  readonly size: number;
}

/** Some of the nodes, by slot. */
export interface NodeMask {
  readonly name: string;
  readonly bits: Uint8Array;
}

/** What topologies read of a slot. */
interface Labelled {
  readonly node: unknown;
  readonly labels: Readonly<Record<string, string>>;
}

/** More masks than this are not kept. */
const maxMasks = 64;

/** Topologies and masks of the nodes as they are now: objects of their own for each state, so that who kept one sees. */
export class Topologies {
  readonly #byKey = new Map<string, Topology>();
  readonly #masks = new Map<string, NodeMask>();

  /** Nodes came or went, or changed their labels or taints. */
  clear(): void {
    this.#byKey.clear();
    this.#masks.clear();
  }

  of(key: string, slots: readonly (Labelled | undefined)[]): Topology {
    let topology = this.#byKey.get(key);
    if (topology) return topology;
    const values = new Map<string, number>();
    const ids = new Int32Array(slots.length).fill(-1);
    slots.forEach((entry, slot) => {
      if (!entry?.node || !Object.hasOwn(entry.labels, key)) return;
      const value = entry.labels[key]!;
      let id = values.get(value);
      if (id === undefined) values.set(value, (id = values.size));
      ids[slot] = id;
    });
    this.#byKey.set(key, (topology = { key, ids, size: values.size }));
    return topology;
  }

  /** The nodes that a test holds for. The name must say all that the test depends on besides the nodes. */
  mask(name: string, slots: readonly (Labelled | undefined)[], test: (slot: number) => boolean): NodeMask {
    let mask = this.#masks.get(name);
    if (mask) return mask;
    const bits = new Uint8Array(slots.length);
    slots.forEach((entry, slot) => {
      if (entry?.node && test(slot)) bits[slot] = 1;
    });
    if (this.#masks.size >= maxMasks) this.#masks.clear();
    this.#masks.set(name, (mask = { name, bits }));
    return mask;
  }
}
