import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { type FileStoreOptions, openFileStore } from '../../../src/store/file-store.ts';
import type { RevisionStore } from '../../../src/store/revision-store.ts';
import { StoreUnusable } from '../../../src/store/sqlite-file.ts';
import { Compacted, WriteFailed } from '../../../src/store/store.ts';
import { object, pod, Recorder, workerUp } from './contract.ts';

let folder: string;
const open: RevisionStore[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'krill-store-'));
});

afterEach(async () => {
  for (const store of open.splice(0)) await store.close();
  await rm(folder, { recursive: true });
});

function start(options: Partial<FileStoreOptions> = {}): RevisionStore {
  const store = openFileStore({ folder, clock: new ManualClock(), ...options });
  open.push(store);
  return store;
}

const secret = (name: string) => ({ resource: 'secrets', namespace: 'default', name });

/** Changes the file behind the store's back. */
function tamper(sql: string): void {
  const db = new Database(join(folder, 'store.db'));
  db.exec(sql);
  db.close();
}

describe('a store opened again', () => {
  test('has everything, goes on counting and lets watches resume', async () => {
    const first = start();
    const a = await first.create(pod('a'), object(pod('a'), { n: 1 }));
    const b = await first.create(pod('b'), object(pod('b'), { n: 1 }));
    const a2 = await first.update(pod('a'), object(pod('a'), { n: 2 }), a.revision);
    const gone = await first.delete(pod('b'), b.revision, { lastState: object(pod('b'), { phase: 'Succeeded' }) });
    const plain = await first.create(pod('c'), object(pod('c')));
    const gone2 = await first.delete(pod('c'), plain.revision);
    await first.close();

    const second = start();
    expect([second.revision, second.floor, second.count('pods')]).toEqual([gone2.revision, first.floor, 1]);
    expect(second.get(pod('a'))?.object).toEqual(a2.object);
    expect(second.get(pod('b'))).toBeUndefined();
    expect(second.list('pods', { revision: b.revision }).entries.map((entry) => entry.object['n'])).toEqual([1, 1]);
    const recorder = await new Recorder(second, { after: a.revision }).count(5);
    expect(recorder.seen).toEqual([
      `ADDED b@${b.revision}`,
      `MODIFIED a@${a2.revision}`,
      `DELETED b@${gone.revision}`,
      `ADDED c@${plain.revision}`,
      `DELETED c@${gone2.revision}`,
    ]);
    expect(recorder.changes[1]!.previous?.object).toEqual(a.object);
    expect(recorder.changes[2]!.entry.object).toEqual(gone.object);
    expect(recorder.changes[4]!.entry.object).toEqual(gone2.object);
    const next = await second.update(pod('a'), object(pod('a')), a2.revision);
    expect(next.revision).toBe(gone2.revision + 1);
  });

  test('is the same with and without its checkpoint', async () => {
    const first = start();
    for (let n = 0; n < 30; n++) await first.create(pod(`p${n}`), object(pod(`p${n}`)));
    for (let n = 0; n < 30; n += 3) await first.delete(pod(`p${n}`), first.get(pod(`p${n}`))!.revision);
    await first.compact(20);
    for (let n = 1; n < 30; n += 3)
      await first.update(pod(`p${n}`), object(pod(`p${n}`)), first.get(pod(`p${n}`))!.revision);
    await first.close();
    const view = async () => {
      const store = start();
      const list = (revision: number) =>
        store.list('pods', { revision }).entries.map(({ key, revision }) => [key.name, revision]);
      const recorder = await new Recorder(store, { after: 21 }).until(({ watch }) => watch.progress === store.revision);
      const seen = { floor: store.floor, lists: [22, 35, store.revision].map(list), changes: recorder.seen };
      await store.close();
      return seen;
    };
    const withCheckpoint = await view();
    expect(withCheckpoint.floor).toBe(20);
    tamper('DELETE FROM checkpoint');
    expect(await view()).toEqual(withCheckpoint);
    tamper("UPDATE checkpoint SET data = x'00'");
    expect(await view()).toEqual(withCheckpoint);
  });

  test('gives up history older than the reach, by time', async () => {
    const clock = new ManualClock();
    const first = start({ clock });
    const a = await first.create(pod('a'), object(pod('a')));
    await clock.advance(4 * 60_000);
    const b = await first.create(pod('b'), object(pod('b')));
    expect(first.floor).toBe(0);
    await first.close();
    await clock.advance(2 * 60_000);
    const second = start({ clock });
    expect(() => second.list('pods', { revision: a.revision })).toThrow(Compacted);
    expect(second.list('pods', { revision: b.revision }).entries).toHaveLength(2);
  });
});

describe('compaction', () => {
  const revisions = () => {
    const db = new Database(join(folder, 'store.db'), { readonly: true });
    const rows = db.prepare('SELECT revision FROM log ORDER BY revision').pluck().all();
    db.close();
    return rows;
  };

  test('removes superseded rows and tombstones from the file, and nothing else', async () => {
    const store = start();
    const a = await store.create(pod('a'), object(pod('a')));
    const b = await store.create(pod('b'), object(pod('b')));
    const a2 = await store.update(pod('a'), object(pod('a')), a.revision);
    await store.delete(pod('b'), b.revision);
    const c = await store.create(pod('c'), object(pod('c')));
    const a3 = await store.update(pod('a'), object(pod('a')), a2.revision);
    await store.compact(c.revision);
    expect(revisions()).toEqual([a2.revision, c.revision, a3.revision]);
    await store.close();
    expect(
      start()
        .list('pods')
        .entries.map(({ key }) => key.name),
    ).toEqual(['a', 'c']);
  });

  test('happens by itself once enough lies beyond the retention', async () => {
    const clock = new ManualClock();
    const reach = { ms: 1000, rows: 10 };
    const store = start({ clock, history: reach, retention: reach });
    let head = await store.create(pod('a'), object(pod('a')));
    for (let round = 0; round < 11; round++) {
      const writes = [];
      for (let n = 0; n < 1000; n++) {
        writes.push(store.update(pod('a'), object(pod('a'), { n }), store.head(pod('a'))!.revision));
      }
      head = (await Promise.all(writes)).at(-1)!;
      await clock.advance(2000);
    }
    await store.update(pod('a'), object(pod('a')), head.revision);
    await store.close();
    expect(store.stats.retained).toBeGreaterThan(10_000);
    expect(revisions().length).toBeLessThan(1100);
  });
});

describe('a batch that fails', () => {
  const breakWrites = () =>
    tamper("CREATE TRIGGER broken BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'the disk is on fire'); END");

  test.each(['before', 'in'])(
    '%s the worker fails every write and later one, shows none, stops more',
    async (where) => {
      const clock = new ManualClock();
      const store = start({ clock });
      if (where === 'in') await workerUp(store);
      const a = await store.create(pod('a'), object(pod('a')));
      const recorder = new Recorder(store, { after: a.revision });
      breakWrites();
      const failures: unknown[] = [];
      const attempt = (write: Promise<unknown>) => void write.catch((error) => failures.push(error));
      const writes = [
        store.update(pod('a'), object(pod('a'), { n: 1 }), a.revision),
        store.update(pod('a'), object(pod('a'), { n: 2 }), a.revision + 1),
        store.create(pod('b'), object(pod('b'))),
      ];
      writes.forEach(attempt);
      await new Promise(setImmediate);
      attempt(store.create(pod('late'), object(pod('late'))));
      await store.flush();
      await new Promise(setImmediate);
      expect(failures.map((error) => (error as Error).name)).toEqual(Array(4).fill('WriteFailed'));
      expect(store.head(pod('a'))).toBe(a);
      expect([store.head(pod('b')), store.head(pod('late'))]).toEqual([undefined, undefined]);
      expect([store.revision, store.count('pods'), store.stats.readOnly]).toEqual([a.revision, 1, true]);
      await expect(store.create(pod('c'), object(pod('c')))).rejects.toThrow(WriteFailed);
      expect(store.get(pod('a'))?.object).toEqual(a.object);

      tamper('DROP TRIGGER broken');
      while (store.stats.readOnly) await clock.advance(1000);
      const back = await store.create(pod('d'), object(pod('d')));
      expect(back.revision).toBeGreaterThan(a.revision + 3);
      await recorder.count(1);
      expect(recorder.seen).toEqual([`ADDED d@${back.revision}`]);
      await store.close();
      expect(
        start()
          .list('pods')
          .entries.map(({ key }) => key.name),
      ).toEqual(['a', 'd']);
    },
  );

  test('stays read-only while the disk stays broken', async () => {
    const clock = new ManualClock();
    const store = start({ clock });
    await store.create(pod('a'), object(pod('a')));
    breakWrites();
    await expect(store.create(pod('b'), object(pod('b')))).rejects.toThrow('the disk is on fire');
    for (let n = 0; n < 5; n++) await clock.advance(5000);
    expect(store.stats.readOnly).toBe(true);
    tamper('DROP TRIGGER broken');
  });
});

describe('a data folder', () => {
  test('has one owner', async () => {
    const first = start();
    await first.create(pod('a'), object(pod('a')));
    expect(() => start()).toThrow(`${folder} is in use by another krill (process ${process.pid})`);
    await first.close();
    expect(start().get(pod('a'))).toBeDefined();
  });

  test('keeps Secrets unreadable: no byte of them is in any file', async () => {
    const store = start();
    const canary = 'canary-5e1f';
    const entry = await store.create(secret('s'), object(secret('s'), { data: { key: canary } }));
    const kept = await store.update(secret('s'), object(secret('s'), { data: { key: `${canary}2` } }), entry.revision);
    await store.delete(secret('s'), kept.revision, { lastState: object(secret('s'), { data: { key: `${canary}3` } }) });
    await store.create(secret('t'), object(secret('t'), { data: { key: canary } }));
    await store.create(pod('p'), object(pod('p'), { text: 'visible-77' }));
    // In a process of its own: closing the file here would drop SQLite's locks.
    const grep = (text: string) =>
      spawnSync('grep', ['-rl', text, folder], { encoding: 'utf8' }).stdout.split('\n').filter(Boolean);
    expect(grep('visible-77')).not.toEqual([]);
    expect(grep(canary)).toEqual([]);
    await store.close();
    expect(grep(canary)).toEqual([]);
    const again = start();
    expect(again.get(secret('t'))?.object['data']).toEqual({ key: canary });
  });

  test('and its files are for the owner only', async () => {
    const store = start();
    await store.create(pod('a'), object(pod('a')));
    for (const name of ['store.db', 'store.db-wal', 'secrets.key']) {
      expect([name, (await stat(join(folder, name))).mode & 0o077]).toEqual([name, 0]);
    }
  });

  test('without its key is refused', async () => {
    const store = start();
    await store.create(secret('s'), object(secret('s')));
    await store.close();
    await unlink(join(folder, 'secrets.key'));
    expect(() => start()).toThrow('secrets.key is missing');
  });

  test('cannot pass one Secret off as another', async () => {
    const store = start();
    await store.create(secret('a'), object(secret('a')));
    await store.create(secret('b'), object(secret('b')));
    await store.close();
    tamper("UPDATE log SET value = (SELECT value FROM log WHERE key LIKE '%/a') WHERE key LIKE '%/b'");
    const again = start();
    expect(again.get(secret('a'))?.object.metadata.name).toBe('a');
    expect(() => again.get(secret('b'))?.object).toThrow();
  });

  test('of a newer krill is refused unharmed', async () => {
    const store = start();
    await store.create(pod('a'), object(pod('a')));
    await store.close();
    tamper('PRAGMA user_version = 99');
    const before = await readFile(join(folder, 'store.db'));
    expect(() => start()).toThrow(/schema 99.*newer krill/);
    expect(before.equals(await readFile(join(folder, 'store.db')))).toBe(true);
  });

  test('with a damaged file is refused unharmed and says what to do', async () => {
    const text = 'x'.repeat(8192);
    await writeFile(join(folder, 'secrets.key'), Buffer.alloc(32));
    await writeFile(join(folder, 'store.db'), text);
    expect(() => start()).toThrow(StoreUnusable);
    expect(() => start()).toThrow(/is damaged.*restore a snapshot/);
    expect(await readFile(join(folder, 'store.db'), 'utf8')).toBe(text);
  });

  /** Overwrites the start of every page whose first byte is `kind`, but for the first few, which hold the schema. */
  const damagePages = async (kind: number) => {
    const path = join(folder, 'store.db');
    const bytes = await readFile(path);
    for (let at = 4096 * 8; at < bytes.length; at += 4096) if (bytes[at] === kind) bytes.fill(0xff, at, at + 8);
    await writeFile(path, bytes);
  };
  const fillPages = async () => {
    const store = start();
    const text = 'x'.repeat(20_000);
    for (let n = 0; n < 100; n++) await store.create(pod(`p${n}`), object(pod(`p${n}`), { text }));
    await store.close();
    tamper('DELETE FROM checkpoint');
  };

  test('with a damaged page where the index is read is refused', async () => {
    await fillPages();
    await damagePages(0x0d);
    expect(() => start()).toThrow(/is damaged.*restore a snapshot/);
  });

  test('with damage elsewhere takes no writes once the check after an unclean stop has found it', async () => {
    await fillPages();
    await damagePages(0x00);
    const clock = new ManualClock();
    const store = start({ clock });
    await clock.advance(5000);
    while (!store.stats.readOnly) await new Promise(setImmediate);
    await expect(store.create(pod('a'), object(pod('a')))).rejects.toThrow('is damaged');
  });
});

describe('kill -9 under write load', () => {
  test.each([1, 2, 3])('loses nothing that was acknowledged (%i)', async (round) => {
    const writer = spawn(process.execPath, [new URL('./crash-writer.ts', import.meta.url).pathname, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    writer.on('error', () => undefined);
    let text = '';
    for await (const chunk of writer.stdout) {
      text += chunk;
      if (text.length > round * 20_000) writer.kill('SIGKILL');
    }
    const acknowledged = new Map<string, number>();
    for (const line of text.split('\n').slice(0, -1)) {
      const [name, n] = line.split(' ') as [string, string];
      acknowledged.set(name, Number(n));
    }
    const store = start();
    expect(acknowledged.size).toBeGreaterThan(100);
    for (const [name, n] of acknowledged) {
      // A later write of the same name may have become durable without its writer hearing of it.
      const found = store.get(pod(name))?.object['n'] as number;
      expect([name, found]).toEqual([name, Math.max(found, n)]);
    }
    await store.create(pod('after'), object(pod('after')));
  });
});
