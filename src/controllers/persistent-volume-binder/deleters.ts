import { posix } from 'node:path';
import type { PersistentVolume } from '../../api/types/core-v1.gen.ts';
import { migratedTo, provisionedBy } from '../../resources/storage/volume-annotations.ts';
import { provisionerOf } from './provisioners.ts';

/** Who deletes what is stored in a volume: somebody outside, or the controller, which removes a folder. */
export type Deleter = 'external' | { readonly folder: string };

/** Throws upstream's text when there is nobody. Source: findDeletablePlugin, and the hostPath plugin's deleter. */
export function deleterOf({ metadata, spec }: PersistentVolume): Deleter {
  const maker = metadata.annotations?.[provisionedBy];
  if (maker) {
    if (provisionerOf(maker) || metadata.annotations?.[migratedTo]) return 'external';
    throw new Error(`no volume plugin matched name: ${maker}`);
  }
  const path = spec?.hostPath?.path;
  if (path === undefined) {
    throw new Error(
      `error getting deleter volume plugin for volume "${metadata.name}": no deletable volume plugin matched`,
    );
  }
  // Only what looks like a test's: nobody wants to lose /etc with a claim.
  const folder = posix.resolve('/', path);
  if (!folder.startsWith('/tmp/')) {
    throw new Error(`host_path deleter only supports /tmp/.+ but received provided ${path}`);
  }
  return { folder };
}
