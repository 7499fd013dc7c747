import { updateManagedFields } from '../../api/managed-fields/update.ts';
import type { KubeObject, Mutable } from '../../api/object.ts';
import type { Operation, Registry } from './operation.ts';
import { storageType } from './shape.ts';

/**
 * The managedFields stage: every write passes it last, with its field manager and the state before. Lazy writes
 * (leases, events, heartbeats) are not tracked: nobody applies them, and there are many.
 */
export function manage(
  registry: Registry,
  op: Operation,
  object: Mutable<KubeObject>,
  old: KubeObject | undefined,
): void {
  if (op.options.lazy) {
    if (old?.metadata.managedFields) object.metadata.managedFields = old.metadata.managedFields as never;
    else delete object.metadata.managedFields;
    return;
  }
  updateManagedFields(object, old, {
    type: storageType(op.served),
    apiVersion: object.apiVersion,
    manager: op.options.fieldManager || op.manager,
    subresource: op.subresource,
    now: registry.clock.wall(),
  });
}
