import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openFileStore } from '../src/store/file-store.ts';
import type { RevisionStore } from '../src/store/revision-store.ts';
import { type Figure, record } from './record.ts';

const many = 100_000;
const key = (n: number) => ({ resource: 'configmaps', namespace: `ns-${n % 50}`, name: `config-${n}` });

/** A ConfigMap of 1 KB as JSON. */
function configMap(n: number) {
  const { namespace, name } = key(n);
  const metadata = { name, namespace, uid: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { value: String(n).padStart(820, 'x') } };
}

function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Runs `work` n times on `width` lanes and records how often a second, and how long each took. */
async function rate(name: string, n: number, width: number, work: (n: number) => unknown): Promise<Figure> {
  const times = new Float64Array(n);
  let next = 0;
  const started = performance.now();
  const lane = async () => {
    for (let i = next++; i < n; i = next++) {
      const begun = performance.now();
      await work(i);
      times[i] = performance.now() - begun;
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  const value = n / ((performance.now() - started) / 1000);
  times.sort();
  return record({ name, value, unit: '1/s', n, p50: percentile(times, 0.5), p99: percentile(times, 0.99) });
}

function megabytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

function single(name: string, value: number, unit: string): Figure {
  return record({ name, value, unit, n: 1, p50: value, p99: value });
}

/** In a process of its own, so that nothing is warm: opens a folder and lists once. */
function openElsewhere(folder: string): number {
  const code = `
    const { openFileStore } = await import(${JSON.stringify(new URL('../src/store/file-store.ts', import.meta.url).href)});
    const begun = performance.now();
    const store = openFileStore({ folder: ${JSON.stringify(folder)} });
    store.list('configmaps', { limit: 500 }).entries.map((entry) => entry.bytes);
    console.log(performance.now() - begun);
    process.kill(process.pid, 'SIGKILL');`;
  return Number(spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' }).stdout);
}

/** The figures of the store alone: durable writes, reads, pages, memory and opening at 100,000 objects. */
export async function storeFigures(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'krill-bench-store-'));
  const figures: Figure[] = [];
  try {
    const begun = performance.now();
    let store: RevisionStore = openFileStore({ folder });
    await store.create(key(-1), configMap(-1));
    figures.push(single('store.open.new', performance.now() - begun, 'ms'));
    await store.checkpoint();
    const create = (base: number) => (n: number) => store.create(key(base + n), configMap(base + n));
    const before = megabytes();
    figures.push(await rate('store.create.x1', 2000, 1, create(0)));
    figures.push(await rate('store.create.x16', 8000, 16, create(2000)));
    figures.push(single('store.memory.10k', megabytes() - before, 'MB'));
    figures.push(await rate('store.create.x256', many - 10_000, 256, create(10_000)));
    figures.push(
      await rate('store.update.x16', 8000, 16, (n) => store.update(key(n), configMap(n), store.get(key(n))!.revision)),
    );
    figures.push(await rate('store.get', many, 1, (n) => store.get(key(n))!.bytes));
    figures.push(
      await rate('store.list500', 1000, 1, (n) => store.list('configmaps', { limit: 500, namespace: `ns-${n % 50}` })),
    );
    await store.close();
    figures.push(single('store.open.100k.checkpoint', openElsewhere(folder), 'ms'));
    store = openFileStore({ folder });
    await store.create(key(many), configMap(many));
    await store.close();
    dropCheckpoint(folder);
    figures.push(single('store.open.100k.killed', openElsewhere(folder), 'ms'));
  } finally {
    rmSync(folder, { recursive: true });
  }
  return figures;
}

function dropCheckpoint(folder: string): void {
  const code = `
    import Database from 'better-sqlite3';
    new Database(${JSON.stringify(join(folder, 'store.db'))}).exec('DELETE FROM checkpoint').close();`;
  spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await storeFigures();
