import type { PodFiles } from '../../node/runtime.ts';

const nothing = async () => undefined;

/** The folder of a pod that has none. */
export const noFiles: PodFiles = {
  path: (relative) => `/nonexistent/${relative}`,
  memoryPath: (relative) => `/nonexistent/${relative}`,
  ensureFolder: nothing,
  writeVolume: nothing,
  writeFile: nothing,
  subPath: async (path, relative) => `${path}/${relative}`,
  checkHostPath: nothing,
  removeAll: nothing,
};
