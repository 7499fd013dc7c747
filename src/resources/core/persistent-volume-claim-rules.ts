import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import { compareQuantities } from '../../api/quantity.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../api/types/core-v1.gen.ts';
import type { UpdateRules } from '../resource.ts';
import { difference, unchanged } from '../rules/check.ts';
import { claimSpecDefaults } from '../rules/claim-defaults.ts';
import { claimSpec } from '../rules/claims.ts';
import { keepSpec } from '../rules/status.ts';
import { specPath } from '../rules/workloads.ts';

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

export function prepareClaim(object: Mutable<PersistentVolumeClaim>): void {
  object.status = { phase: 'Pending' };
  if (object.spec) matchSources(object.spec);
}

export function validateClaim({ spec = {} }: PersistentVolumeClaim, errors: ErrorList): void {
  claimSpec(errors, specPath, spec);
}

/** The part of a spec that may never change, once what may is taken from the old one. */
function fixedPart(spec: PersistentVolumeClaimSpec, old: PersistentVolumeClaim): object {
  const before = old.spec ?? {};
  const { volumeAttributesClassName: _, volumeName, storageClassName, resources, ...rest } = spec;
  const size = before.resources?.requests?.['storage'];
  const bound = old.status?.phase === 'Bound' && resources?.requests && size !== undefined;
  return {
    ...rest,
    ...(before.volumeName && { volumeName }),
    ...(before.storageClassName !== undefined && { storageClassName }),
    resources: bound ? { ...resources, requests: { ...resources.requests, storage: size } } : resources,
  };
}

const attributesPath = specPath.child('volumeAttributesClassName');
const immutable =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

export function validateClaimUpdate(
  object: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
  errors: ErrorList,
): void {
  const [spec, before] = [object.spec ?? {}, old.spec ?? {}];
  const [now, fixed] = [fixedPart(spec, old), fixedPart(before, old)];
  if (!sameValue(now, fixed)) {
    errors.forbidden(specPath, [immutable, ...difference(fixed, now), ''].join('\n'));
  }
  const size = spec.resources?.requests?.['storage'];
  const sizeBefore = before.resources?.requests?.['storage'];
  if (size !== undefined && sizeBefore !== undefined && compareQuantities(size, sizeBefore) < 0) {
    if (compareQuantities(size, old.status?.capacity?.['storage'] ?? '0') <= 0) {
      const at = specPath.child('resources', 'requests', 'storage');
      errors.forbidden(at, 'field can not be less than status.capacity');
    }
  }
  unchanged(errors, FieldPath.of('volumeMode'), spec.volumeMode, before.volumeMode);
  if (before.volumeAttributesClassName === undefined) return;
  const name = spec.volumeAttributesClassName;
  if (name === undefined) errors.forbidden(attributesPath, 'update from non-nil value to nil is forbidden');
  else if (name === '') {
    errors.forbidden(attributesPath, 'update from non-nil value to an empty string is forbidden');
  }
}

export const claimStatus: UpdateRules<PersistentVolumeClaim> = { prepareUpdate: keepSpec };
