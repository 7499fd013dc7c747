import { configMap } from './config-map.ts';
import { downwardAPI } from './downward-api.ts';
import { emptyDir } from './empty-dir.ts';
import { ephemeral } from './ephemeral.ts';
import { hostPath } from './host-path.ts';
import { persistentVolumeClaim } from './persistent-volume-claim.ts';
import { projected } from './projected.ts';
import { secret } from './secret.ts';
import type { VolumeType } from './volume-type.ts';

/** Every volume type krill mounts. Others are refused by name. */
export const volumeTypes: readonly VolumeType[] = [
  emptyDir,
  configMap,
  secret,
  projected,
  downwardAPI,
  hostPath,
  persistentVolumeClaim,
  ephemeral,
];
