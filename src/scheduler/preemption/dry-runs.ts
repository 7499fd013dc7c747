import type { NodeTable } from '../state/node-table.ts';
import type { DryRun } from './preemption.ts';

/** By slot: what came of it, and the last change of the slot then. */
interface Kept {
  readonly results: ReturnType<DryRun>[];
  readonly changes: number[];
}

/** Pods of more kinds than this are not remembered at once. */
const maxKinds = 16;

/** What came of evicting pods from nodes for the sake of one, as long as the node has not changed. */
export class DryRuns {
  readonly #nodes: NodeTable;
  readonly #kinds = new Map<string, Kept>();

  constructor(nodes: NodeTable) {
    this.#nodes = nodes;
  }

  /** Runs dry what has not been kept of pods of the kind; `kind` must say all that matters besides the node. */
  of(kind: string, run: DryRun): DryRun {
    let kept = this.#kinds.get(kind);
    if (!kept) {
      if (this.#kinds.size >= maxKinds) this.#kinds.clear();
      this.#kinds.set(kind, (kept = { results: [], changes: [] }));
    }
    const { results, changes } = kept;
    const log = this.#nodes.changes;
    return (slot) => {
      if (changes[slot] === log.lastOf(slot)) return results[slot]!;
      const result = run(slot);
      results[slot] = result;
      changes[slot] = log.lastOf(slot);
      return result;
    };
  }
}
