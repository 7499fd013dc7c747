import { keyFiles } from './key-files.ts';
import type { VolumeType } from './volume-type.ts';

/** The keys of a ConfigMap as files. */
export const configMap: VolumeType = {
  type: 'configMap',
  inMemory: false,
  async payload(context) {
    const { name = '', items = [], optional = false, defaultMode = 0o644 } = context.volume.configMap!;
    return { files: await keyFiles(context, { kind: 'configmap', name, items, optional, defaultMode }) };
  },
};
