import type { AnyKind } from '../../src/api/object.ts';
import type { ResourceRef } from '../../src/api/resource-ref.ts';
import type { Client } from '../../src/client/client.ts';

/** Watches until an object passes the check, one that is there already too; resolves with it. */
export function seen<T extends AnyKind>(
  client: Client,
  ref: ResourceRef<T>,
  where: { readonly namespace?: string; readonly name?: string },
  check: (object: T) => boolean = () => true,
): Promise<T> {
  const stop = new AbortController();
  const { name, ...rest } = where;
  const options = { ...rest, ...(name && { fieldSelector: `metadata.name=${name}` }), resourceVersion: '0' };
  return new Promise((resolve, reject) => {
    const end = (error?: Error) => reject(error ?? new Error('the watch ended'));
    const events = (batch: readonly { type: string; object: unknown }[]) => {
      const found = batch.find(({ type, object }) => (type === 'ADDED' || type === 'MODIFIED') && check(object as T));
      if (!found) return;
      stop.abort();
      resolve(found.object as T);
    };
    client.resource(ref).watch(options, { events, end }, stop.signal).catch(reject);
  });
}
