import { closeSync, openSync, statSync, unlinkSync, writeSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';

/** Another process holds the lock and did not let go in time. */
export class LockBusy extends Error {}

export interface LockOptions {
  readonly clock: Clock;
  /** How long to wait for the holder. */
  readonly waitMs: number;
  /** A lock this old was left behind by a process that died. */
  readonly staleMs: number;
}

/**
 * Runs `work` while a lock file exists that this call created. kubectl locks kubeconfig files the same way, so the two
 * keep out of each other's way.
 */
export async function withFileLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const { clock } = options;
  const deadline = clock.steady() + options.waitMs;
  for (;;) {
    try {
      const fd = openSync(path, 'wx', 0o600);
      writeSync(fd, `${process.pid}\n`);
      closeSync(fd);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (isStale(path, options.staleMs, clock)) removeQuietly(path);
    else if (clock.steady() > deadline) throw new LockBusy(`${path} is held by another process`);
    else await clock.sleep(10);
  }
  try {
    return await work();
  } finally {
    removeQuietly(path);
  }
}

function isStale(path: string, staleMs: number, clock: Clock): boolean {
  try {
    return clock.wall() - statSync(path).mtimeMs > staleMs;
  } catch {
    return false;
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody broke it, or was faster.
  }
}
