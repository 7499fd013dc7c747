import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { qualifiedNameErrors } from '../../api/names.ts';
import { sameValue } from '../../api/object-meta.ts';
import type { CSINode, CSINodeDriver } from '../../api/types/storage-v1.gen.ts';
import { immutable, nonNegative, present } from '../rules/check.ts';
import { csiDriverName } from '../rules/volumes.ts';
import { specPath } from '../rules/workloads.ts';

/** Rules of CSINodes. Source: storage/validation ValidateCSINode. */

const maxNodeId = 256;

function topologyKeys(errors: ErrorList, path: FieldPath, keys: readonly string[]): void {
  const seen = new Set<string>();
  for (const key of keys) {
    if (key === '') errors.required(path);
    if (seen.has(key)) errors.duplicate(path, key);
    seen.add(key);
    for (const text of qualifiedNameErrors(key)) errors.invalid(path, keys, text);
  }
}

function driver(errors: ErrorList, path: FieldPath, value: CSINodeDriver, names: Set<string>): void {
  csiDriverName(errors, path.child('name'), value.name);
  const id = path.child('nodeID');
  if (present(errors, id, value.nodeID) && Buffer.byteLength(value.nodeID) > maxNodeId) {
    errors.invalid(id, value.nodeID, `must be ${maxNodeId} characters or less`);
  }
  nonNegative(errors, path.child('allocatable', 'count'), value.allocatable?.count);
  if (names.has(value.name)) errors.duplicate(path.child('name'), value.name);
  names.add(value.name);
  topologyKeys(errors, path, value.topologyKeys ?? []);
}

export function validateCsiNode({ spec }: CSINode, errors: ErrorList): void {
  const names = new Set<string>();
  const at = specPath.child('drivers');
  for (const [i, value] of (spec.drivers ?? []).entries()) driver(errors, at.index(i), value, names);
}

/** How many volumes a driver can attach may change while it runs; who it is may not. */
export function validateCsiNodeUpdate({ spec }: CSINode, old: CSINode, errors: ErrorList): void {
  const before = new Map((old.spec.drivers ?? []).map((value) => [value.name, value]));
  for (const value of spec.drivers ?? []) {
    const { allocatable } = value;
    const was = before.get(value.name);
    if (was && !sameValue(value, { ...was, allocatable })) {
      errors.invalid(FieldPath.of('CSINodeDriver'), value, immutable);
    }
  }
}
