import { startBare } from './bare.ts';
import { type LoadResult, loadHttp1, loadHttp2, type Request } from './load.ts';
import { median, type Recorded, record, recordMedian } from './record.ts';
import type { Target } from './target.ts';

/** The ConfigMap of the peer's figures: 0.9 KB as JSON. */
const configMap = (name: string) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: { app: 'bench' } },
    data: { value: 'x'.repeat(780) },
  });

const protobuf = 'application/vnd.kubernetes.protobuf';
const base = '/api/v1/namespaces/default/configmaps';
let targets = 0;

/** What one target is asked; creates number their objects, gets ask for the first of them. */
export function requestsOf() {
  const prefix = `b${process.pid.toString(36)}-${targets++}`;
  let counter = 0;
  return {
    create: (): Request => ({ method: 'POST', path: base, body: configMap(`${prefix}-${counter++}`) }),
    get: (): Request => ({ method: 'GET', path: `${base}/${prefix}-0` }),
    page: (): Request => ({ method: 'GET', path: `${base}?limit=500` }),
    getProtobuf: (): Request => ({ method: 'GET', path: `${base}/${prefix}-0`, accept: protobuf }),
    pageProtobuf: (): Request => ({ method: 'GET', path: `${base}?limit=500`, accept: protobuf }),
  };
}

type Kind = keyof ReturnType<typeof requestsOf>;

interface Case {
  readonly name: string;
  readonly kind: Kind;
  readonly load: (target: Target, next: () => Request, seconds: number) => Promise<LoadResult>;
}

const h1 =
  (connections: number): Case['load'] =>
  (target, next, seconds) =>
    loadHttp1(target, { connections, seconds, next });
const h2 =
  (connections: number, streams = 1): Case['load'] =>
  (target, next, seconds) =>
    loadHttp2(target, { connections, streams, seconds, next });

/** The API figures of SPEED section 9, in an order in which later ones find the objects of earlier ones. */
const cases: readonly Case[] = [
  { name: 'create.h1.c1', kind: 'create', load: h1(1) },
  { name: 'create.h1.c16', kind: 'create', load: h1(16) },
  { name: 'create.h2.c16', kind: 'create', load: h2(16) },
  { name: 'get.h1.c1', kind: 'get', load: h1(1) },
  { name: 'get.h1.c16', kind: 'get', load: h1(16) },
  { name: 'get.h2.c16', kind: 'get', load: h2(16) },
  { name: 'get.h2.c1x16', kind: 'get', load: h2(1, 16) },
  { name: 'list500.h1.c4', kind: 'page', load: h1(4) },
  { name: 'get.protobuf.h1.c16', kind: 'getProtobuf', load: h1(16) },
  { name: 'list500.protobuf.h1.c4', kind: 'pageProtobuf', load: h1(4) },
];

const summary = (name: string, runs: readonly LoadResult[]) =>
  record({
    name,
    value: median(runs.map((run) => run.perSecond)),
    unit: 'requests/s',
    n: runs.reduce((sum, run) => sum + run.n, 0),
    p50: median(runs.map((run) => run.p50)),
    p99: median(runs.map((run) => run.p99)),
    runs: runs.map((run) => run.perSecond),
  });

/** These are set beside the bare server of the same round. */
const beside = ['create.h1.c16', 'get.h1.c16'];

/**
 * The API figures, each the median of `rounds` short runs: all of them in turn and round after round, so that a busy
 * moment of the machine spoils one run of each. With a peer each run is done on both, one after the other, and the
 * ratios are recorded too. `share.*` is a figure over what a server that does nothing reaches in the same round.
 */
export async function apiFigures(target: Target, seconds: number, peer?: Target, rounds = 5): Promise<Recorded[]> {
  using bare = await startBare();
  const ceiling: LoadResult[] = [];
  const sides = [{ label: '', target }, ...(peer ? [{ label: 'peer.', target: peer }] : [])].map((side) => ({
    ...side,
    requests: requestsOf(),
    runs: cases.map((): LoadResult[] => []),
  }));
  for (const side of sides) await loadHttp1(side.target, { connections: 1, seconds: 0.5, next: side.requests.create });
  for (let round = 0; round < rounds; round++) {
    ceiling.push(await loadHttp1(bare.target, { connections: 16, seconds, next: sides[0]!.requests.get }));
    for (const [i, { name, kind, load }] of cases.entries()) {
      // Whoever goes first finds the machine as the other left it: take turns.
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
        const result = await load(side.target, side.requests[kind], seconds);
        if (result.failures > 0)
          throw new Error(`${side.label}${name}: ${result.failures} of ${result.n} requests failed`);
        side.runs[i]!.push(result);
      }
    }
  }
  const [own, other] = sides.map(({ label, runs }) => cases.map(({ name }, i) => summary(`${label}${name}`, runs[i]!)));
  const ratios = other?.map(({ value }, i) => {
    const { name, value: ours } = own![i]!;
    return record({ name: `ratio.${name}`, value: ours / value, unit: 'x', n: 1 });
  });
  const shares = beside.map((name) => {
    const runs = sides[0]!.runs[cases.findIndex((one) => one.name === name)]!;
    const values = runs.map(({ perSecond }, round) => perSecond / ceiling[round]!.perSecond);
    return recordMedian(`share.${name}`, 'of bare.h1.c16', values);
  });
  return [...own!, summary('bare.h1.c16', ceiling), ...shares, ...(other ?? []), ...(ratios ?? [])];
}
