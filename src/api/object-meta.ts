import { type ErrorList, FieldPath } from './field-errors.ts';
import { integerOf } from './json-number.ts';
import { labelValueErrors, type NameRule, nameIsLabel, qualifiedNameErrors } from './names.ts';
import {
  apiVersionOf,
  type ManagedFieldsEntry,
  type ObjectMeta,
  type OwnerReference,
  parseApiVersion,
} from './object.ts';
import type { LabelSelectorLike } from './selector.ts';

/** Rules for metadata, labels, annotations and selectors. Source: apimachinery `api/validation` and `meta/v1/validation`. */

export const immutableText = 'field is immutable';
export const negativeText = 'must be greater than or equal to 0';
export const annotationsLimit = 256 * 1024;

const metadataPath = FieldPath.of('metadata');

export function validateLabels(
  labels: Readonly<Record<string, string>> | undefined,
  path: FieldPath,
  errors: ErrorList,
): void {
  for (const [key, value] of Object.entries(labels ?? {})) {
    for (const text of qualifiedNameErrors(key)) errors.invalid(path, key, text);
    for (const text of labelValueErrors(value)) errors.invalid(path, value, text);
  }
}

export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: FieldPath,
  errors: ErrorList,
): void {
  let size = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    for (const text of qualifiedNameErrors(key.toLowerCase())) errors.invalid(path, key, text);
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (size > annotationsLimit) errors.tooLong(path, annotationsLimit);
}

function validateOwnerReference(owner: OwnerReference, path: FieldPath, errors: ErrorList): void {
  const gv = parseApiVersion(owner.apiVersion ?? '');
  if (!gv?.version) errors.invalid(path.child('apiVersion'), owner.apiVersion ?? '', 'version must not be empty');
  for (const field of ['kind', 'name', 'uid'] as const)
    if (!owner[field]) errors.invalid(path.child(field), owner[field] ?? '', 'must not be empty');
  if (gv && apiVersionOf(gv) === 'v1' && owner.kind === 'Event')
    errors.invalid(path, owner, '/v1, Kind=Event is disallowed from being an owner');
}

export function validateOwnerReferences(
  owners: readonly OwnerReference[] | undefined,
  path: FieldPath,
  errors: ErrorList,
): void {
  let controller: string | undefined;
  for (const owner of owners ?? []) {
    validateOwnerReference(owner, path, errors);
    if (!owner.controller) continue;
    const name = `${owner.kind}/${owner.name}`;
    if (controller === undefined) controller = name;
    else
      errors.invalid(
        path,
        owners,
        `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`,
      );
  }
}

export function validateFinalizers(
  finalizers: readonly string[] | undefined,
  path: FieldPath,
  errors: ErrorList,
): void {
  for (const name of finalizers ?? []) for (const text of qualifiedNameErrors(name)) errors.invalid(path, name, text);
  if (finalizers?.includes('orphan') && finalizers.includes('foregroundDeletion'))
    errors.invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set');
}

const ownFinalizers: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

/** Built-in kinds take only finalizers of somebody's domain besides the server's own. Source: validateKubeFinalizerName. */
export function validateFinalizerOwners(
  finalizers: readonly string[] | undefined,
  path: FieldPath,
  errors: ErrorList,
): void {
  finalizers?.forEach((name, i) => {
    if (name.includes('/') || ownFinalizers.has(name)) return;
    errors.invalid(path.index(i), name, 'name is neither a standard finalizer name nor is it fully qualified');
  });
}

/** At most 128 bytes, printable. */
export function validateFieldManager(manager: string, path: FieldPath, errors: ErrorList): void {
  if (Buffer.byteLength(manager) > 128) errors.tooLong(path, 128);
  let at = 0;
  for (const c of manager) {
    if (/[\p{C}\p{Z}]/u.test(c) && c !== ' ') {
      const code = c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
      errors.invalid(path, manager, `invalid character U+${code} (at position ${at})`);
    }
    at += Buffer.byteLength(c);
  }
}

export function validateManagedFields(
  entries: readonly ManagedFieldsEntry[] | undefined,
  path: FieldPath,
  errors: ErrorList,
): void {
  entries?.forEach((entry, i) => {
    const at = path.index(i);
    if (entry.operation !== 'Apply' && entry.operation !== 'Update')
      errors.invalid(at.child('operation'), entry.operation ?? '', 'must be `Apply` or `Update`');
    if (entry.fieldsType && entry.fieldsType !== 'FieldsV1')
      errors.invalid(at.child('fieldsType'), entry.fieldsType, 'must be `FieldsV1`');
    validateFieldManager(entry.manager ?? '', at.child('manager'), errors);
    if ((entry.subresource?.length ?? 0) > 256) errors.tooLong(at.child('subresource'), 256);
  });
}

/** Checks metadata of a new object. Name generation has been done. */
export function validateObjectMeta(
  meta: ObjectMeta,
  namespaced: boolean,
  nameRule: NameRule,
  errors: ErrorList,
  path: FieldPath = metadataPath,
): void {
  if (meta.generateName)
    for (const text of nameRule(meta.generateName, true))
      errors.invalid(path.child('generateName'), meta.generateName, text);
  if (!meta.name) errors.required(path.child('name'), 'name or generateName is required');
  else for (const text of nameRule(meta.name, false)) errors.invalid(path.child('name'), meta.name, text);
  if (namespaced) {
    if (!meta.namespace) errors.required(path.child('namespace'));
    else
      for (const text of nameIsLabel(meta.namespace, false))
        errors.invalid(path.child('namespace'), meta.namespace, text);
  } else if (meta.namespace) errors.forbidden(path.child('namespace'), 'not allowed on this type');
  if ((integerOf(meta.generation) ?? 0n) < 0n) errors.invalid(path.child('generation'), meta.generation, negativeText);
  validateLabels(meta.labels, path.child('labels'), errors);
  validateAnnotations(meta.annotations, path.child('annotations'), errors);
  validateOwnerReferences(meta.ownerReferences, path.child('ownerReferences'), errors);
  validateFinalizers(meta.finalizers, path.child('finalizers'), errors);
  validateManagedFields(meta.managedFields, path.child('managedFields'), errors);
}

const immutable = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

/** Checks changed metadata against the old. What the server itself sets has been set. */
export function validateObjectMetaUpdate(
  meta: ObjectMeta,
  old: ObjectMeta,
  errors: ErrorList,
  path: FieldPath = metadataPath,
): void {
  if (old.deletionTimestamp) {
    const added = (meta.finalizers ?? []).filter((f) => !old.finalizers?.includes(f)).sort();
    if (added.length)
      errors.forbidden(
        path.child('finalizers'),
        `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((f) => JSON.stringify(f)).join(', ')}}`,
      );
  }
  if (!meta.resourceVersion)
    errors.invalid(path.child('resourceVersion'), meta.resourceVersion ?? '', 'must be specified for an update');
  if ((meta.generation ?? 0) < (old.generation ?? 0))
    errors.invalid(path.child('generation'), meta.generation ?? 0, 'must not be decremented');
  for (const field of immutable)
    if ((meta[field] ?? '') !== (old[field] ?? '')) errors.invalid(path.child(field), meta[field] ?? '', immutableText);
  validateLabels(meta.labels, path.child('labels'), errors);
  validateAnnotations(meta.annotations, path.child('annotations'), errors);
  validateOwnerReferences(meta.ownerReferences, path.child('ownerReferences'), errors);
  validateManagedFields(meta.managedFields, path.child('managedFields'), errors);
}

/** Checks a `metav1.LabelSelector` field. */
export function validateLabelSelector(
  selector: LabelSelectorLike | undefined,
  path: FieldPath,
  errors: ErrorList,
  options: { readonly allowInvalidValues?: boolean } = {},
): void {
  if (!selector) return;
  validateLabels(selector.matchLabels, path.child('matchLabels'), errors);
  selector.matchExpressions?.forEach((e, i) => {
    const at = path.child('matchExpressions').index(i);
    const count = e.values?.length ?? 0;
    if (e.operator === 'In' || e.operator === 'NotIn') {
      if (count === 0) errors.required(at.child('values'), "must be specified when `operator` is 'In' or 'NotIn'");
    } else if (e.operator === 'Exists' || e.operator === 'DoesNotExist') {
      if (count)
        errors.forbidden(at.child('values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    } else errors.invalid(at.child('operator'), e.operator ?? '', 'not a valid selector operator');
    for (const text of qualifiedNameErrors(e.key ?? '')) errors.invalid(at.child('key'), e.key ?? '', text);
    if (!options.allowInvalidValues)
      e.values?.forEach((value, v) => {
        for (const text of labelValueErrors(value)) errors.invalid(at.child('values').index(v), value, text);
      });
  });
}

/** Appends "field is immutable" when two JSON values differ, `undefined` and absent being the same. */
export function validateImmutable(now: unknown, old: unknown, path: FieldPath, errors: ErrorList): void {
  if (!sameValue(now, old)) errors.invalid(path, now, immutableText);
}

/** Deep equality of JSON trees as Go's semantic equality sees it: absent, null and empty lists and maps are one. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isNothing(a) && isNothing(b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((v, i) => sameValue(v, b[i]));
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key of Object.keys(x)) if (!sameValue(x[key], Object.hasOwn(y, key) ? y[key] : undefined)) return false;
  for (const key of Object.keys(y)) if (!Object.hasOwn(x, key) && !isNothing(y[key])) return false;
  return true;
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
