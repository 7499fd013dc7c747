import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { comparable } from '../../api/json-number.ts';
import { nameIsSubdomain } from '../../api/names.ts';
import type {
  ClusterTrustBundleProjection,
  DownwardAPIVolumeFile,
  KeyToPath,
  PodCertificateProjection,
  ProjectedVolumeSource,
  VolumeProjection,
} from '../../api/types/core-v1.gen.ts';
import { oneOf, present } from './check.ts';
import { fieldSelector, resourceSelector, volumeFields } from './downward.ts';
import { fileMode, projectedPath } from './file-paths.ts';
import { labelSelector } from './labels.ts';
import { signerName } from './signer-name.ts';

/** Files that volumes make out of Secrets, ConfigMaps, the pod itself and tokens. */

function keyToPath(errors: ErrorList, path: FieldPath, item: KeyToPath): void {
  present(errors, path.child('key'), item.key);
  present(errors, path.child('path'), item.path);
  projectedPath(errors, path.child('path'), item.path ?? '');
  fileMode(errors, path.child('mode'), item.mode);
}

export function keysToPaths(errors: ErrorList, path: FieldPath, items: readonly KeyToPath[] | undefined): void {
  for (const [i, item] of (items ?? []).entries()) keyToPath(errors, path.index(i), item);
}

function downwardFile(errors: ErrorList, path: FieldPath, file: DownwardAPIVolumeFile): void {
  present(errors, path.child('path'), file.path);
  projectedPath(errors, path.child('path'), file.path ?? '');
  if (file.fieldRef) {
    fieldSelector(errors, path.child('fieldRef'), file.fieldRef, volumeFields);
    if (file.resourceFieldRef) {
      errors.invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously');
    }
  } else if (file.resourceFieldRef) {
    resourceSelector(errors, path.child('resourceFieldRef'), file.resourceFieldRef, true);
  } else {
    errors.required(path, 'one of fieldRef and resourceFieldRef is required');
  }
  fileMode(errors, path.child('mode'), file.mode);
}

/** Upstream names no index here, so all files share one path. */
export function downwardFiles(
  errors: ErrorList,
  path: FieldPath,
  files: readonly DownwardAPIVolumeFile[] | undefined,
): void {
  for (const file of files ?? []) downwardFile(errors, path, file);
}

const shortestToken = 600;
const longestToken = 2 ** 32;

/** "signer.example.com:foo:bar" for a signer's bundle, a plain name for anybody's. Source: ValidateClusterTrustBundleName. */
function trustBundleNameErrors(name: string): string[] {
  const colon = name.lastIndexOf(':');
  return nameIsSubdomain(colon < 0 ? name : name.slice(colon + 1), false);
}

function trustBundle(errors: ErrorList, path: FieldPath, source: ClusterTrustBundleProjection): void {
  const { name, signerName: signer } = source;
  if (name !== undefined && signer !== undefined) {
    errors.invalid(path, source, 'only one of name and signerName may be used');
  } else if (name !== undefined) {
    present(errors, path.child('name'), name, 'must be a valid object name');
    for (const text of trustBundleNameErrors(name)) {
      errors.invalid(path.child('name'), name, `not a valid clustertrustbundlename: ${text}`);
    }
    if (source.labelSelector) {
      const text = 'labelSelector must be unset if name is specified';
      errors.invalid(path.child('labelSelector'), source.labelSelector, text);
    }
  } else if (signer !== undefined) {
    present(errors, path.child('signerName'), signer, 'must be a valid signer name');
    signerName(errors, path.child('signerName'), signer);
    labelSelector(errors, path.child('labelSelector'), source.labelSelector);
  } else {
    errors.required(path, 'either name or signerName must be specified');
  }
  present(errors, path.child('path'), source.path);
  projectedPath(errors, path.child('path'), source.path);
}

const certificateKeys = ['ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519', 'RSA3072', 'RSA4096'];

function certificate(errors: ErrorList, path: FieldPath, source: PodCertificateProjection): string[] {
  signerName(errors, path.child('signerName'), source.signerName);
  oneOf(errors, path.child('keyType'), source.keyType, certificateKeys);
  const seconds = source.maxExpirationSeconds;
  if (seconds !== undefined && seconds < 3600) {
    errors.invalid(path.child('maxExpirationSeconds'), seconds, 'if provided, maxExpirationSeconds must be >= 3600');
  }
  if (seconds !== undefined && seconds > 91 * 86_400) {
    errors.invalid(path.child('maxExpirationSeconds'), seconds, 'if provided, maxExpirationSeconds must be <= 7862400');
  }
  const files = (['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const).filter((name) => source[name]);
  for (const name of files) projectedPath(errors, path.child(name), source[name]!);
  if (files.length === 0) {
    errors.required(path, 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath');
  }
  return files.map((name) => source[name]!);
}

/** One source of a projected volume. Returns the paths it makes, and for whom they would collide. */
function projection(errors: ErrorList, path: FieldPath, at: FieldPath, source: VolumeProjection): [string, string][] {
  const files: [path: string, blamed: string][] = [];
  for (const kind of ['secret', 'configMap'] as const) {
    const from = source[kind];
    if (!from) continue;
    present(errors, at.child(kind, 'name'), from.name);
    keysToPaths(errors, at.child(kind, 'items'), from.items);
    for (const item of from.items ?? []) if (item.path) files.push([item.path, from.name ?? '']);
  }
  if (source.downwardAPI) {
    downwardFiles(errors, at.child('downwardAPI'), source.downwardAPI.items);
    for (const file of source.downwardAPI.items ?? []) if (file.path) files.push([file.path, file.path]);
  }
  if (source.serviceAccountToken) {
    const { expirationSeconds = 0, path: file } = source.serviceAccountToken;
    const seconds = at.child('serviceAccountToken', 'expirationSeconds');
    if (comparable(expirationSeconds) < shortestToken) {
      errors.invalid(seconds, expirationSeconds, 'may not specify a duration less than 10 minutes');
    }
    if (comparable(expirationSeconds) > longestToken) {
      errors.invalid(seconds, expirationSeconds, 'may not specify a duration larger than 2^32 seconds');
    }
    if (!file) errors.required(path.child('path'));
    else projectedPath(errors, path.child('path'), file);
  }
  if (source.clusterTrustBundle) {
    trustBundle(errors, at.child('clusterTrustBundle'), source.clusterTrustBundle);
    files.push([source.clusterTrustBundle.path, source.clusterTrustBundle.path]);
  }
  if (source.podCertificate) {
    for (const file of certificate(errors, at.child('podCertificate'), source.podCertificate)) files.push([file, file]);
  }
  return files;
}

export function projections(errors: ErrorList, path: FieldPath, volume: ProjectedVolumeSource): void {
  fileMode(errors, path.child('defaultMode'), volume.defaultMode);
  const taken = new Set<string>();
  for (const [i, source] of (volume.sources ?? []).entries()) {
    const at = path.child('sources').index(i);
    for (const [file, blamed] of projection(errors, path, at, source)) {
      if (taken.has(file)) errors.invalid(path, blamed, 'conflicting duplicate paths');
      taken.add(file);
    }
    if (Object.values(source).filter((value) => value !== undefined).length > 1) {
      errors.forbidden(at, 'may not specify more than 1 volume type per source');
    }
  }
}
