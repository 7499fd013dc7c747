import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { CSIPersistentVolumeSource, PersistentVolumeSpec, SecretReference } from '../../api/types/core-v1.gen.ts';
import { label, present, subdomain } from '../rules/check.ts';
import { noBacksteps } from '../rules/file-paths.ts';
import { foreignSources, iscsiNameText, iscsiTarget, isIscsiNameLong } from '../rules/foreign-volumes.ts';
import { csiDriverName, hostPath, nfs } from '../rules/volumes.ts';

/** Where a persistent volume's content is: each names exactly one source. Source: ValidatePersistentVolumeSpec. */

/** Every source, in upstream's order. */
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
type SourceName = (typeof sources)[number];

type Check<T> = (errors: ErrorList, path: FieldPath, source: T, name: string) => void;

/** Secrets of a driver: a volume has no namespace, so they name theirs. */
function secret(errors: ErrorList, path: FieldPath, ref: SecretReference | undefined): void {
  if (!ref) return;
  if (present(errors, path.child('name'), ref.name)) subdomain(errors, path.child('name'), ref.name);
  if (present(errors, path.child('namespace'), ref.namespace)) label(errors, path.child('namespace'), ref.namespace);
}

const secretFields = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const;

const csi: Check<CSIPersistentVolumeSource> = (errors, path, source) => {
  csiDriverName(errors, path.child('driver'), source.driver);
  present(errors, path.child('volumeHandle'), source.volumeHandle);
  for (const field of secretFields) secret(errors, path.child(field), source[field]);
};

const iscsi: Check<NonNullable<PersistentVolumeSpec['iscsi']>> = (errors, path, source, name) => {
  present(errors, path.child('targetPortal'), source.targetPortal);
  if (isIscsiNameLong(name, source)) errors.invalid(path.child('targetportal'), source.targetPortal, iscsiNameText);
  iscsiTarget(errors, path, source);
  if (source.secretRef) present(errors, path.child('secretRef', 'name'), source.secretRef.name);
};

/** What a volume of a cluster says beyond what a volume of a pod says. */
const own: { readonly [K in SourceName]?: Check<NonNullable<PersistentVolumeSpec[K]>> } = {
  hostPath,
  nfs,
  csi,
  iscsi,
  local(errors, path, source) {
    if (present(errors, path.child('path'), source.path)) noBacksteps(errors, path.child('path'), source.path);
  },
  glusterfs(errors, path, source) {
    foreignSources.glusterfs(errors, path, source);
    const namespace = source.endpointsNamespace;
    const at = path.child('endpointsNamespace');
    if (namespace === '') {
      errors.invalid(at, namespace, 'if the endpointnamespace is set, it must be a valid namespace name');
    } else if (namespace !== undefined) label(errors, at, namespace);
  },
  cinder(errors, path, source) {
    foreignSources.cinder(errors, path, source);
    if (source.secretRef) present(errors, path.child('secretRef', 'namespace'), source.secretRef.namespace);
  },
  azureFile(errors, path, source) {
    foreignSources.azureFile(errors, path, source);
    if (source.secretNamespace === '') errors.required(path.child('secretNamespace'));
  },
  storageos(errors, path, source) {
    foreignSources.storageos(errors, path, source);
    if (source.secretRef) present(errors, path.child('secretRef', 'namespace'), source.secretRef.namespace);
  },
};

const checks = { ...foreignSources, ...own } as unknown as Readonly<Record<SourceName, Check<unknown>>>;

/** Where upstream spells the path of a source differently. */
const spellings: Readonly<Record<string, { readonly first?: string; readonly second?: string }>> = {
  gcePersistentDisk: { first: 'persistentDisk' },
  cephfs: { second: 'cephFS' },
};

export function volumeSource(errors: ErrorList, path: FieldPath, spec: PersistentVolumeSpec, name: string): void {
  let count = 0;
  for (const source of sources) {
    const value = spec[source];
    if (value === undefined) continue;
    // Upstream never minds a second source that is a flex volume.
    const second = count > 0 && source !== 'flexVolume';
    if (second) {
      errors.forbidden(path.child(spellings[source]?.second ?? source), 'may not specify more than 1 volume type');
    } else {
      checks[source](errors, path.child(spellings[source]?.first ?? source), value, name);
      count++;
      if (source === 'local' && !spec.nodeAffinity) {
        errors.required(path.child('nodeAffinity'), 'Local volume requires node affinity');
      }
    }
  }
  if (count === 0) errors.required(path, 'must specify a volume type');
}

/** The content of a volume, as far as it may never change. Secrets for growing a volume may be added later. */
export function sourceOf(spec: PersistentVolumeSpec, old: PersistentVolumeSpec): Record<string, unknown> {
  const found = Object.fromEntries(
    sources.filter((name) => spec[name] !== undefined).map((name) => [name, spec[name]]),
  );
  if (spec.csi && old.csi && !old.csi.controllerExpandSecretRef) {
    const { controllerExpandSecretRef: _, ...rest } = spec.csi;
    found['csi'] = rest;
  }
  return found;
}
