import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import type { TopologySelectorTerm } from '../../api/types/core-v1.gen.ts';
import type { StorageClass } from '../../api/types/storage-v1.gen.ts';
import { distinctValues, oneOf, optionalOneOf, qualifiedName, unchanged } from '../rules/check.ts';
import { replacedLabel } from '../rules/node-labels.ts';
import { parameters, provisioner } from './parameters.ts';

export function storageClassDefaults(object: Mutable<StorageClass>): void {
  object.reclaimPolicy ??= 'Delete';
  object.volumeBindingMode ??= 'Immediate';
}

function topologies(errors: ErrorList, path: FieldPath, terms: readonly TopologySelectorTerm[]): void {
  const seen = new Set<string>();
  for (const [i, term] of terms.entries()) {
    const at = path.index(i).child('matchLabelExpressions');
    const keys = new Map<string, readonly string[]>();
    if (!term.matchLabelExpressions?.length) errors.required(at);
    for (const [j, { key, values }] of (term.matchLabelExpressions ?? []).entries()) {
      const here = at.index(j);
      if (!values?.length) errors.required(here.child('values'));
      distinctValues(errors, here.child('values'), values);
      qualifiedName(errors, here.child('key'), key);
      if (keys.has(key)) errors.duplicate(here.child('key'), key);
      keys.set(key, [...(values ?? [])].sort());
    }
    const content = JSON.stringify([...keys].sort(([a], [b]) => (a < b ? -1 : 1)));
    if (seen.has(content)) errors.duplicate(at, '');
    seen.add(content);
  }
}

/** Labels that have newer names. Source: pkg/api/storage GetWarningsForStorageClass. */
export function storageClassWarnings({ allowedTopologies }: StorageClass): string[] {
  return (allowedTopologies ?? []).flatMap((term, i) =>
    (term.matchLabelExpressions ?? []).flatMap(({ key }, j) => {
      const text = replacedLabel(key);
      return text ? [`allowedTopologies[${i}].matchLabelExpressions[${j}].key: ${key} is ${text}`] : [];
    }),
  );
}

export function validateStorageClass(object: StorageClass, errors: ErrorList): void {
  provisioner(errors, FieldPath.of('provisioner'), object.provisioner);
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
