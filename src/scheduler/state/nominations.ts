import type { NodeTable } from './node-table.ts';
import type { PodInfo } from './pod-info.ts';

interface Nomination {
  readonly info: PodInfo;
  readonly node: string;
}

/**
 * Pods waiting for others to leave the node they are to have. Those that matter to the pod under consideration count in
 * the table; as pods of one priority come after one another, that seldom changes.
 */
export class Nominations {
  readonly #nodes: NodeTable;
  readonly #pods = new Map<string, Nomination>();
  /** The pods that count in the table: all of at least this priority, unless they are there in their own right. */
  readonly #counted = new Set<string>();
  #priority = Number.POSITIVE_INFINITY;

  constructor(nodes: NodeTable) {
    this.#nodes = nodes;
  }

  set(info: PodInfo, node: string): void {
    this.#withdraw(info.uid);
    const nomination = { info, node };
    this.#pods.set(info.uid, nomination);
    if (info.priority >= this.#priority) this.#count(nomination);
  }

  /** Whether there was one. */
  delete(uid: string): boolean {
    this.#withdraw(uid);
    return this.#pods.delete(uid);
  }

  /** Does some work as if the room made for others were taken already, unless they are less important than the pod. */
  respecting<T>(info: PodInfo, work: () => T): T {
    this.#heed(info.priority);
    const own = this.#counted.has(info.uid) ? this.#pods.get(info.uid) : undefined;
    if (own) this.#withdraw(info.uid);
    try {
      return work();
    } finally {
      if (own) this.#count(own);
    }
  }

  /** Nominations for a node that a more important pod is to have now: of the pods that had it. */
  lesser(info: PodInfo, node: string): PodInfo[] {
    return [...this.#pods.values()]
      .filter((other) => other.node === node && other.info.priority < info.priority)
      .map((other) => other.info);
  }

  #heed(priority: number): void {
    if (priority === this.#priority) return;
    this.#priority = priority;
    for (const nomination of this.#pods.values()) {
      if (nomination.info.priority >= priority) this.#count(nomination);
      else this.#withdraw(nomination.info.uid);
    }
  }

  #count({ info, node }: Nomination): void {
    if (this.#nodes.has(info.uid)) return;
    this.#nodes.addPod(info, node);
    this.#counted.add(info.uid);
  }

  #withdraw(uid: string): void {
    if (this.#counted.delete(uid)) this.#nodes.removePod(uid);
  }
}
