import type { NodeTable } from './node-table.ts';
import type { PodInfo } from './pod-info.ts';

interface Nomination {
  readonly info: PodInfo;
  readonly node: string;
}

/** Pods waiting for others to leave the node they are to have. */
export class Nominations {
  readonly #nodes: NodeTable;
  readonly #pods = new Map<string, Nomination>();

  constructor(nodes: NodeTable) {
    this.#nodes = nodes;
  }

  set(info: PodInfo, node: string): void {
    this.#pods.set(info.uid, { info, node });
  }

  /** Whether there was one. */
  delete(uid: string): boolean {
    return this.#pods.delete(uid);
  }

  /** Does some work as if the room made for others were taken already, unless they are less important than the pod. */
  respecting<T>(info: PodInfo, work: () => T): T {
    const held: Nomination[] = [];
    for (const other of this.#pods.values()) {
      const { uid, priority } = other.info;
      if (uid !== info.uid && priority >= info.priority && !this.#nodes.has(uid)) held.push(other);
    }
    for (const other of held) this.#nodes.addPod(other.info, other.node);
    try {
      return work();
    } finally {
      for (const other of held) this.#nodes.removePod(other.info.uid);
    }
  }

  /** Nominations for a node that a more important pod is to have now: of the pods that had it. */
  lesser(info: PodInfo, node: string): PodInfo[] {
    return [...this.#pods.values()]
      .filter((other) => other.node === node && other.info.priority < info.priority)
      .map((other) => other.info);
  }
}
