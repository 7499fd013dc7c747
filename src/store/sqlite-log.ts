import type { Checkpoint, Log, Row, RowHead, RowType } from './log.ts';
import { packRows } from './row-batch.ts';
import { type Connection, openDatabase, SqliteWriter } from './sqlite-file.ts';
import { WorkerLink } from './worker-link.ts';

/**
 * The log in one SQLite file. A worker owns the write connection; reads use a connection of their own on this thread.
 * While the worker boots (some 30 ms, when there is nobody to stall yet) this thread's connection commits in its place;
 * from the worker's first answer on it only reads.
 */
export class SqliteLog implements Log {
  readonly readable = true;
  retained: number;
  /** Whether the file was left by a clean stop: its checkpoint covers its last row. */
  readonly clean: boolean;
  readonly #link: () => WorkerLink;
  readonly #db: Connection;
  readonly #read;
  #early: SqliteWriter | undefined;
  #worker: WorkerLink;
  #checker: WorkerLink | undefined;

  /** Opens or makes the file. Throws `StoreUnusable` where it must not be touched. `link` starts a worker for it. */
  constructor(path: string, link: (path: string) => WorkerLink = (file) => new WorkerLink(file)) {
    this.#link = () => link(path);
    this.#db = openDatabase(path);
    this.#worker = this.#link();
    this.#early = new SqliteWriter(this.#db);
    this.#read = this.#db.prepare('SELECT value FROM log WHERE revision = ?').pluck();
    this.retained = this.#db.prepare("SELECT value FROM meta WHERE name = 'retained'").pluck().get() as number;
    const last = this.#db.prepare('SELECT max(revision) FROM log').pluck().get() as number | null;
    const covered = this.#db.prepare('SELECT revision FROM checkpoint WHERE id = 1').pluck().get();
    this.clean = last === null || last === covered;
  }

  async append(rows: readonly Row[]): Promise<void> {
    const early = this.#writeHere();
    if (early) return early.append(rows);
    const batch = packRows(rows);
    await this.#worker.request({ op: 'append', batch }, [batch.values.buffer]);
  }

  async recover(committed: number): Promise<void> {
    if (this.#worker.failure) this.#worker = this.#link();
    await this.#worker.request({ op: 'recover', committed });
  }

  checkpoint(): Checkpoint | undefined {
    const row = this.#db.prepare('SELECT revision, data FROM checkpoint WHERE id = 1').get();
    return row as Checkpoint | undefined;
  }

  scan(revision: number, visit: (row: RowHead) => void): void {
    const rows = this.#db
      .prepare(
        'SELECT revision, previous, type, time, key, ifnull(length(value), 0) FROM log WHERE revision > ? ORDER BY revision',
      )
      .raw()
      .iterate(revision) as IterableIterator<[number, number, RowType, number, string, number]>;
    for (const [revision, previous, type, time, key, size] of rows) {
      visit({ revision, previous, type, time, key, size });
    }
  }

  read(revision: number): Buffer | undefined {
    return (this.#read.get(revision) as Buffer | null | undefined) ?? undefined;
  }

  async saveCheckpoint({ revision, data }: Checkpoint): Promise<void> {
    await this.#worker.request({ op: 'saveCheckpoint', revision, data });
  }

  async compact(revision: number): Promise<void> {
    await this.#worker.request({ op: 'compact', retained: this.retained, target: revision });
    this.retained = Math.max(this.retained, revision);
  }

  /** Runs on a thread of its own, so that no commit waits for it. */
  async check(): Promise<string | undefined> {
    this.#checker = this.#link();
    try {
      const finding = (await this.#checker.request({ op: 'check' })) as string;
      return finding === 'ok' ? undefined : finding;
    } finally {
      await this.#checker.terminate();
    }
  }

  async close(): Promise<void> {
    this.#early = undefined;
    await this.#checker?.terminate();
    try {
      if (!this.#worker.failure) await this.#worker.request({ op: 'close' });
    } finally {
      await this.#worker.terminate();
      this.#db.close();
    }
  }

  /** The writer on this thread while the worker is not up. */
  #writeHere(): SqliteWriter | undefined {
    if (this.#early && (this.#worker.ready || this.#worker.failure)) {
      this.#early = undefined;
      this.#db.pragma('query_only = ON');
    }
    return this.#early;
  }
}
