import { Heap } from '../../base/heap.ts';
import type { Framework } from '../framework.ts';
import { goesFirst, type QueuedPod } from '../queue/queued-pod.ts';
import type { Extender } from './extender.ts';

/** A pod that must not be placed without asking. */
export interface Consultation {
  readonly pod: QueuedPod;
  readonly framework: Framework;
  readonly extenders: readonly Extender[];
}

/**
 * Pods in which extenders have a say, one at a time: an extender may reckon with the pod before. Others are
 * placed meanwhile.
 */
export class Consultations {
  readonly #waiting = new Heap<Consultation>((a, b) => goesFirst(a.pod, b.pod));
  readonly #hold: (consultation: Consultation) => Promise<void>;
  #holding = false;

  /** `hold` asks the extenders and sees to what comes of it. It must not fail. */
  constructor(hold: (consultation: Consultation) => Promise<void>) {
    this.#hold = hold;
  }

  /** Resolves when the pods that wait have all had their turn, as far as somebody is needed to wait; else undefined. */
  add(consultation: Consultation): Promise<void> | undefined {
    this.#waiting.push(consultation);
    return this.#holding ? undefined : this.#run();
  }

  async #run(): Promise<void> {
    this.#holding = true;
    try {
      for (let next = this.#waiting.pop(); next; next = this.#waiting.pop()) await this.#hold(next);
    } finally {
      this.#holding = false;
    }
  }
}
