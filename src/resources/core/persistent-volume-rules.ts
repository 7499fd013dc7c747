import { posix } from 'node:path';
import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import { parseQuantity } from '../../api/quantity.ts';
import type {
  NodeSelectorRequirement,
  PersistentVolume,
  PersistentVolumeSpec,
  VolumeNodeAffinity,
} from '../../api/types/core-v1.gen.ts';
import type { UpdateRules, WriteContext } from '../resource.ts';
import { difference, immutable, optionalOneOf, subdomain, unchanged } from '../rules/check.ts';
import { accessModes, volumeModes } from '../rules/claims.ts';
import { nodeLabelWarnings } from '../rules/node-labels.ts';
import { roundUp } from '../rules/pod-defaults.ts';
import { nodeSelector } from '../rules/scheduling.ts';
import { keepSpec, timeOf } from '../rules/status.ts';
import { goneVolumeWarnings, oldClassWarnings } from '../rules/volume-warnings.ts';
import { specPath } from '../rules/workloads.ts';
import { sourceOf, volumeSource } from './persistent-volume-sources.ts';

const reclaimPolicies = ['Delete', 'Recycle', 'Retain'];

export function persistentVolumeDefaults(object: Mutable<PersistentVolume>): void {
  const spec = (object.spec ??= {});
  spec.persistentVolumeReclaimPolicy ||= 'Retain';
  spec.volumeMode ??= 'Filesystem';
  if (spec.hostPath) spec.hostPath.type ??= '';
  roundUp(spec.capacity as Record<string, string> | undefined);
  const status = (object.status ??= {});
  status.phase ||= 'Pending';
}

export function preparePersistentVolume(object: Mutable<PersistentVolume>, context: WriteContext): void {
  object.status = { phase: 'Pending', lastPhaseTransitionTime: timeOf(context) };
}

function capacity(errors: ErrorList, path: FieldPath, amounts: Readonly<Record<string, string>> | undefined): void {
  const names = Object.keys(amounts ?? {});
  if (names.length === 0) errors.required(path);
  if (names.length !== 1 || names[0] !== 'storage') errors.notSupported(path, amounts ?? null, ['storage']);
  for (const name of names) {
    const quantity = parseQuantity(amounts![name]!);
    if (quantity.nano <= 0n) errors.invalid(path.key(name), quantity.text, 'must be greater than zero');
  }
}

export function validatePersistentVolume({ metadata, spec = {} }: PersistentVolume, errors: ErrorList): void {
  accessModes(errors, specPath.child('accessModes'), spec.accessModes);
  capacity(errors, specPath.child('capacity'), spec.capacity as Readonly<Record<string, string>> | undefined);
  const policy = specPath.child('persistentVolumeReclaimPolicy');
  optionalOneOf(errors, policy, spec.persistentVolumeReclaimPolicy, reclaimPolicies);
  if (spec.nodeAffinity) {
    const at = specPath.child('nodeAffinity', 'required');
    if (spec.nodeAffinity.required) nodeSelector(errors, at, spec.nodeAffinity.required);
    else errors.required(at, 'must specify required node constraints');
  }
  volumeSource(errors, specPath, spec, metadata.name ?? '');
  if (
    spec.hostPath &&
    posix.resolve(spec.hostPath.path || '.') === '/' &&
    spec.persistentVolumeReclaimPolicy === 'Recycle'
  ) {
    errors.forbidden(policy, "may not be 'recycle' for a hostPath mount of '/'");
  }
  if (spec.storageClassName) subdomain(errors, specPath.child('storageClassName'), spec.storageClassName);
  optionalOneOf(errors, specPath.child('volumeMode'), spec.volumeMode, volumeModes);
  if (spec.volumeAttributesClassName !== undefined) attributesClass(errors, spec, spec.volumeAttributesClassName);
}

function attributesClass(errors: ErrorList, spec: PersistentVolumeSpec, name: string): void {
  const at = specPath.child('volumeAttributesClassName');
  if (name === '') errors.required(at, 'an empty string is disallowed');
  else subdomain(errors, at, name);
  if (!spec.csi) errors.required(specPath.child('csi'), 'has to be specified when using volumeAttributesClassName');
}

/** Labels of nodes that got a name of their own when they became stable: an affinity may follow. */
const stableLabels: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
};

/** Once set, where a volume can be reached stays. Source: validatePvNodeAffinity. */
function sameAffinity(errors: ErrorList, now: VolumeNodeAffinity | undefined, old: VolumeNodeAffinity): void {
  const terms = now?.required?.nodeSelectorTerms ?? [];
  const followed = (requirement: NodeSelectorRequirement, key: string | undefined): NodeSelectorRequirement =>
    key !== undefined && stableLabels[requirement.key] === key ? { ...requirement, key } : requirement;
  const allowed = old.required?.nodeSelectorTerms?.map((term, i) => ({
    ...term,
    ...(term.matchExpressions && {
      matchExpressions: term.matchExpressions.map((r, j) => followed(r, terms[i]?.matchExpressions?.[j]?.key)),
    }),
  }));
  if (sameValue(now, { ...old, required: { ...old.required, nodeSelectorTerms: allowed } })) return;
  errors.invalid(FieldPath.of('nodeAffinity'), now, `${immutable}, except for updating from beta label to GA`);
}

export function validatePersistentVolumeUpdate(
  object: PersistentVolume,
  old: PersistentVolume,
  errors: ErrorList,
): void {
  const [spec, before] = [object.spec ?? {}, old.spec ?? {}];
  const [now, fixed] = [sourceOf(spec, before), sourceOf(before, before)];
  if (!sameValue(now, fixed)) {
    const text = 'spec.persistentvolumesource is immutable after creation';
    errors.forbidden(specPath.child('persistentvolumesource'), [text, ...difference(fixed, now), ''].join('\n'));
  }
  unchanged(errors, FieldPath.of('volumeMode'), spec.volumeMode, before.volumeMode);
  if (before.nodeAffinity) sameAffinity(errors, spec.nodeAffinity, before.nodeAffinity);
  if (before.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined) {
    const text = 'update from non-nil value to nil is forbidden';
    errors.forbidden(specPath.child('volumeAttributesClassName'), text);
  }
}

export const persistentVolumeStatus: UpdateRules<PersistentVolume> = {
  prepareUpdate(object, old, context) {
    keepSpec(object, old);
    const status = (object.status ??= {});
    const [time, before] = [status.lastPhaseTransitionTime, old.status?.lastPhaseTransitionTime];
    if (status.phase !== old.status?.phase) {
      if (!time || time === before) status.lastPhaseTransitionTime = timeOf(context);
    }
  },
};

const recycling =
  'The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.';

/** Source: pkg/api/persistentvolume util.go. */
export function persistentVolumeWarnings(object: PersistentVolume): string[] {
  const spec = object.spec ?? {};
  const terms = specPath.child('nodeAffinity', 'required', 'nodeSelectorTerms');
  return [
    ...(spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).flatMap((term, i) =>
      nodeLabelWarnings(term, `${terms.index(i)}`),
    ),
    ...oldClassWarnings(object),
    ...(spec.persistentVolumeReclaimPolicy === 'Recycle' ? [`spec.persistentVolumeReclaimPolicy: ${recycling}`] : []),
    ...goneVolumeWarnings(spec, specPath),
  ];
}
