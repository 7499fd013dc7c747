import type { Pod, Volume, VolumeProjection } from '../../../api/types/core-v1.gen.ts';
import { configMapNames, secretNames } from '../../../resources/rules/object-references.ts';

/**
 * Which objects of the API a pod refers to, by their resource as upstream names it; undefined for none. A node could read
 * them if it could make such a pod. Source: pkg/api/pod/util.go, HasAPIObjectReference.
 */
export function referenceOf({ spec }: Pod): string | undefined {
  if (!spec) return undefined;
  if (spec.serviceAccountName) return 'serviceaccounts';
  if (secretNames(spec).length > 0) return 'secrets';
  if (configMapNames(spec).length > 0) return 'configmaps';
  if (spec.resourceClaims?.length) return 'resourceclaims';
  for (const volume of spec.volumes ?? []) {
    const found = ofVolume(volume);
    if (found) return found;
  }
  return undefined;
}

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
