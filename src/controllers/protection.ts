import type { AnyKind } from '../api/object.ts';
import { isStatus } from '../api/status.ts';
import type { ResourceClient } from '../client/client.ts';

/**
 * Sees to an object's protection: it has the finalizer as long as nobody deletes it, and loses it when somebody does and
 * it is not in use.
 */
export async function protect<T extends AnyKind>(
  client: ResourceClient<T>,
  object: T,
  finalizer: string,
  inUse: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  const { deletionTimestamp, finalizers = [] } = object.metadata!;
  const has = finalizers.includes(finalizer);
  if (has !== (deletionTimestamp !== undefined) || (has && (await inUse()))) return;
  const left = has ? finalizers.filter((other) => other !== finalizer) : [...finalizers, finalizer];
  try {
    await client.update({ ...object, metadata: { ...object.metadata, finalizers: left } }, { signal });
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error;
  }
}
