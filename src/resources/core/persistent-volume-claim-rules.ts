import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import { compareQuantities, quantityValue } from '../../api/quantity.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../api/types/core-v1.gen.ts';
import type { UpdateRules } from '../resource.ts';
import { difference, qualifiedName, unchanged } from '../rules/check.ts';
import { claimSpecDefaults } from '../rules/claim-defaults.ts';
import { claimSpec } from '../rules/claims.ts';
import { isNative, resourceQuantity } from '../rules/quantities.ts';
import { keepSpec, keepStatus } from '../rules/status.ts';
import { specPath, statusPath } from '../rules/workloads.ts';

export function claimDefaults(object: Mutable<PersistentVolumeClaim>): void {
  claimSpecDefaults((object.spec ??= {}));
  const status = (object.status ??= {});
  status.phase ||= 'Pending';
}

/** The old and the new field for a volume's content say the same. Source: pvc util, NormalizeDataSources. */
function matchSources(spec: Mutable<PersistentVolumeClaimSpec>): void {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource };
  else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) {
    const { namespace: _, ...local } = dataSourceRef;
    spec.dataSource = local;
  }
}

/** What has been written before there was a second field must pass too. */
export function prepareClaimUpdate(object: Mutable<PersistentVolumeClaim>, old: PersistentVolumeClaim): void {
  keepStatus(object, old);
  if (object.spec) matchSources(object.spec);
}

export function prepareClaim(object: Mutable<PersistentVolumeClaim>): void {
  object.status = { phase: 'Pending' };
  if (object.spec) matchSources(object.spec);
}

export function validateClaim({ spec = {} }: PersistentVolumeClaim, errors: ErrorList): void {
  claimSpec(errors, specPath, spec);
}

const oldClass = 'volume.beta.kubernetes.io/storage-class';
const classOf = ({ metadata }: PersistentVolumeClaim): string | undefined => metadata.annotations?.[oldClass];

/** Whether the class moves from the annotation to the field that replaced it. */
function takesOverClass(object: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const [annotated, before] = [classOf(object), classOf(old)];
  const kept = annotated === undefined || annotated === before;
  const isMove = old.spec?.storageClassName === undefined && object.spec?.storageClassName === before;
  return before !== undefined && kept && isMove;
}

/** The spec of an update with all that may have changed as it was. */
function unchangedPart(object: PersistentVolumeClaim, old: PersistentVolumeClaim): PersistentVolumeClaimSpec {
  const [now, before] = [object.spec ?? {}, old.spec ?? {}];
  const bound = old.status?.phase === 'Bound';
  const firstClass = before.storageClassName === undefined && classOf(old) === undefined;
  const { volumeName, storageClassName, volumeAttributesClassName, resources, ...rest } = now;
  const size = before.resources?.requests?.['storage'];
  return {
    ...rest,
    ...(before.volumeName ? { volumeName: volumeName ?? '' } : {}),
    ...(firstClass || takesOverClass(object, old) ? {} : { storageClassName: storageClassName! }),
    volumeAttributesClassName: (bound ? before : now).volumeAttributesClassName!,
    resources:
      bound && resources?.requests && size !== undefined
        ? { ...resources, requests: { ...resources.requests, storage: size } }
        : resources!,
  };
}

const immutable =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

function size(errors: ErrorList, object: PersistentVolumeClaim, old: PersistentVolumeClaim): void {
  const now = object.spec?.resources?.requests?.['storage'] ?? '0';
  const before = old.spec?.resources?.requests?.['storage'] ?? '0';
  // A volume that could not grow may be asked to grow less, but none can shrink.
  if (compareQuantities(now, before) >= 0) return;
  if (compareQuantities(now, old.status?.capacity?.['storage'] ?? '0') > 0) return;
  const at = specPath.child('resources', 'requests', 'storage');
  errors.forbidden(at, 'field can not be less than status.capacity');
}

function attributesClass(errors: ErrorList, now: string | undefined, old: string | undefined): void {
  const at = specPath.child('volumeAttributesClassName');
  if (old === undefined || now === old) return;
  if (now === undefined) errors.forbidden(at, 'update from non-nil value to nil is forbidden');
  else if (now === '') errors.forbidden(at, 'update from non-nil value to an empty string is forbidden');
}

/** Source: ValidatePersistentVolumeClaimUpdate. */
export function validateClaimUpdate(
  object: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
  errors: ErrorList,
): void {
  const [spec, before] = [object.spec ?? {}, old.spec ?? {}];
  if (!takesOverClass(object, old)) {
    unchanged(errors, FieldPath.of('metadata', 'annotations', oldClass), classOf(object), classOf(old));
  }
  const [now, fixed] = [unchangedPart(object, old), unchangedPart(old, old)];
  if (!sameValue(now, fixed)) {
    errors.forbidden(specPath, [immutable, ...difference(fixed, now), ''].join('\n'));
  }
  size(errors, object, old);
  unchanged(errors, FieldPath.of('volumeMode'), spec.volumeMode, before.volumeMode);
  attributesClass(errors, spec.volumeAttributesClassName, before.volumeAttributesClassName);
}

const resizeStatuses = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizePending',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
];

type Amounts = Readonly<Record<string, string>> | undefined;

/** Of what Kubernetes itself counts, a claim has only storage. Returns whether the name is good. */
function resourceKey(errors: ErrorList, path: FieldPath, name: string): boolean {
  const before = errors.errors.length;
  qualifiedName(errors, path, name);
  if (errors.errors.length === before && isNative(name) && name !== 'storage') {
    errors.notSupported(path, name, ['storage']);
  }
  return errors.errors.length === before;
}

/** Returns whether the amount is good. */
function amount(errors: ErrorList, path: FieldPath, value: string): boolean {
  const units = quantityValue(value);
  if (units < 0) errors.invalid(path, units, 'must be a valid resource quantity');
  return units >= 0;
}

/** Source: ValidatePersistentVolumeClaimStatusUpdate. */
export const claimStatus: UpdateRules<PersistentVolumeClaim> = {
  prepareUpdate: keepSpec,
  validateUpdate({ spec, status }, _old, errors) {
    if (!spec?.accessModes?.length) errors.required(FieldPath.of('Spec', 'accessModes'));
    const capacity = status?.capacity as Amounts;
    for (const name in capacity) amount(errors, statusPath.child('capacity').key(name), capacity[name]!);
    const path = statusPath.child('allocatedResourceStatus');
    for (const [name, value] of Object.entries(status?.allocatedResourceStatuses ?? {})) {
      resourceKey(errors, path, name);
      if (!resizeStatuses.includes(value)) errors.notSupported(path, name, resizeStatuses);
    }
    const allocated = status?.allocatedResources as Amounts;
    for (const name in allocated) {
      const at = statusPath.child('allocatedResources');
      if (!resourceKey(errors, at, name) || !amount(errors, at.key(name), allocated[name]!)) continue;
      resourceQuantity(errors, at.key(name), 'storage', allocated[name]!);
    }
  },
};
