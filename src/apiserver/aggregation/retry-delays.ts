/** Milliseconds. Source: kube-aggregator's rate limiters. */
const [firstDelay, lastDelay] = [5, 30_000];

/** When to try again what fails, by name: after a time that doubles with each failure. */
export class RetryDelays {
  readonly #failures = new Map<string, number>();

  /** After one more failure. */
  next(name: string): number {
    const failures = this.#failures.get(name) ?? 0;
    this.#failures.set(name, failures + 1);
    return Math.min(firstDelay * 2 ** failures, lastDelay);
  }

  /** It has worked, or is no more. */
  forget(name: string): void {
    this.#failures.delete(name);
  }
}
