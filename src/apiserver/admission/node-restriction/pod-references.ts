import type { Pod, PodSpec, Volume, VolumeProjection } from '../../../api/types/core-v1.gen.ts';

/**
 * Which objects of the API a pod refers to, by their resource as upstream names it; undefined for none. A node could read
 * them if it could make such a pod. Source: pkg/api/pod/util.go, HasAPIObjectReference.
 */
export function referenceOf({ spec }: Pod): string | undefined {
  if (!spec) return undefined;
  if (spec.serviceAccountName) return 'serviceaccounts';
  if (refersToSecrets(spec)) return 'secrets';
  if (refersToConfigMaps(spec)) return 'configmaps';
  if (spec.resourceClaims?.length) return 'resourceclaims';
  for (const volume of spec.volumes ?? []) {
    const found = ofVolume(volume);
    if (found) return found;
  }
  return undefined;
}

const containersOf = (spec: PodSpec) => [
  ...(spec.initContainers ?? []),
  ...(spec.containers ?? []),
  ...(spec.ephemeralContainers ?? []),
];

const projections = (spec: PodSpec) => (spec.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);

/** Types of volumes with a reference to a secret, under either of two names. */
const withSecrets = [
  'azureFile',
  'cephfs',
  'cinder',
  'flexVolume',
  'iscsi',
  'rbd',
  'scaleIO',
  'storageos',
  'csi',
] as const satisfies (keyof Volume)[];

const hasSecret = (volume: Volume): boolean =>
  !!volume.secret ||
  withSecrets.some((type) => {
    const source = volume[type] as Readonly<Record<string, unknown>> | undefined;
    return !!(source?.['secretRef'] ?? source?.['nodePublishSecretRef'] ?? source?.['secretName']);
  });

const refersToSecrets = (spec: PodSpec): boolean =>
  !!spec.imagePullSecrets?.length ||
  containersOf(spec).some(
    ({ env = [], envFrom = [] }) =>
      env.some(({ valueFrom }) => valueFrom?.secretKeyRef) || envFrom.some(({ secretRef }) => secretRef),
  ) ||
  (spec.volumes ?? []).some(hasSecret) ||
  projections(spec).some(({ secret }) => secret);

const refersToConfigMaps = (spec: PodSpec): boolean =>
  containersOf(spec).some(
    ({ env = [], envFrom = [] }) =>
      env.some(({ valueFrom }) => valueFrom?.configMapKeyRef) || envFrom.some(({ configMapRef }) => configMapRef),
  ) ||
  (spec.volumes ?? []).some(({ configMap }) => configMap) ||
  projections(spec).some(({ configMap }) => configMap);

const ofVolume = (volume: Volume): string | undefined => {
  if (volume.csi) return 'csidrivers (via CSI volumes)';
  if (volume.glusterfs) return 'endpoints (via glusterFS volumes)';
  if (volume.persistentVolumeClaim) return 'persistentvolumeclaims';
  if (volume.ephemeral) return 'persistentvolumeclaims (via ephemeral volumes)';
  if (volume.azureFile) return 'secrets (via azureFile volumes)';
  for (const source of volume.projected?.sources ?? []) {
    const found = ofProjection(source);
    if (found) return found;
  }
  return undefined;
};

const ofProjection = (source: VolumeProjection): string | undefined => {
  if (source.serviceAccountToken) return 'serviceaccounts (via projected volumes)';
  if (source.clusterTrustBundle) return 'clustertrustbundles';
  return source.podCertificate ? 'podcertificates' : undefined;
};
