import { amount } from '../quantity.ts';
import { folderOf, groupOf, type VolumeType } from './volume-type.ts';

/** An empty folder that lives as long as the pod: on disk, or in memory. */
export const emptyDir: VolumeType = {
  type: 'emptyDir',
  async place({ volume, pod, files, signal }) {
    const { medium = '', sizeLimit } = volume.emptyDir!;
    if (medium === 'Memory') {
      const sizeBytes = amount(sizeLimit);
      return { type: 'memory', volume: volume.name, ...(sizeBytes && { sizeBytes }) };
    }
    if (medium !== '') throw new Error(`emptyDir medium ${medium} is not supported by krill`);
    const path = files.path(folderOf('emptyDir', volume));
    const gid = groupOf(pod);
    const mode = gid === undefined ? 0o777 : 0o2777;
    await files.ensureFolder(path, { mode, ...(gid !== undefined && { gid }) }, signal);
    return { type: 'path', path };
  },
};
