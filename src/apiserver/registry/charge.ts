import type { Store, StoreKey } from '../../store/store.ts';

/** What is written behind a write: the quota that it is charged to, or what was handed out to it. */
export interface Behind {
  /** Writes it. Called in the turn in which the write was accepted; resolves when it is durable. */
  settle?(): Promise<unknown>;
}

/**
 * Writes `key`, and right behind it, in the same turn, what belongs to it: whoever sees a quota sees all that is counted
 * in it. Resolves when all is durable; behind a write that is refused at once nothing is written.
 */
export async function charged<T>(
  store: Store,
  key: StoreKey,
  behind: readonly (Behind | undefined)[],
  write: () => Promise<T>,
): Promise<T> {
  const due = behind.filter((one) => one?.settle);
  if (due.length === 0) return await write();
  const before = store.head(key);
  const writing = write();
  if (store.head(key) === before) return await writing;
  const [result] = await Promise.all([writing, ...due.map((one) => one!.settle!())]);
  return result;
}
