import type { VolumeType } from './volume-type.ts';

/** A file or folder of the engine's host. */
export const hostPath: VolumeType = {
  type: 'hostPath',
  async place({ volume, files, signal }) {
    const { path, type = '' } = volume.hostPath!;
    await files.checkHostPath(path, type, signal);
    return { type: 'path', path };
  },
};
