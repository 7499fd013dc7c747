import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type ClusterSettings, readSettings } from '../cluster/settings.ts';
import { CliError } from './errors.ts';
import type { World } from './world.ts';

/** A log above this size is put aside when the server starts. */
const logLimit = 10 * 1024 * 1024;

/** The folder of one cluster and the files in it that the command line knows. */
export class DataFolder {
  readonly name: string;
  readonly path: string;

  constructor(name: string, path: string) {
    this.name = name;
    this.path = path;
  }

  get log(): string {
    return join(this.path, 'server.log');
  }

  /** Pid of the supervising shell. */
  get supervisorPid(): string {
    return join(this.path, 'supervisor.pid');
  }

  /** Pid of the server process itself. */
  get serverPid(): string {
    return join(this.path, 'server.pid');
  }

  /** Held while a command changes whether the cluster runs. */
  get lock(): string {
    return join(this.path, 'command.lock');
  }

  exists(): boolean {
    try {
      return statSync(this.path).isDirectory();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw unreadable(this.path, error);
    }
  }

  /** Makes the folder, for its owner only; returns whether it is new. */
  create(): boolean {
    try {
      const made = mkdirSync(this.path, { recursive: true, mode: 0o700 }) !== undefined;
      readdirSync(this.path);
      const { mode } = statSync(this.path);
      if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
        throw new CliError(
          `the data folder ${this.path} can be read by other users`,
          'it holds the keys of the cluster, and its permissions were changed',
          `chmod 700 ${this.path}`,
        );
      }
      return made;
    } catch (error) {
      throw error instanceof CliError ? error : unreadable(this.path, error);
    }
  }

  /** What the cluster was made as; undefined before its first start got that far. */
  settings(): ClusterSettings | undefined {
    try {
      return readSettings(this.path);
    } catch (error) {
      throw new CliError(
        (error as Error).message,
        'the file was damaged or is not readable',
        `repair it, or remove the cluster: krill delete ${this.name}`,
      );
    }
  }

  /** Opens the log for appending; a large one becomes server.log.1 first. */
  openLog(): number {
    try {
      if (statSync(this.log).size > logLimit) renameSync(this.log, `${this.log}.1`);
    } catch {
      // There is none yet.
    }
    return openSync(this.log, 'a', 0o600);
  }

  /** The last lines of the log. */
  logTail(lines: number): string[] {
    try {
      return readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-lines);
    } catch {
      // There is none yet.
      return [];
    }
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** Explains a folder that the system does not let this user use. */
export function unreadable(path: string, error: unknown): CliError {
  return new CliError(
    `the data folder ${path} cannot be used: ${(error as Error).message}`,
    'it belongs to another user, or a parent folder is missing permissions',
    `ls -ld ${path}; or set KRILL_HOME to another folder`,
  );
}

/** $KRILL_HOME, or ~/.krill. */
export function krillHome(env: World['env']): string {
  return env['KRILL_HOME'] || join(env['HOME'] || homedir(), '.krill');
}

const namePattern = /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/;

/** The folder of a cluster, whether it exists or not. Refuses names that could not be host names. */
export function dataFolder(env: World['env'], name: string): DataFolder {
  if (!namePattern.test(name)) {
    throw new CliError(
      `"${name}" cannot be the name of a cluster`,
      'names are 1 to 40 lower-case letters, digits and hyphens, and begin and end with a letter or digit',
      'krill up dev',
    );
  }
  return new DataFolder(name, join(krillHome(env), 'clusters', name));
}

/** The folder of a cluster that must exist. */
export function existingFolder(env: World['env'], name: string): DataFolder {
  const folder = dataFolder(env, name);
  if (folder.exists()) return folder;
  const names = allFolders(env).map((f) => f.name);
  throw new CliError(
    `there is no cluster ${name}`,
    names.length > 0 ? `the clusters here are: ${names.join(', ')}` : 'no cluster has been made yet',
    `krill up ${name}`,
  );
}

/** Every cluster's folder, by name. */
export function allFolders(env: World['env']): DataFolder[] {
  const parent = join(krillHome(env), 'clusters');
  let names: string[];
  try {
    names = readdirSync(parent);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unreadable(parent, error);
  }
  return names
    .filter((name) => namePattern.test(name))
    .sort()
    .map((name) => new DataFolder(name, join(parent, name)));
}

/** Closes a file descriptor that may have been closed already. */
export function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // It was.
  }
}
