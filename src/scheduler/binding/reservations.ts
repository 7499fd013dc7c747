import { type Plugin, type Reservation, Unfit } from '../plugin.ts';
import type { NodeTable } from '../state/node-table.ts';
import type { PodInfo } from '../state/pod-info.ts';

interface Held {
  readonly plugin: string;
  readonly reservation: Reservation;
}

/** A plugin kept a pod from being bound to the node it was given. */
export class PreBindFailure extends Error {
  readonly plugin: string;
  /** Whether the node does not do, rather than that something went wrong. */
  readonly unfit: boolean;

  constructor(plugin: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'PreBindFailure';
    this.plugin = plugin;
    this.unfit = cause instanceof Unfit;
  }
}

/** What all plugins hold for one pod between the choice of its node and its binding. */
export class Reservations {
  readonly #held: readonly Held[];
  readonly #gone = new AbortController();

  private constructor(held: readonly Held[]) {
    this.#held = held;
  }

  /** Lets every plugin take what the pod needs; undefined when none of them needs anything. Throws `PluginError`. */
  static make(plugins: readonly Plugin[], pod: PodInfo, slot: number, nodes: NodeTable): Reservations | undefined {
    const held: Held[] = [];
    try {
      for (const plugin of plugins) {
        const reservation = plugin.reserve?.(pod, slot, nodes);
        if (reservation) held.push({ plugin: plugin.name, reservation });
      }
    } catch (error) {
      // Nothing has been written yet, so that nothing has to be waited for.
      void new Reservations(held).unreserve();
      throw error;
    }
    return held.length > 0 ? new Reservations(held) : undefined;
  }

  /** Whether `abandon` was called. */
  get abandoned(): boolean {
    return this.#gone.signal.aborted;
  }

  /** Whether there is something to do before the pod can be bound. */
  get takesTime(): boolean {
    return this.#held.some(({ reservation }) => reservation.preBind);
  }

  /** One plugin after the other. Throws `PreBindFailure`. */
  async preBind(signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, this.#gone.signal]);
    for (const { plugin, reservation } of this.#held) {
      try {
        await reservation.preBind?.(either);
      } catch (error) {
        throw new PreBindFailure(plugin, error);
      }
    }
  }

  /** The pod is gone: there is nothing left to wait for. */
  abandon(): void {
    this.#gone.abort();
  }

  /** Gives everything back, what came last first. */
  async unreserve(): Promise<void> {
    await Promise.all(this.#held.toReversed().map(({ reservation }) => reservation.unreserve()));
  }
}
