import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Row } from '../../../src/store/log.ts';
import { SqliteLog } from '../../../src/store/sqlite-log.ts';
import { WorkerLink } from '../../../src/store/worker-link.ts';

let folder: string;
let log: SqliteLog;
const links: WorkerLink[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'krill-log-'));
  log = new SqliteLog(join(folder, 'store.db'), (path) => {
    const link = new WorkerLink(path);
    links.push(link);
    return link;
  });
});

afterEach(async () => {
  await log.close();
  links.length = 0;
  await rm(folder, { recursive: true });
});

const row = (revision: number, previous = 0): Row => ({
  revision,
  previous,
  type: previous ? 1 : 0,
  time: 0,
  key: 'pods/default/a',
  value: Buffer.from(`{"n":${revision}}`),
});

const revisions = () => {
  const found: number[] = [];
  log.scan(0, ({ revision }) => found.push(revision));
  return found;
};

test('writes here until the worker is up, there afterwards', async () => {
  await log.append([row(2)]);
  expect(links[0]!.ready).toBe(false);
  await log.compact(1);
  expect(links[0]!.ready).toBe(true);
  await log.append([row(3, 2), row(4, 3)]);
  expect(revisions()).toEqual([2, 3, 4]);
  expect(log.read(4)?.toString()).toBe('{"n":4}');
  expect(log.read(9)).toBeUndefined();
});

test('a batch with one bad row leaves nothing behind', async () => {
  await log.append([row(2)]);
  await log.compact(1);
  await expect(log.append([row(3, 2), row(2)])).rejects.toThrow('UNIQUE');
  expect(revisions()).toEqual([2]);
});

test('a worker that dies fails what it was asked; recovery starts another and takes back what nobody was told of', async () => {
  await log.append([row(2)]);
  await log.compact(1);
  await log.append([row(3, 2)]);
  const asked = log.append([row(4, 3)]).catch((error: Error) => error);
  await links[0]!.terminate();
  await asked;
  await expect(log.append([row(5)])).rejects.toThrow("the store's worker ended");
  await log.recover(3);
  expect(links).toHaveLength(2);
  expect(revisions()).toEqual([2, 3]);
  await log.append([row(6, 3)]);
  expect(revisions()).toEqual([2, 3, 6]);
});
