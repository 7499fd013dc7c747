import type { Volume } from '../../../../api/types/core-v1.gen.ts';
import type { Check, CheckPod } from '../check.ts';
import { plural, quoted, sorted } from '../pod-parts.ts';
import { hostPathVolumes } from './host-path-volumes.ts';

const allowed = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
] as const satisfies (keyof Volume)[];

const restricted = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
] as const satisfies (keyof Volume)[];

const check: CheckPod = ({ spec }) => {
  const bad = (spec.volumes ?? []).filter((volume) => !allowed.some((type) => volume[type]));
  if (bad.length === 0) return undefined;
  const types = sorted(bad.map((volume) => restricted.find((type) => volume[type]) ?? 'unknown'));
  const names = quoted(bad.map(({ name }) => name));
  const verb = plural(bad.length, 'uses', 'use');
  return {
    reason: 'restricted volume types',
    detail: `${plural(bad.length, 'volume')} ${names} ${verb} ${plural(types.length, 'restricted volume type')} ${quoted(types)}`,
  };
};

/** Only volumes of the cluster itself are mounted. Restricted: all other types of `volumes[*]`. Allowed: nothing. */
export const restrictedVolumes: Check = {
  id: 'restrictedVolumes',
  level: 'restricted',
  versions: [{ since: 0, check, overrides: [hostPathVolumes.id] }],
};
