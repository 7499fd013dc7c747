import { expect, test } from 'vitest';
import { importsOf, sourcesBelow } from './sources.ts';

/**
 * The layer table. A folder imports from lower rows only; folders in one row never import each other.
 * Do not relax it: put the shared contract in a lower row, or pass the part in from `src/cluster`.
 */
const rows: Readonly<Record<string, number>> = {
  'src/base': 0,
  'src/api': 1,
  'src/stream': 1,
  'src/engine': 1,
  'src/pki': 1,
  'src/store': 2,
  'src/resources': 2,
  'src/client': 2,
  'src/node': 2,
  'src/apiserver': 3,
  'src/controllers': 3,
  'src/scheduler': 3,
  'src/kubelet': 3,
  'src/runtimes': 3,
  'src/network': 3,
  'src/cluster': 4,
  'src/cli': 5,
  'src/dashboard': 5,
  'src/main.ts': 6,
  'src/index.ts': 6,
};

/** Imports across a row that are part of the design, each with its reason. */
const exceptions: Readonly<Record<string, string>> = {};

const placeOf = (path: string) => path.split('/').slice(0, 2).join('/');
const sources = sourcesBelow('src');

test('sources are read', () => {
  expect(sources.length).toBeGreaterThan(10);
  expect(sources.flatMap(importsOf).length).toBeGreaterThan(10);
});

test('every source lies in a folder of the layer table', () => {
  expect(sources.map((s) => s.path).filter((path) => rows[placeOf(path)] === undefined)).toEqual([]);
});

test('imports point to lower rows only', () => {
  const wrong = sources.flatMap(importsOf).filter(({ from, to }) => {
    const [a, b] = [placeOf(from), placeOf(to)];
    if (a === b || !to.startsWith('src/') || exceptions[`${a} -> ${b}`]) return false;
    return rows[b] === undefined || rows[b] >= rows[a]!;
  });
  expect(wrong).toEqual([]);
});

test('src/main.ts stays under 20 lines', () => {
  const main = sources.find((s) => s.path === 'src/main.ts')!;
  expect(main.text.split('\n').length).toBeLessThanOrEqual(20);
});
