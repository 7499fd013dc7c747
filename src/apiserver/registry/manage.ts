import { entriesError } from '../../api/managed-fields/entries.ts';
import { updateManagedFields, type WriteOrigin } from '../../api/managed-fields/update.ts';
import { type KubeObject, type Mutable, thaw } from '../../api/object.ts';
import type { Operation, Registry } from './operation.ts';
import { convertFor } from './other-versions.ts';
import { resetFieldsOf } from './reset-fields.ts';
import { inVersion } from './versions.ts';

/** An operation as field management sees it: in the version of the request. */
export const fieldOrigin = (registry: Registry, op: Operation): WriteOrigin => ({
  type: op.served.type,
  apiVersion: op.served.apiVersion,
  manager: op.options.fieldManager || op.manager,
  subresource: op.subresource,
  now: registry.clock.wall(),
  reset: () => resetFieldsOf(op.served, op.subresource),
  convert: convertFor(registry, op.served),
});

/**
 * The managedFields stage: every write passes it with its field manager and the state before, after defaults and before
 * admission, so that what the server itself fills in is nobody's. Source of the place: apiserver `handlers/create.go`.
 * Server-side apply and scale have settled theirs. Lazy writes (leases, events, heartbeats) are not tracked: nobody applies
 * them, and there are many. A promise where a conversion takes time.
 */
export function manage(
  registry: Registry,
  op: Operation,
  object: Mutable<KubeObject>,
  old: KubeObject | undefined,
): void | Promise<void> {
  if (op.managedFields) return setEntries(object, op.managedFields);
  if (op.options.lazy) return setEntries(object, old?.metadata.managedFields);
  const now = inRequestVersion(op, object);
  const before = old && (op.served.custom ? old : inVersion(op.served, old));
  const done = updateManagedFields(now, before, fieldOrigin(registry, op));
  const settle = () => setEntries(object, now.metadata.managedFields);
  return done instanceof Promise ? done.then(settle) : settle();
}

/**
 * Admission may change the entries, but not break them: then those from before stay, and the client is told. Source:
 * apiserver `handlers/fieldmanager/admission.go`.
 */
export function keepSoundEntries(op: Operation, object: Mutable<KubeObject>, before: Entries): void {
  const now = object.metadata.managedFields;
  if (now === before) return;
  const wrong = entriesError(now ?? []);
  if (wrong === undefined) return;
  setEntries(object, before);
  op.warn(
    `.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: ${wrong}`,
  );
}

type Entries = KubeObject['metadata']['managedFields'];

function setEntries(object: Mutable<KubeObject>, entries: Entries): void {
  if (entries?.length) object.metadata.managedFields = entries as never;
  else delete object.metadata.managedFields;
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
