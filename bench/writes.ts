import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MeasuredCluster, send } from './cluster.ts';
import { megabytes } from './idle.ts';
import { type LoadResult, loadHttp1, type Request } from './load.ts';
import { median, type Recorded, record, recordMedian } from './record.ts';
import type { Target } from './target.ts';

/** What kinds of writes cost beside a plain update of the same size, on 16 connections, run by run in turn. */

const maps = '/api/v1/namespaces/default/configmaps';
const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const objects = 64;
const connections = 16;

const metadata = (name: string) => ({ name, labels: { app: 'bench' } });
const body = (name: string, value: number) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: metadata(name),
  data: { value: String(value).padStart(780, 'x') },
});

/** A definition with what real ones have: a few typed fields, defaults, a pattern and a rule. */
const definition = (plural: string) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.bench.krill.dev`, labels: { bench: 'definition' } },
  spec: {
    group: 'bench.krill.dev',
    scope: 'Namespaced',
    names: { plural, kind: plural.replace(/^w/, 'W'), singular: plural.slice(0, -1) },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['value'],
                properties: {
                  value: { type: 'string', maxLength: 1024 },
                  replicas: { type: 'integer', default: 1, minimum: 0 },
                  size: { type: 'string', pattern: '^[a-z]+$', default: 'small' },
                },
                'x-kubernetes-validations': [{ rule: 'self.replicas <= 10', message: 'too many' }],
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
});

const custom = (plural: string, name: string, value: number) => ({
  apiVersion: 'bench.krill.dev/v1',
  kind: plural.replace(/^w/, 'W'),
  metadata: metadata(name),
  spec: { value: String(value).padStart(780, 'x') },
});

interface Case {
  readonly name: string;
  readonly next: (n: number) => Request;
  /** What it is compared with, by the time of a request. */
  readonly beside?: string;
  /** 16 unless given. */
  readonly connections?: number;
  /** Takes away what a run has made, where it must not pile up. */
  readonly clear?: (target: Target) => Promise<void>;
}

const patch = (type: string) => `application/${type}`;
const nameOf = (n: number) => `w-${n % objects}`;

function casesOf(prefix: string): readonly Case[] {
  const customs = '/apis/bench.krill.dev/v1/namespaces/default/widgets';
  const update = (n: number) => put(`${maps}/${nameOf(n)}`, body(nameOf(n), n));
  return [
    { name: 'update', next: update },
    {
      name: 'patch.json',
      next: (n) => patched(n, 'json-patch+json', [{ op: 'replace', path: '/data/value', value: text(n) }]),
      beside: 'update',
    },
    {
      name: 'patch.merge',
      next: (n) => patched(n, 'merge-patch+json', { data: { value: text(n) } }),
      beside: 'update',
    },
    {
      name: 'patch.strategic',
      next: (n) => patched(n, 'strategic-merge-patch+json', { data: { value: text(n) } }),
      beside: 'update',
    },
    {
      name: 'apply',
      next: (n) => patched(n, 'apply-patch+yaml', body(nameOf(n), n), '?fieldManager=bench&force=true'),
      beside: 'update',
    },
    { name: 'create.custom', next: (n) => post(customs, custom('widgets', `${prefix}-${n}`, n)), beside: 'update' },
    { name: 'update.c1', next: update, connections: 1 },
    {
      name: 'create.crd',
      next: (n) => post(crds, definition(`w${prefix}${n}s`)),
      beside: 'update.c1',
      connections: 1,
      // No cluster has thousands of definitions.
      clear: clearDefinitions,
    },
  ];
}

async function clearDefinitions(target: Target): Promise<void> {
  const path = `${crds}?labelSelector=bench%3Ddefinition`;
  await send(target, 'DELETE', path, '');
  for (;;) {
    const { text: list } = await send(target, 'GET', `${path}&limit=1`, '');
    if (JSON.parse(list).items.length === 0) return;
    await pause(20);
  }
}

const text = (n: number) => String(n).padStart(780, 'x');
const put = (path: string, object: object): Request => ({ method: 'PUT', path, body: JSON.stringify(object) });
const post = (path: string, object: object): Request => ({ method: 'POST', path, body: JSON.stringify(object) });
const patched = (n: number, type: string, change: object, query = ''): Request => ({
  method: 'PATCH',
  path: `${maps}/${nameOf(n)}${query}`,
  body: JSON.stringify(change),
  contentType: patch(type),
});

async function must(target: Target, method: string, path: string, object: object): Promise<void> {
  const { code, text: said } = await send(target, method, path, JSON.stringify(object));
  if (code >= 300) throw new Error(`${method} ${path}: ${code} ${said}`);
}

/** Every kind of write, and its cost as a multiple of the plain update's. */
export async function writeFigures(target: Target, seconds: number, rounds = 5): Promise<Recorded[]> {
  for (let i = 0; i < objects; i++) await must(target, 'POST', maps, body(nameOf(i), i));
  await must(target, 'POST', crds, { ...definition('widgets'), metadata: { name: 'widgets.bench.krill.dev' } });
  const cases = casesOf(process.pid.toString(36));
  const runs = cases.map((): LoadResult[] => []);
  let counter = 0;
  // The first round is not counted: code that has not run yet is slow, most of all where requests are few.
  for (let round = -1; round < rounds; round++)
    for (const [i, { name, next, clear, ...load }] of cases.entries()) {
      const result = await loadHttp1(target, {
        connections: load.connections ?? connections,
        seconds,
        next: () => next(counter++),
      });
      if (result.failures > 0) throw new Error(`${name}: ${result.failures} of ${result.n} requests failed`);
      await clear?.(target);
      if (round >= 0) runs[i]!.push(result);
    }
  const rates = runs.map((results) => results.map((run) => run.perSecond));
  const indexOf = (wanted: string) => cases.findIndex(({ name }) => name === wanted);
  return cases.flatMap(({ name, beside }, i) => {
    const rate = record({
      name: `write.${name}`,
      value: median(rates[i]!),
      unit: 'requests/s',
      n: runs[i]!.reduce((sum, run) => sum + run.n, 0),
      p50: median(runs[i]!.map((run) => run.p50)),
      p99: median(runs[i]!.map((run) => run.p99)),
      runs: rates[i]!,
    });
    if (beside === undefined) return [rate];
    // Beside the one of the same round.
    const other = rates[indexOf(beside)]!;
    return [
      rate,
      recordMedian(
        `cost.${name}`,
        `x ${beside}`,
        rates[i]!.map((value, round) => other[round]! / value),
      ),
    ];
  });
}

/** ConfigMaps of 0.9 KB, from number `from` until there are some `many` in all; resolves with how many there are. */
async function fill(target: Target, from: number, many: number): Promise<number> {
  let n = from;
  const next = () => post(maps, body(`many-${n}`, n++));
  while (n < many) {
    const { failures } = await loadHttp1(target, { connections: 16, seconds: 0.2, next });
    if (failures > 0) throw new Error(`${failures} creates failed`);
  }
  return n;
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What a list of 15,000 ConfigMaps takes, as JSON and as protobuf. */
export async function listFigures({ target }: MeasuredCluster): Promise<Recorded[]> {
  const many = 15_000;
  let n = 0;
  const lane = async () => {
    while (n < many) await must(target, 'POST', maps, body(`many-${n}`, n++));
  };
  await Promise.all(Array.from({ length: 32 }, lane));
  const listed = async (name: string, accept: string) => {
    const next = () => ({ method: 'GET', path: maps, accept });
    const { p50, p99, n: count, failures } = await loadHttp1(target, { connections: 1, seconds: 2, next });
    if (failures > 0) throw new Error(`${name}: ${failures} of ${count} lists failed`);
    return record({ name, value: p50 / 1000, unit: 's', n: count, p50, p99 });
  };
  return [
    await listed('list.15000', 'application/json'),
    await listed('list.15000.protobuf', 'application/vnd.kubernetes.protobuf'),
  ];
}

/**
 * How much a server grows by 10,000 ConfigMaps: from some 20,000 to some 210,000 of them, each time after a rest. What V8
 * has yet to collect then is up to 100 MB on either side, so that fewer objects would measure that.
 */
export async function memoryFigures(cluster: MeasuredCluster): Promise<Recorded[]> {
  const pid = cluster.pid();
  const few = await fill(cluster.target, 0, 20_000);
  await pause(15_000);
  const before = megabytes(pid, 'Pss');
  const many = await fill(cluster.target, few, 210_000);
  await pause(15_000);
  const grown = ((megabytes(pid, 'Pss') - before) * 10_000) / (many - few);
  return [record({ name: 'memory.10000', value: grown, unit: 'MB', n: many - few })];
}

/** How much longer `kubectl get` takes without a discovery cache than with one, in milliseconds. */
export function discoveryFigures(cluster: MeasuredCluster, runs = 9): Recorded[] {
  if (spawnSync('kubectl', ['version', '--client']).error) {
    console.error('kubectl.cold-cache is left out: kubectl is not installed.');
    return [];
  }
  const home = mkdtempSync(join(tmpdir(), 'krill-bench-kubectl-'));
  const get = (cache: string) => {
    const started = performance.now();
    execFileSync('kubectl', ['get', 'configmaps', '--cache-dir', cache], {
      env: { ...process.env, KUBECONFIG: cluster.kubeconfig },
      stdio: 'ignore',
    });
    return performance.now() - started;
  };
  try {
    const colder: number[] = [];
    for (let i = 0; i < runs; i++) {
      const cache = join(home, String(i));
      const cold = get(cache);
      colder.push(cold - Math.min(get(cache), get(cache)));
    }
    return [recordMedian('kubectl.cold-cache', 'ms over warm', colder)];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
