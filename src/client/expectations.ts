import type { Clock } from '../base/clock.ts';

/** After this long without the event that was waited for, trust the cache again. Upstream's ExpectationsTimeout. */
const patience = 5 * 60_000;

interface Expected {
  /** Uids of children asked to be created whose events have not come. Counted because the uid is known only afterwards. */
  adds: number;
  /** Uids of children asked to be deleted and not yet seen deleted. */
  readonly deletes: Set<string>;
  readonly since: number;
}

/**
 * What each parent (by uid or key) still waits to see in the cache, so that no reconciler acts twice on one need.
 * Deletions are told apart by child uid, since an update can show a deletion more than once.
 */
export class Expectations {
  readonly #clock: Clock;
  readonly #byParent = new Map<string, Expected>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the parent may act: everything expected has been seen, or was given up. */
  satisfied(parent: string): boolean {
    const expected = this.#byParent.get(parent);
    if (!expected) return true;
    if (expected.adds <= 0 && expected.deletes.size === 0) return true;
    return this.#clock.steady() - expected.since > patience;
  }

  /** So many creations, and the deletions of these uids. */
  expect(parent: string, creations: number, deletions: Iterable<string>): void {
    this.#byParent.set(parent, { adds: creations, deletes: new Set(deletions), since: this.#clock.steady() });
  }

  expectCreations(parent: string, count: number): void {
    this.expect(parent, count, []);
  }

  expectDeletions(parent: string, uids: Iterable<string>): void {
    this.expect(parent, 0, uids);
  }

  /** A child was seen created, or its creation failed. */
  created(parent: string): void {
    const expected = this.#byParent.get(parent);
    if (expected && expected.adds > 0) expected.adds--;
  }

  /** A child was seen deleted (or marked so), or its deletion failed. */
  deleted(parent: string, uid: string): void {
    this.#byParent.get(parent)?.deletes.delete(uid);
  }

  forget(parent: string): void {
    this.#byParent.delete(parent);
  }
}
