import { closeSync, openSync, readFileSync, statSync, unlinkSync, writeSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';

/** Another process holds the lock and did not let go in time. */
export class LockBusy extends Error {}

export interface LockOptions {
  readonly clock: Clock;
  /** How long to wait for the holder. */
  readonly waitMs: number;
  /** A lock that names no process (kubectl's do not) and is this old was left behind. */
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
    const holder = Number(readFileSync(path, 'utf8'));
    if (holder > 0) return !isAlive(holder);
    return clock.wall() - statSync(path).mtimeMs > staleMs;
  } catch {
    // Its holder has just removed it.
    return false;
  }
}

/** Whether a process of this id exists, whoever's it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody broke it, or was faster.
  }
}
