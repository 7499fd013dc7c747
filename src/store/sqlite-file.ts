import { closeSync, existsSync, fsyncSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import type { Checkpoint, Row } from './log.ts';

export type Connection = InstanceType<typeof Database>;

/** The schema this krill writes; a file with a greater one belongs to a newer krill. */
export const schemaVersion = 1;
/** "kril": tells `file` and us whose database it is. */
const applicationId = 0x6b72696c;

/** Pages written after which the WAL is copied into the database, so that it stays small. */
const walPages = 2000;
const pageSize = 4096;
const walFileLimit = 16 << 20;

const schema = `
CREATE TABLE log (
  revision INTEGER PRIMARY KEY,
  previous INTEGER NOT NULL,
  type INTEGER NOT NULL,
  time INTEGER NOT NULL,
  key TEXT NOT NULL,
  value BLOB
);
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE checkpoint (id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, data BLOB NOT NULL);
INSERT INTO meta VALUES ('retained', 0);
`;

/** The file is not one krill can own: what is wrong and what to do about it. */
export class StoreUnusable extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StoreUnusable';
  }
}

/** The addon beside the bundle; undefined when running from the sources, where the package finds its own. */
function addon(): string | undefined {
  const folder = fileURLToPath(new URL('./prebuilds/', import.meta.url));
  if (!existsSync(folder)) return undefined;
  const musl = process.platform === 'linux' && readFileSync('/proc/self/maps', 'latin1').includes('/ld-musl-');
  return `${folder}${process.platform}${musl ? 'musl' : ''}-${process.arch}.node`;
}

/** A plain connection that waits up to `timeout` milliseconds for locks. */
export function openConnection(path: string, timeout: number): Connection {
  const nativeBinding = addon();
  return new Database(path, { timeout, ...(nativeBinding && { nativeBinding }) });
}

/**
 * Opens a connection that syncs every commit. WAL itself is a property of the file. While any is open, this process must
 * not open the file by other means: closing a descriptor of it would drop SQLite's locks (POSIX).
 */
export function connect(path: string): Connection {
  const db = openConnection(path, 5000);
  db.pragma('synchronous = FULL');
  db.pragma('wal_autocheckpoint = 0');
  db.pragma(`journal_size_limit = ${walFileLimit}`);
  if (process.platform === 'darwin') {
    db.pragma('fullfsync = ON');
    db.pragma('checkpoint_fullfsync = ON');
  }
  return db;
}

/** Opens the database of a data folder, making it where there is none. Changes nothing in a file it refuses. */
export function openDatabase(path: string): Connection {
  if (!existsSync(path)) {
    // Made with the right mode before SQLite writes to it; -wal and -shm inherit it.
    closeSync(openSync(path, 'a', 0o600));
    syncFolder(dirname(path));
  }
  let db: Connection | undefined;
  try {
    db = connect(path);
    const version = db.pragma('user_version', { simple: true }) as number;
    if (version > schemaVersion) throw newer(path, version);
    if (version === 0) initialise(db, path);
    return db;
  } catch (error) {
    db?.close();
    throw unusable(path, error);
  }
}

function initialise(db: Connection, path: string): void {
  const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() as number;
  if (tables > 0) throw new StoreUnusable(`${path} is not a krill database. Move it away and start again.`);
  db.pragma('journal_mode = WAL');
  transact(db, () => {
    db.exec(schema);
    db.pragma(`application_id = ${applicationId}`);
    db.pragma(`user_version = ${schemaVersion}`);
  });
}

function newer(path: string, version: number): StoreUnusable {
  return new StoreUnusable(
    `${path} has schema ${version}; this krill knows ${schemaVersion}. It was written by a newer krill: run that one, or delete the cluster to start afresh. The file was left as it is.`,
  );
}

/** Damage as a `StoreUnusable`; any other error as it is. */
export function unusable(path: string, error: unknown): Error {
  if (error instanceof StoreUnusable) return error;
  const code = (error as { code?: string }).code ?? '';
  if (!/^SQLITE_(CORRUPT|NOTADB|IOERR)/.test(code)) return error as Error;
  return damaged(path, (error as Error).message, error);
}

/** The error for a file whose content cannot be trusted. */
export function damaged(path: string, finding: string, cause?: unknown): StoreUnusable {
  return new StoreUnusable(
    `${path} is damaged (${finding}). Nothing was changed. Keep a copy of the folder (with -wal, which holds the newest writes), then restore a snapshot, or move the folder away to start afresh.`,
    cause,
  );
}

export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

export function transact(db: Connection, work: () => void): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    work();
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** The writing half of a database file. At any time one object writes: in the worker, or before it is up, on the main thread. */
export class SqliteWriter {
  readonly #db: Connection;
  readonly #insert;
  readonly #remove;
  /** Bytes written since the last checkpoint, roughly. */
  #written = 0;

  constructor(db: Connection) {
    this.#db = db;
    this.#insert = db.prepare('INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)');
    this.#remove = db.prepare('DELETE FROM log WHERE revision = ?');
  }

  append(rows: Iterable<Row>): void {
    transact(this.#db, () => {
      for (const { revision, previous, type, time, key, value } of rows) {
        this.#insert.run(revision, previous, type, Math.round(time), key, value ?? null);
        this.#written += 64 + (value?.length ?? 0);
      }
    });
    this.#written += pageSize;
  }

  /** Copies the WAL into the database when it has grown. Nothing is lost when that fails: the next call tries again. */
  tidy(): void {
    if (this.#written < walPages * pageSize) return;
    this.#db.pragma('wal_checkpoint(PASSIVE)');
    this.#written = 0;
  }

  /** Removes rows above `committed` and proves that a row can be written. */
  recover(committed: number): void {
    transact(this.#db, () => {
      this.#db.prepare('DELETE FROM log WHERE revision > ?').run(committed);
      this.#insert.run(committed + 1, 0, 0, 0, 'probe', null);
      this.#remove.run(committed + 1);
      this.#db.prepare("INSERT OR REPLACE INTO meta VALUES ('probe', ?)").run(committed);
    });
  }

  saveCheckpoint({ revision, data }: Checkpoint): void {
    transact(this.#db, () => {
      this.#db.prepare('INSERT OR REPLACE INTO checkpoint VALUES (1, ?, ?)').run(revision, data);
    });
    this.#written += data.length;
  }

  /** Compacts the next slice of the log towards `target`; returns how far compaction has come. */
  compactSlice(retained: number, target: number, rows: number): number {
    const slice = this.#db
      .prepare(
        'SELECT revision, previous, type FROM log WHERE revision > ? AND revision <= ? ORDER BY revision LIMIT ?',
      )
      .raw()
      .all(retained, target, rows) as [number, number, number][];
    const end = slice.length < rows ? target : slice.at(-1)![0];
    transact(this.#db, () => {
      for (const [revision, previous, type] of slice) {
        if (previous > 0) this.#remove.run(previous);
        if (type === 2) this.#remove.run(revision);
      }
      this.#db.prepare("UPDATE meta SET value = ? WHERE name = 'retained'").run(end);
    });
    this.#written += slice.length * 512;
    return end;
  }

  /** Moves everything into the database file. */
  close(): void {
    this.#db.pragma('wal_checkpoint(TRUNCATE)');
    this.#db.close();
  }
}
