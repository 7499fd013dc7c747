import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import type { TopologySelectorTerm } from '../../api/types/core-v1.gen.ts';
import type { StorageClass } from '../../api/types/storage-v1.gen.ts';
import { oneOf, optionalOneOf, present, qualifiedName, unchanged } from '../rules/check.ts';

const maxParameters = 512;
const maxParametersSize = 256 * 1024;

export function storageClassDefaults(object: Mutable<StorageClass>): void {
  object.reclaimPolicy ??= 'Delete';
  object.volumeBindingMode ??= 'Immediate';
}

function parameters(errors: ErrorList, path: FieldPath, values: Readonly<Record<string, string>>): void {
  const entries = Object.entries(values);
  if (entries.length > maxParameters) errors.tooMany(path, entries.length, maxParameters);
  let size = 0;
  for (const [key, value] of entries) {
    if (key === '') errors.invalid(path, key, 'field can not be empty.');
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (size > maxParametersSize) errors.tooLong(path, maxParametersSize);
}

function topologies(errors: ErrorList, path: FieldPath, terms: readonly TopologySelectorTerm[]): void {
  const seen: unknown[] = [];
  for (const [i, term] of terms.entries()) {
    const at = path.index(i).child('matchLabelExpressions');
    const keys = new Map<string, readonly string[]>();
    if (!term.matchLabelExpressions?.length) errors.required(at);
    for (const [j, { key, values }] of (term.matchLabelExpressions ?? []).entries()) {
      const here = at.index(j);
      if (!values?.length) errors.required(here.child('values'));
      for (const [k, value] of (values ?? []).entries()) {
        if (values.indexOf(value) < k) errors.duplicate(here.child('values').index(k), value);
      }
      qualifiedName(errors, here.child('key'), key);
      if (keys.has(key)) errors.duplicate(here.child('key'), key);
      keys.set(key, [...(values ?? [])].sort());
    }
    const content = Object.fromEntries([...keys].sort(([a], [b]) => (a < b ? -1 : 1)));
    if (seen.some((other) => sameValue(other, content))) errors.duplicate(at, '');
    seen.push(content);
  }
}

export function validateStorageClass(object: StorageClass, errors: ErrorList): void {
  const at = FieldPath.of('provisioner');
  if (present(errors, at, object.provisioner)) qualifiedName(errors, at, object.provisioner.toLowerCase());
  parameters(errors, FieldPath.of('parameters'), object.parameters ?? {});
  if (object.reclaimPolicy) {
    optionalOneOf(errors, FieldPath.of('reclaimPolicy'), object.reclaimPolicy, ['Delete', 'Retain']);
  }
  const modes = ['Immediate', 'WaitForFirstConsumer'];
  oneOf(errors, FieldPath.of('volumeBindingMode'), object.volumeBindingMode, modes);
  topologies(errors, FieldPath.of('allowedTopologies'), object.allowedTopologies ?? []);
}

export function validateStorageClassUpdate(object: StorageClass, old: StorageClass, errors: ErrorList): void {
  for (const field of ['parameters', 'provisioner', 'reclaimPolicy'] as const) {
    if (!sameValue(object[field], old[field])) {
      errors.forbidden(FieldPath.of(field), `updates to ${field} are forbidden.`);
    }
  }
  unchanged(errors, FieldPath.of('volumeBindingMode'), object.volumeBindingMode, old.volumeBindingMode);
}
