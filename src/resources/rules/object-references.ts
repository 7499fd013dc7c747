import type { PersistentVolume, PodSpec, Volume } from '../../api/types/core-v1.gen.ts';

/** Which objects pods and volumes name. Source: pkg/api/v1/pod/util.go, pkg/api/v1/persistentvolume/util.go. */

const containersOf = (spec: PodSpec) => [
  ...(spec.initContainers ?? []),
  ...(spec.containers ?? []),
  ...(spec.ephemeralContainers ?? []),
];

const projections = (spec: PodSpec) => (spec.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);

/** Types of volumes that name a secret, each with the field that does. */
const secretFields = {
  azureFile: 'secretName',
  cephfs: 'secretRef',
  cinder: 'secretRef',
  csi: 'nodePublishSecretRef',
  flexVolume: 'secretRef',
  iscsi: 'secretRef',
  rbd: 'secretRef',
  scaleIO: 'secretRef',
  secret: 'secretName',
  storageos: 'secretRef',
} as const satisfies Partial<Record<keyof Volume, string>>;

interface Reference {
  readonly name?: string;
  readonly namespace?: string;
}

/** What a field names: it holds a name or a reference. */
const referenceIn = (field: unknown): Reference | undefined =>
  typeof field === 'string' ? { name: field } : ((field as Reference | null | undefined) ?? undefined);

const namesIn = (references: readonly (Reference | undefined)[]): string[] =>
  references.flatMap((reference) => (reference ? [reference.name ?? ''] : []));

function secretOf(volume: Volume): Reference | undefined {
  for (const [type, field] of Object.entries(secretFields)) {
    const source = volume[type as keyof Volume] as Readonly<Record<string, unknown>> | undefined;
    if (source) return referenceIn(source[field]);
  }
  return undefined;
}

/** The names of the secrets that a pod reads or that are used to mount its volumes, in its own namespace. */
export const secretNames = (spec: PodSpec): string[] =>
  namesIn([
    ...(spec.imagePullSecrets ?? []),
    ...containersOf(spec).flatMap(({ env = [], envFrom = [] }) => [
      ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef),
      ...envFrom.map(({ secretRef }) => secretRef),
    ]),
    ...(spec.volumes ?? []).map(secretOf),
    ...projections(spec).map(({ secret }) => secret),
  ]);

/** The names of the config maps that a pod reads. */
export const configMapNames = (spec: PodSpec): string[] =>
  namesIn([
    ...containersOf(spec).flatMap(({ env = [], envFrom = [] }) => [
      ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef),
      ...envFrom.map(({ configMapRef }) => configMapRef),
    ]),
    ...(spec.volumes ?? []).map(({ configMap }) => configMap),
    ...projections(spec).map(({ configMap }) => configMap),
  ]);

/** The names of the claims that a pod mounts, those that are made for it included. */
export const volumeClaimNames = (podName: string, spec: PodSpec): string[] =>
  (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return [persistentVolumeClaim.claimName];
    return ephemeral ? [`${podName}-${name}`] : [];
  });

const nodeSecrets = ['nodePublishSecretRef', 'nodeStageSecretRef', 'nodeExpandSecretRef'] as const;
const volumeSecretFields = { ...secretFields, azureFile: 'secretName', csi: undefined, secret: undefined };

/** The secrets by which nodes mount a volume, as "namespace/name". Those without a namespace lie beside the volume's claim. */
export function volumeSecretKeys({ spec }: PersistentVolume): string[] {
  if (!spec) return [];
  const beside = spec.claimRef?.namespace ?? '';
  const found: (Reference | undefined)[] = nodeSecrets.map((field) => spec.csi?.[field]);
  for (const [type, field] of Object.entries(volumeSecretFields)) {
    const source = (spec as unknown as Record<string, Readonly<Record<string, unknown>> | undefined>)[type];
    if (!source || !field) continue;
    const reference = referenceIn(source[field]);
    const namespace = (source['secretNamespace'] as string | undefined) ?? reference?.namespace;
    if (reference) found.push({ ...reference, ...(namespace && { namespace }) });
  }
  return found.flatMap((secret) => (secret?.name ? [`${secret.namespace || beside}/${secret.name}`] : []));
}
