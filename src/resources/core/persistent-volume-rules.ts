import { posix } from 'node:path';
import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import { parseQuantity } from '../../api/quantity.ts';
import type {
  CSIPersistentVolumeSource,
  PersistentVolume,
  PersistentVolumeSpec,
  SecretReference,
  Volume,
} from '../../api/types/core-v1.gen.ts';
import type { UpdateRules, WriteContext } from '../resource.ts';
import { difference, optionalOneOf, present, subdomain, unchanged } from '../rules/check.ts';
import { accessModes, volumeModes } from '../rules/claims.ts';
import { noBacksteps } from '../rules/file-paths.ts';
import { foreignSources } from '../rules/foreign-volumes.ts';
import { roundUp } from '../rules/pod-defaults.ts';
import { nodeSelector } from '../rules/scheduling.ts';
import { keepSpec } from '../rules/status.ts';
import { csiDriverName, hostPath } from '../rules/volumes.ts';
import { specPath } from '../rules/workloads.ts';

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

const timeOf = ({ now }: WriteContext): string => new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');

export function preparePersistentVolume(object: Mutable<PersistentVolume>, context: WriteContext): void {
  object.status = { phase: 'Pending', lastPhaseTransitionTime: timeOf(context) };
}

function secret(errors: ErrorList, path: FieldPath, ref: SecretReference | undefined): void {
  if (!ref) return;
  present(errors, path.child('name'), ref.name);
  present(errors, path.child('namespace'), ref.namespace);
}

function csi(errors: ErrorList, path: FieldPath, source: CSIPersistentVolumeSource): void {
  csiDriverName(errors, path.child('driver'), source.driver);
  present(errors, path.child('volumeHandle'), source.volumeHandle);
  for (const field of [
    'controllerPublishSecretRef',
    'controllerExpandSecretRef',
    'nodePublishSecretRef',
    'nodeExpandSecretRef',
  ] as const) {
    secret(errors, path.child(field), source[field]);
  }
}

type Check<T> = (errors: ErrorList, path: FieldPath, source: T) => void;

const ownSources: {
  readonly [K in 'hostPath' | 'nfs' | 'local' | 'csi']: Check<NonNullable<PersistentVolumeSpec[K]>>;
} = {
  hostPath,
  csi,
  nfs(errors, path, source) {
    present(errors, path.child('server'), source.server);
    if (present(errors, path.child('path'), source.path) && !source.path.startsWith('/')) {
      errors.invalid(path.child('path'), source.path, 'must be an absolute path');
    }
  },
  local(errors, path, source) {
    if (present(errors, path.child('path'), source.path)) noBacksteps(errors, path.child('path'), source.path);
  },
};

/** Every field that says where a volume's content is, in upstream's order. */
const sources = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
] as const;

const checks = { ...foreignSources, ...ownSources } as unknown as Readonly<
  Record<string, (errors: ErrorList, path: FieldPath, source: unknown, volume: Volume) => void>
>;

/** Exactly one content, and that as its kind must be. */
export function volumeSource(errors: ErrorList, path: FieldPath, spec: PersistentVolumeSpec): void {
  const found = sources.filter((name) => spec[name] !== undefined);
  for (const [i, name] of found.entries()) {
    const at = path.child(name);
    if (i > 0) errors.forbidden(at, 'may not specify more than 1 volume type');
    else checks[name]!(errors, at, spec[name], { name: '' });
  }
  if (found.length === 0) errors.required(path, 'must specify a volume type');
  if (found[0] === 'local' && !spec.nodeAffinity?.required) {
    errors.required(path.child('nodeAffinity'), 'Local volume requires node affinity');
  }
}

function capacity(errors: ErrorList, path: FieldPath, amounts: Readonly<Record<string, string>>): void {
  const names = Object.keys(amounts);
  if (names.length === 0) errors.required(path);
  if (names.length !== 1 || names[0] !== 'storage') errors.notSupported(path, amounts, ['storage']);
  for (const name of names) {
    const quantity = parseQuantity(amounts[name]!);
    if (quantity.nano <= 0n) errors.invalid(path.key(name), quantity.text, 'must be greater than zero');
  }
}

export function validatePersistentVolume({ spec = {} }: PersistentVolume, errors: ErrorList): void {
  accessModes(errors, specPath.child('accessModes'), spec.accessModes);
  capacity(errors, specPath.child('capacity'), (spec.capacity ?? {}) as Readonly<Record<string, string>>);
  const policy = specPath.child('persistentVolumeReclaimPolicy');
  optionalOneOf(errors, policy, spec.persistentVolumeReclaimPolicy, reclaimPolicies);
  if (spec.nodeAffinity) {
    const at = specPath.child('nodeAffinity', 'required');
    if (spec.nodeAffinity.required) nodeSelector(errors, at, spec.nodeAffinity.required);
    else errors.required(at, 'must specify required node constraints');
  }
  volumeSource(errors, specPath, spec);
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

function sourceOf(spec: PersistentVolumeSpec, old: PersistentVolumeSpec): Record<string, unknown> {
  const found = Object.fromEntries(
    sources.filter((name) => spec[name] !== undefined).map((name) => [name, spec[name]]),
  );
  // Secrets for growing a volume may be added later.
  if (spec.csi && old.csi && !old.csi.controllerExpandSecretRef) {
    const { controllerExpandSecretRef: _, ...rest } = spec.csi;
    found['csi'] = rest;
  }
  return found;
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
  if (before.nodeAffinity) unchanged(errors, FieldPath.of('nodeAffinity'), spec.nodeAffinity, before.nodeAffinity);
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
