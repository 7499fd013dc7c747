import type { Store, StoreKey } from '../../store/store.ts';
import type { Charge } from '../admission/admission.ts';

/**
 * Writes `key`, and right behind it, in the same turn, what it is charged to: whoever sees a quota sees all that is
 * counted in it. Resolves when both are durable; a write that is refused at once is charged to nobody.
 */
export async function charged<T>(
  store: Store,
  key: StoreKey,
  charge: Charge | undefined,
  write: () => Promise<T>,
): Promise<T> {
  if (!charge) return await write();
  const before = store.head(key);
  const writing = write();
  if (store.head(key) === before) return await writing;
  const [result] = await Promise.all([writing, charge.settle()]);
  return result;
}
