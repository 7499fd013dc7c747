/** The first failed pod of a node is replaced at once, the next after a second, doubling to 15 minutes. In milliseconds. */
const initial = 1000;
const longest = 900_000;
/** After so long without a failure it begins anew. */
const forgiven = 2 * longest;

interface Failure {
  readonly delay: number;
  readonly at: number;
}

/** How long failed daemon pods wait to be replaced, by set and node. Source: upstream's failedPodsBackoff. */
export class FailureBackoff {
  /** By the set's uid, then by node and generation. */
  readonly #failures = new Map<string, Map<string, Failure>>();

  /**
   * Milliseconds to wait before the failed pod of a node is replaced; 0 when it may be, which then counts. Another
   * `generation` of the set begins anew. `now` in steady milliseconds.
   */
  next(set: string, generation: number, node: string, now: number): number {
    const known = this.#of(set, now);
    const key = `${generation}/${node}`;
    const last = known.get(key);
    if (last && now < last.at + last.delay) return last.at + last.delay - now;
    known.set(key, { delay: last ? Math.min(longest, last.delay * 2) : initial, at: now });
    return 0;
  }

  /** The set is gone. */
  forget(set: string): void {
    this.#failures.delete(set);
  }

  #of(set: string, now: number): Map<string, Failure> {
    const known = this.#failures.get(set) ?? new Map<string, Failure>();
    for (const [key, { at }] of known) if (now - at > forgiven) known.delete(key);
    this.#failures.set(set, known);
    return known;
  }
}
