import type { Clock } from './clock.ts';

/**
 * Owns tasks. Closing a scope aborts its signal, awaits every task and then runs the disposers, newest first.
 * There are no floating promises: whatever runs in the background was spawned in a scope.
 */
export class Scope {
  readonly #abort = new AbortController();
  readonly #tasks = new Map<Promise<void>, string>();
  readonly #disposers: Array<() => void | Promise<void>> = [];
  readonly #onError: (name: string, error: unknown) => void;
  #closing: Promise<string[]> | undefined;

  /** `onError` hears of a task that failed while the scope was open; failures after closing are expected. */
  constructor(onError: (name: string, error: unknown) => void) {
    this.#onError = onError;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Starts a task that ends when it returns or when `signal` aborts. */
  spawn(name: string, task: (signal: AbortSignal) => Promise<void>): void {
    if (this.#closing) return;
    const running: Promise<void> = (async () => {
      try {
        await task(this.signal);
      } catch (error) {
        if (!this.signal.aborted) this.#onError(name, error);
      }
    })().finally(() => this.#tasks.delete(running));
    this.#tasks.set(running, name);
  }

  /** A scope that closes with this one, and reports its errors through it. */
  child(): Scope {
    const child = new Scope(this.#onError);
    this.defer(() => child.close().then(() => undefined));
    return child;
  }

  /** Runs `dispose` when the scope closes, after all tasks have ended. */
  defer(dispose: () => void | Promise<void>): void {
    this.#disposers.push(dispose);
  }

  /** Ends everything. Resolves with the names of tasks that had not ended within `deadline` milliseconds, if given. */
  close(deadline?: { clock: Clock; ms: number }): Promise<string[]> {
    this.#closing ??= this.#close(deadline);
    return this.#closing;
  }

  async #close(deadline?: { clock: Clock; ms: number }): Promise<string[]> {
    this.#abort.abort(new DOMException('scope closed', 'AbortError'));
    const ended = Promise.allSettled(this.#tasks.keys());
    if (deadline) {
      const timeout = new AbortController();
      await Promise.race([ended, deadline.clock.sleep(deadline.ms, timeout.signal).catch(() => undefined)]);
      timeout.abort();
    } else {
      await ended;
    }
    const laggards = [...this.#tasks.values()];
    for (const dispose of this.#disposers.reverse()) await dispose();
    return laggards;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
