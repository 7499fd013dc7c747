import { type DataFolder, unreadable } from './data-folder.ts';
import { CliError } from './errors.ts';
import { LockBusy, withFileLock } from './file-lock.ts';
import type { World } from './world.ts';

/** Commands that start, stop or remove one cluster take turns. */
export async function withCommandLock<T>(folder: DataFolder, { clock }: World, work: () => Promise<T>): Promise<T> {
  try {
    return await withFileLock(folder.lock, { clock, waitMs: 120_000, staleMs: 10_000 }, work);
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if ((code === 'EACCES' || code === 'EPERM') && path?.startsWith(folder.path)) throw unreadable(folder.path, error);
    if (!(error instanceof LockBusy)) throw error;
    throw new CliError(
      `another krill command is busy with cluster ${folder.name}`,
      'it was started two minutes ago or earlier and has not ended',
      `krill status ${folder.name}`,
    );
  }
}
