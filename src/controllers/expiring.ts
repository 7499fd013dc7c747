import type { AnyKind } from '../api/object.ts';
import type { ResourceRef } from '../api/resource-ref.ts';
import { isStatus } from '../api/status.ts';
import type { Informer } from '../client/informer.ts';
import { keyOf, parseKey } from '../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../client/reconciler.ts';
import { type ControllerContext, synced } from './controller.ts';

/** Objects of one kind that go when their time is up. */
export interface Expiring<T extends AnyKind> {
  readonly kind: ResourceRef<T>;
  readonly objects: Informer<T>;
  /** When an object goes, in wall milliseconds; undefined while its time does not run. May throw what is wrong with it. */
  readonly expiryOf: (object: T) => number | undefined;
  /** Which objects may ever go; all unless given. */
  readonly concerns?: (object: T) => boolean;
  readonly propagationPolicy?: 'Foreground';
}

/** Deletes what has had its time. Upstream often looks at everything every hour; here each object has its own timer. */
export function removeExpired<T extends AnyKind>(
  { name, client, clock, log }: ControllerContext,
  { kind, objects, expiryOf, concerns = () => true, propagationPolicy }: Expiring<T>,
): Reconciler {
  const reconciler = new Reconciler({
    name,
    clock,
    log,
    ready: synced(objects),
    async reconcile({ key, signal }): Promise<ReconcileResult | undefined> {
      const object = objects.get(key);
      const expiry = object && expiryOf(object);
      if (!object || expiry === undefined) return undefined;
      const left = expiry - clock.wall();
      if (left > 0) return { after: left };
      const { uid = '', resourceVersion = '' } = object.metadata ?? {};
      // Exactly the version that was looked at: one that was given more time meanwhile stays.
      const options = {
        preconditions: { uid, resourceVersion },
        ...(propagationPolicy && { propagationPolicy }),
        signal,
      };
      try {
        await client.resource(kind).delete(parseKey(key), options);
      } catch (error) {
        // Gone, or another version, which comes as a change.
        if (!isStatus(error, 'NotFound') && !isStatus(error, 'Conflict')) throw error;
      }
      return undefined;
    },
  });
  const changed = (object: T) => {
    if (concerns(object)) reconciler.add(keyOf(object));
  };
  objects.on({ added: changed, updated: (_, object) => changed(object) });
  return reconciler;
}
