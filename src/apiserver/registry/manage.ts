import { updateManagedFields } from '../../api/managed-fields/update.ts';
import { type KubeObject, type Mutable, thaw } from '../../api/object.ts';
import type { Operation, Registry } from './operation.ts';
import { inVersion } from './versions.ts';

/**
 * The managedFields stage: every write passes it with its field manager and the state before, after defaults and before
 * admission, so that what the server itself fills in is nobody's. Source of the place: apiserver `handlers/create.go`.
 * Lazy writes (leases, events, heartbeats) are not tracked: nobody applies them, and there are many.
 */
export function manage(
  registry: Registry,
  op: Operation,
  object: Mutable<KubeObject>,
  old: KubeObject | undefined,
): void {
  if (op.options.lazy) {
    setEntries(object, old?.metadata.managedFields);
    return;
  }
  const seen = inRequestVersion(op, reachable(op, object, old));
  updateManagedFields(seen, old && inVersion(op.served, old), {
    type: op.served.type,
    apiVersion: op.served.apiVersion,
    manager: op.options.fieldManager || op.manager,
    subresource: op.subresource,
    now: registry.clock.wall(),
  });
  setEntries(object, seen.metadata.managedFields);
}

function setEntries(object: Mutable<KubeObject>, entries: KubeObject['metadata']['managedFields']): void {
  if (entries?.length) object.metadata.managedFields = entries as never;
  else delete object.metadata.managedFields;
}

/**
 * The new state as far as the endpoint may change it, sharing all it can: the status is no business of the main endpoint
 * and everything else none of the status endpoint. Source: the resetFields of upstream's strategies.
 */
function reachable(op: Operation, object: Mutable<KubeObject>, old: KubeObject | undefined): Mutable<KubeObject> {
  if (op.subresource === 'status' && old) {
    const { labels, annotations, managedFields } = object.metadata;
    const metadata = { ...old.metadata, labels, annotations, managedFields };
    return { ...old, metadata, status: object['status'] } as Mutable<KubeObject>;
  }
  if (op.subresource !== '' || !op.served.subresources.has('status')) return object;
  const seen: Mutable<KubeObject> = { ...object, metadata: { ...object.metadata } };
  if (old?.['status'] === undefined) delete seen['status'];
  else seen['status'] = old['status'];
  return seen;
}

/** Managers are known by the version they write in, so that is what is compared. */
function inRequestVersion(op: Operation, object: Mutable<KubeObject>): Mutable<KubeObject> {
  const { conversion, apiVersion, kind } = op.served;
  if (!conversion) return object;
  const copy = thaw(object);
  conversion.fromStorage(copy);
  copy.apiVersion = apiVersion;
  copy.kind = kind;
  return copy;
}
