import { keyOf, type Operation, type Registry } from './operation.ts';

/**
 * Refuses a write once what it was judged by can be read. A write is judged by the newest state accepted, which is shown only
 * when it is durable: told of earlier, a client would look, find the state it knew, try again and be refused again.
 */
export async function refuseSettled({ store }: Registry, op: Operation, error: unknown): Promise<never> {
  const key = keyOf(op, op.name || op.object?.metadata.name);
  if (store.head(key)?.revision !== store.get(key)?.revision) await store.flush();
  throw error;
}
