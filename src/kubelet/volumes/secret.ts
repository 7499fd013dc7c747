import { keyFiles } from './key-files.ts';
import type { VolumeType } from './volume-type.ts';

/** The keys of a Secret as files, in memory. */
export const secret: VolumeType = {
  type: 'secret',
  inMemory: true,
  async payload(context) {
    const { secretName = '', items = [], optional = false, defaultMode = 0o644 } = context.volume.secret!;
    return { files: await keyFiles(context, { kind: 'secret', name: secretName, items, optional, defaultMode }) };
  },
};
