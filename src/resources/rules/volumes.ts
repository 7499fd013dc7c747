import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { dns1123SubdomainErrors } from '../../api/names.ts';
import { parseQuantity } from '../../api/quantity.ts';
import type { Volume } from '../../api/types/core-v1.gen.ts';
import { label, oneOf, optionalOneOf, present, subdomain } from './check.ts';
import { claimTemplate } from './claims.ts';
import { descendingPath, fileMode, noBacksteps } from './file-paths.ts';
import { type ForeignSource, foreignSources, iscsiNameText, isIscsiNameLong } from './foreign-volumes.ts';
import { downwardFiles, keysToPaths, projections } from './projections.ts';

/** The volumes of a pod: each names exactly one source. Source: ValidateVolumes. */

export interface VolumeContext {
  /** The pod's own name, for the claims that ephemeral volumes get; unknown in templates. */
  readonly podName: string | undefined;
  readonly isPod: boolean;
}

type Check<T> = (errors: ErrorList, path: FieldPath, source: T, volume: Volume, context: VolumeContext) => void;

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];
const pullPolicies = ['Always', 'IfNotPresent', 'Never'];

/** A CSI driver's name, as pods, claims and drivers write it. */
export function csiDriverName(errors: ErrorList, path: FieldPath, name: string): void {
  if (!name) {
    errors.required(path);
    return;
  }
  if (name.length > 63) errors.tooLong(path, 63);
  for (const text of dns1123SubdomainErrors(name.toLowerCase())) errors.invalid(path, name, text);
}

export function hostPath(
  errors: ErrorList,
  path: FieldPath,
  source: { readonly path: string; readonly type?: string },
): void {
  if (!present(errors, path.child('path'), source.path)) return;
  noBacksteps(errors, path.child('path'), source.path);
  optionalOneOf(errors, path.child('type'), source.type, hostPathTypes);
}

export function nfs(errors: ErrorList, path: FieldPath, source: NonNullable<Volume['nfs']>): void {
  present(errors, path.child('server'), source.server);
  present(errors, path.child('path'), source.path);
  if (!source.path?.startsWith('/')) errors.invalid(path.child('path'), source.path ?? '', 'must be an absolute path');
}

const ephemeral: Check<NonNullable<Volume['ephemeral']>> = (errors, path, source, volume, context) => {
  if (!source.volumeClaimTemplate) errors.required(path.child('volumeClaimTemplate'));
  else claimTemplate(errors, path.child('volumeClaimTemplate'), source.volumeClaimTemplate);
  if (!context.podName || !volume.name) return;
  const claim = `${context.podName}-${volume.name}`;
  for (const text of dns1123SubdomainErrors(claim)) {
    errors.invalid(path.child('name'), volume.name, `PVC name ${JSON.stringify(claim)}: ${text}`);
  }
};

type OwnSource = Exclude<keyof Volume, 'name' | ForeignSource>;

const ownSources: { readonly [K in OwnSource]: Check<NonNullable<Volume[K]>> } = {
  emptyDir: (errors, path, { sizeLimit }) => {
    if (sizeLimit !== undefined && parseQuantity(sizeLimit).nano < 0n) {
      errors.forbidden(path.child('sizeLimit'), 'SizeLimit field must be a valid resource quantity');
    }
  },
  hostPath,
  gitRepo: (errors, path, source) => {
    present(errors, path.child('repository'), source.repository);
    descendingPath(errors, path.child('directory'), source.directory ?? '');
  },
  secret: (errors, path, source) => {
    present(errors, path.child('secretName'), source.secretName);
    fileMode(errors, path.child('defaultMode'), source.defaultMode);
    keysToPaths(errors, path.child('items'), source.items);
  },
  nfs,
  persistentVolumeClaim: (errors, path, source) => {
    present(errors, path.child('claimName'), source.claimName);
  },
  downwardAPI: (errors, path, source) => {
    fileMode(errors, path.child('defaultMode'), source.defaultMode);
    downwardFiles(errors, path, source.items);
  },
  configMap: (errors, path, source) => {
    present(errors, path.child('name'), source.name);
    fileMode(errors, path.child('defaultMode'), source.defaultMode);
    keysToPaths(errors, path.child('items'), source.items);
  },
  projected: projections,
  csi: (errors, path, source) => {
    csiDriverName(errors, path.child('driver'), source.driver);
    if (!source.nodePublishSecretRef) return;
    const name = source.nodePublishSecretRef.name;
    if (!name) errors.required(path.child('nodePublishSecretRef', 'name'));
    else subdomain(errors, path.child('name'), name);
  },
  ephemeral,
  image: (errors, path, source, _volume, context) => {
    if (context.isPod) present(errors, path.child('reference'), source.reference);
    oneOf(errors, path.child('pullPolicy'), source.pullPolicy, pullPolicies);
  },
};

/** Upstream's order: the first source counts, every later one is one too many. */
const order: readonly Exclude<keyof Volume, 'name'>[] = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'flocker',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'quobyte',
  'downwardAPI',
  'fc',
  'flexVolume',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'storageos',
  'projected',
  'scaleIO',
  'csi',
  'ephemeral',
  'image',
];

/** Where upstream spells the path of a source differently: for the first source of a volume, and for a second one. */
const spellings: Readonly<Record<string, { readonly first?: string; readonly second?: string }>> = {
  gcePersistentDisk: { first: 'persistentDisk' },
  cephfs: { second: 'cephFS' },
  downwardAPI: { second: 'downwarAPI' },
};

const checks = { ...ownSources, ...foreignSources } as unknown as Readonly<Record<string, Check<unknown>>>;

function source(errors: ErrorList, path: FieldPath, volume: Volume, context: VolumeContext): void {
  let found = false;
  for (const name of order) {
    const value = volume[name];
    if (value === undefined) continue;
    const spelled = spellings[name];
    if (found) errors.forbidden(path.child(spelled?.second ?? name), 'may not specify more than 1 volume type');
    else checks[name]!(errors, path.child(spelled?.first ?? name), value, volume, context);
    found = true;
  }
  if (volume.iscsi && isIscsiNameLong(volume.name, volume.iscsi)) {
    errors.invalid(path.child('name'), volume.name, iscsiNameText);
  }
  if (!found) errors.required(path, 'must specify a volume type');
}

/** Checks the volumes of a pod and returns the sound ones by name: mounts may refer to those only. */
export function volumes(
  errors: ErrorList,
  path: FieldPath,
  list: readonly Volume[] | undefined,
  context: VolumeContext,
): ReadonlyMap<string, Volume> {
  const sound = new Map<string, Volume>();
  if (!list) return sound;
  const claims = new Set<string>();
  if (context.podName) for (const v of list) if (v.ephemeral) claims.add(`${context.podName}-${v.name}`);
  for (let i = 0; i < list.length; i++) {
    const volume = list[i]!;
    const at = path.index(i);
    const before = errors.errors.length;
    source(errors, at, volume, context);
    if (!volume.name) errors.required(at.child('name'));
    else label(errors, at.child('name'), volume.name);
    if (sound.has(volume.name)) errors.duplicate(at.child('name'), volume.name);
    if (errors.errors.length === before) sound.set(volume.name, volume);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim !== undefined && claims.has(claim)) {
      const text = 'must not reference a PVC that gets created for an ephemeral volume';
      errors.invalid(at.child('persistentVolumeClaim', 'claimName'), claim, text);
    }
  }
  return sound;
}
