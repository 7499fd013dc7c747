import type { FieldPath } from '../../api/field-errors.ts';
import type { ObjectMeta } from '../../api/object.ts';
import type { PersistentVolumeClaimSpec, Volume, VolumeProjection } from '../../api/types/core-v1.gen.ts';
import { fractionalBytes } from './container-warnings.ts';

/** What a user probably did not mean with a volume or a claim. Source: pkg/api/pod and pkg/api/persistentvolumeclaim. */

/** Storage systems that Kubernetes no longer knows, with what became of them. */
export const goneVolumes = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
} as const;

/** Upstream spells one of them its own way. */
const spelling = (name: string): string => (name === 'storageos' ? 'storageOS' : name);

/** Of a volume or a persistent volume, whose `path` is given. */
export function goneVolumeWarnings(source: object, path: FieldPath): string[] {
  const found: string[] = [];
  for (const name in source) {
    if (isGone(name)) found.push(`${path.child(spelling(name))}: ${goneVolumes[name]}`);
  }
  return found;
}

const isGone = (name: string): name is keyof typeof goneVolumes => Object.hasOwn(goneVolumes, name);

export function claimSpecWarnings(spec: PersistentVolumeClaimSpec | undefined, path: FieldPath): string[] {
  if (!spec?.resources) return [];
  const at = path.child('resources');
  return [
    ...fractionalBytes(at, 'requests', spec.resources.requests, ['storage']),
    ...fractionalBytes(at, 'limits', spec.resources.limits, ['storage']),
  ];
}

const oldClass = 'volume.beta.kubernetes.io/storage-class';

/** The annotation of volumes and claims that a field has replaced. */
export const oldClassWarnings = ({ metadata }: { readonly metadata: ObjectMeta }): string[] =>
  metadata.annotations?.[oldClass] !== undefined
    ? [`metadata.annotations[${oldClass}]: deprecated since v1.8; use "storageClassName" attribute instead`]
    : [];

interface PlacedPath {
  readonly path: string;
  /** Which source of a projected volume puts it there. */
  readonly source: string;
}

const quoted = (text: string): string => JSON.stringify(text);

/** Two files at one place, or a file where another one needs a directory. */
const overlap = (one: string, other: string): boolean =>
  one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`);

/** Advice has an end: this many files of a volume are compared with each other. */
const mostCompared = 1000;

function overlapping(paths: readonly PlacedPath[]): string[] {
  if (paths.length < 2) return [];
  const before: PlacedPath[] = [];
  const print = ({ path, source }: PlacedPath): string => (source ? `${quoted(path)} (${source})` : quoted(path));
  return paths.slice(0, mostCompared).flatMap((given) => {
    const placed = { ...given, path: given.path.replace(/\/+$/, '') };
    if (!placed.path) return [];
    const others = before.filter(({ path }) => overlap(placed.path, path));
    before.push(placed);
    return others.length ? [`overlapping paths: ${print(placed)} with ${others.map(print).join(', ')}`] : [];
  });
}

const pathsOf = (items: readonly { readonly path: string }[] | undefined, source = ''): PlacedPath[] =>
  (items ?? []).map(({ path }) => ({ path, source }));

function projectedPaths(source: VolumeProjection): PlacedPath[] {
  const { secret, configMap, downwardAPI, serviceAccountToken: token, clusterTrustBundle: bundle } = source;
  if (secret) return pathsOf(secret.items, `Secret ${quoted(secret.name ?? '')}`);
  if (configMap) return pathsOf(configMap.items, `ConfigMap ${quoted(configMap.name ?? '')}`);
  if (downwardAPI) return pathsOf(downwardAPI.items, 'DownwardAPI');
  if (token) return pathsOf([token], 'ServiceAccountToken');
  if (bundle) return pathsOf([bundle], `ClusterTrustBundle ${quoted(bundle.name ?? bundle.signerName ?? '')}`);
  return [];
}

function overlaps({ name, configMap, secret, downwardAPI, projected }: Volume): string[] {
  const warn = (what: string, paths: readonly PlacedPath[]): string[] =>
    overlapping(paths).map((text) => `volume ${quoted(name)} (${what}): ${text}`);
  if (configMap) return warn(`ConfigMap ${quoted(configMap.name ?? '')}`, pathsOf(configMap.items));
  if (secret) return warn(`Secret ${quoted(secret.secretName ?? '')}`, pathsOf(secret.items));
  if (downwardAPI) return warn('DownwardAPI', pathsOf(downwardAPI.items));
  if (!projected) return [];
  const sources = projected.sources ?? [];
  if (sources.length === 0) return [`volume ${quoted(name)} (Projected) has no sources provided`];
  return warn('Projected', sources.flatMap(projectedPaths));
}

export function volumeWarnings(volumes: readonly Volume[], path: FieldPath): string[] {
  const found: string[] = [];
  for (let i = 0; i < volumes.length; i++) {
    const volume = volumes[i]!;
    const at = path.index(i);
    found.push(...goneVolumeWarnings(volume, at));
    const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
    if (claim) found.push(...claimSpecWarnings(claim, at.child('ephemeral', 'volumeClaimTemplate', 'spec')));
  }
  for (const volume of volumes) found.push(...overlaps(volume));
  return found;
}
