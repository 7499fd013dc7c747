import type { VolumeFile } from '../../node/runtime.ts';
import { fieldValue, resourceValue } from '../pod-worker/fields.ts';
import type { DownwardAPIVolumeFile } from '../types.ts';
import { modeFor, type VolumeContext, type VolumeType } from './volume-type.ts';

/** Fields of the pod as files. */
export const downwardAPI: VolumeType = {
  type: 'downwardAPI',
  inMemory: true,
  async payload(context) {
    const { items = [], defaultMode = 0o644 } = context.volume.downwardAPI!;
    return { files: downwardFiles(context, items, defaultMode) };
  },
};

/** The files of downwardAPI volumes and projections. Throws with kubelet's texts. */
export function downwardFiles(
  context: VolumeContext,
  items: readonly DownwardAPIVolumeFile[],
  defaultMode: number,
): VolumeFile[] {
  const { pod, fields } = context;
  return items.map((item) => {
    const text = item.fieldRef
      ? fieldValue(pod, item.fieldRef.fieldPath, fields)
      : item.resourceFieldRef
        ? resourceValue(pod, undefined, item.resourceFieldRef, fields)
        : '';
    return { path: item.path, content: Buffer.from(text), mode: modeFor(pod, item.mode ?? defaultMode) };
  });
}
