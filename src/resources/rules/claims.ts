import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { ObjectMeta } from '../../api/object.ts';
import { parseQuantity } from '../../api/quantity.ts';
import type {
  PersistentVolumeClaimSpec,
  TypedLocalObjectReference,
  TypedObjectReference,
} from '../../api/types/core-v1.gen.ts';
import { label, optionalOneOf, present, subdomain } from './check.ts';
import { annotations, labelSelector, labels } from './labels.ts';

/** The spec of a persistent volume claim, on its own and in templates. */

export const accessModeNames = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const volumeModes = ['Block', 'Filesystem'];

export function accessModes(errors: ErrorList, path: FieldPath, modes: readonly string[] | undefined): void {
  if (!modes?.length) errors.required(path);
  knownModes(errors, path, modes ?? []);
}

function knownModes(errors: ErrorList, path: FieldPath, modes: readonly string[]): void {
  for (const mode of modes) optionalOneOf(errors, path, mode, accessModeNames);
  const others = modes.some((mode) => mode !== 'ReadWriteOncePod' && accessModeNames.includes(mode));
  if (others && modes.includes('ReadWriteOncePod')) {
    errors.forbidden(path, 'may not use ReadWriteOncePod with other access modes');
  }
}

function dataSource(errors: ErrorList, path: FieldPath, ref: TypedObjectReference): void {
  present(errors, path.child('name'), ref.name);
  present(errors, path.child('kind'), ref.kind);
  if (!ref.apiGroup && ref.kind !== 'PersistentVolumeClaim') {
    errors.invalid(path, ref.kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
  }
  if (ref.apiGroup) subdomain(errors, path.child('apiGroup'), ref.apiGroup);
  if (ref.namespace) label(errors, path.child('namespace'), ref.namespace);
}

export function claimSpec(errors: ErrorList, path: FieldPath, spec: PersistentVolumeClaimSpec): void {
  const modes = path.child('accessModes');
  if (!spec.accessModes?.length) errors.required(modes, 'at least 1 access mode is required');
  labelSelector(errors, path.child('selector'), spec.selector);
  knownModes(errors, modes, spec.accessModes ?? []);
  const requests = spec.resources?.requests as Readonly<Record<string, string>> | undefined;
  const at = path.child('resources').key('storage');
  const storage = requests?.['storage'];
  if (storage === undefined) errors.required(at);
  else {
    const quantity = parseQuantity(storage);
    if (quantity.nano <= 0n) errors.invalid(at, quantity.text, 'must be greater than zero');
  }
  if (spec.storageClassName) subdomain(errors, path.child('storageClassName'), spec.storageClassName);
  optionalOneOf(errors, path.child('volumeMode'), spec.volumeMode, volumeModes);
  if (spec.dataSource) dataSource(errors, path.child('dataSource'), spec.dataSource);
  if (spec.dataSourceRef) dataSource(errors, path.child('dataSourceRef'), spec.dataSourceRef);
  if (spec.dataSourceRef?.namespace && spec.dataSource) {
    const text = 'may not be specified when dataSourceRef.namespace is specified';
    errors.invalid(path, {}, text);
  } else if (spec.dataSourceRef && spec.dataSource && !sameSource(spec.dataSource, spec.dataSourceRef)) {
    errors.invalid(path, {}, 'must match dataSourceRef');
  }
  if (spec.volumeAttributesClassName) {
    subdomain(errors, path.child('volumeAttributesClassName'), spec.volumeAttributesClassName);
  }
}

const sameSource = (one: TypedLocalObjectReference, other: TypedObjectReference): boolean =>
  one.apiGroup === other.apiGroup && one.kind === other.kind && one.name === other.name;

/** Labels and annotations are all the metadata that what is made from a template gets from it. */
export function templateMetadata(errors: ErrorList, path: FieldPath, metadata: ObjectMeta | undefined): void {
  const { annotations: notes, labels: marks, ...rest } = metadata ?? {};
  annotations(errors, path.child('annotations'), notes);
  labels(errors, path.child('labels'), marks);
  for (const [name, value] of Object.entries(rest)) if (value) errors.forbidden(path.child(name), 'cannot be set');
}

export function claimTemplate(
  errors: ErrorList,
  path: FieldPath,
  template: { readonly metadata?: ObjectMeta; readonly spec: PersistentVolumeClaimSpec },
): void {
  templateMetadata(errors, path.child('metadata'), template.metadata);
  claimSpec(errors, path.child('spec'), template.spec);
}
