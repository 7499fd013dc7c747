import type { KubeObject, Mutable } from '../../api/object.ts';
import type { Operation, Registry } from './operation.ts';

/**
 * The managedFields stage: every write passes it last, with its field manager and the state before. Ownership is
 * recorded with server-side apply (issue 3); until then a write keeps what was recorded, and a client may only clear it.
 */
export function manage(
  _registry: Registry,
  op: Operation,
  object: Mutable<KubeObject>,
  old: KubeObject | undefined,
): void {
  const asked = object.metadata.managedFields;
  const before = old?.metadata.managedFields;
  if (asked && asked.length === 0) delete object.metadata.managedFields;
  else if (before && op.subresource === '' && asked === undefined) object.metadata.managedFields = before as never;
}
