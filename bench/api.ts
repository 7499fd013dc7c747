import { type LoadResult, loadHttp1, loadHttp2, type Request } from './load.ts';
import { type Figure, record } from './record.ts';
import type { Target } from './target.ts';

/** The ConfigMap of the peer's figures: 0.9 KB as JSON. */
const configMap = (name: string) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: { app: 'bench' } },
    data: { value: 'x'.repeat(780) },
  });

let counter = 0;
const prefix = `b${process.pid.toString(36)}-${process.hrtime()[1].toString(36)}`;
const base = '/api/v1/namespaces/default/configmaps';
const create = (): Request => ({ method: 'POST', path: base, body: configMap(`${prefix}-${counter++}`) });
const get = (): Request => ({ method: 'GET', path: `${base}/${prefix}-0` });
const page = (): Request => ({ method: 'GET', path: `${base}?limit=500` });

interface Case {
  readonly name: string;
  readonly run: (target: Target, seconds: number) => Promise<LoadResult>;
}

/** The API figures of SPEED section 9, in an order in which later ones find the objects of earlier ones. */
const cases: readonly Case[] = [
  { name: 'create.h1.c1', run: (t, s) => loadHttp1(t, { connections: 1, seconds: s, next: create }) },
  { name: 'create.h1.c16', run: (t, s) => loadHttp1(t, { connections: 16, seconds: s, next: create }) },
  { name: 'create.h2.c16', run: (t, s) => loadHttp2(t, { connections: 16, seconds: s, next: create }) },
  { name: 'get.h1.c1', run: (t, s) => loadHttp1(t, { connections: 1, seconds: s, next: get }) },
  { name: 'get.h1.c16', run: (t, s) => loadHttp1(t, { connections: 16, seconds: s, next: get }) },
  { name: 'get.h2.c16', run: (t, s) => loadHttp2(t, { connections: 16, seconds: s, next: get }) },
  { name: 'get.h2.c1x16', run: (t, s) => loadHttp2(t, { connections: 1, streams: 16, seconds: s, next: get }) },
  { name: 'list500.h1.c4', run: (t, s) => loadHttp1(t, { connections: 4, seconds: s, next: page }) },
];

/** Runs the API figures against one target. `seconds` is the length of each. */
export async function apiFigures(target: Target, seconds: number, label = ''): Promise<Figure[]> {
  await loadHttp1(target, { connections: 1, seconds: 0.5, next: create });
  const figures: Figure[] = [];
  for (const { name, run } of cases) {
    const { perSecond, n, failures, p50, p99 } = await run(target, seconds);
    if (failures > 0) throw new Error(`${name}: ${failures} of ${n} requests failed`);
    figures.push(record({ name: `${label}${name}`, value: perSecond, unit: 'requests/s', n, p50, p99 }));
  }
  return figures;
}
