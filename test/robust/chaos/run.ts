import type { Target } from '../../../bench/target.ts';
import type { Ids } from '../../../src/base/ids.ts';
import { pause, send, untilCode } from '../http.ts';
import { type Edit, type Field, firstEdits, lastEdits, nextEdit } from './edits.ts';
import { findings, type Seen } from './findings.ts';

export interface ChaosOptions {
  readonly target: Target;
  readonly field: Field;
  readonly dice: Ids;
  /** How long objects are edited, milliseconds. */
  readonly length: number;
  /** Edits per second. */
  readonly rate: number;
  /** Between two crashes of the server, milliseconds; with it crash scheduler and controllers. */
  readonly crashEvery: number;
  /** Between two nodes taken away, milliseconds. */
  readonly nodeEvery: number;
  /** How long things may take to come to rest, milliseconds. */
  readonly patience: number;
  /** Kills the server process without warning; something restarts it. */
  crash(): Promise<void>;
  log(line: string): void;
}

export interface ChaosResult {
  readonly edits: number;
  readonly refused: number;
  readonly crashes: number;
  readonly nodesLost: number;
  /** From the last edit to rest, milliseconds; the patience when that did not come. */
  readonly settled: number;
  readonly pods: number;
  /** What is wrong after all. */
  readonly findings: readonly string[];
}

/** Edits a cluster at random for a while, with crashes, and looks whether it comes to rest as it should. */
export async function chaos(options: ChaosOptions): Promise<ChaosResult> {
  const { target, field, dice, length, rate } = options;
  for (const edit of firstEdits(field, dice)) await insist(target, edit);
  const end = performance.now() + length;
  const count = { edits: 0, refused: 0, crashes: 0, nodesLost: 0 };
  let stopped = false;
  const every = async (ms: number, work: () => Promise<void>) => {
    for (;;) {
      const until = Math.min(performance.now() + ms * (0.5 + dice.random()), end);
      while (!stopped && performance.now() < until) await pause(20);
      if (stopped || performance.now() >= end) return;
      await work();
    }
  };
  const editing = async () => {
    const begun = performance.now();
    while (performance.now() < end) {
      const due = begun + (1000 * count.edits) / rate;
      if (due > performance.now()) await pause(due - performance.now());
      count.edits++;
      const answer = await make(target, nextEdit(field, dice)).catch(() => undefined);
      if (!answer) await pause(20);
      else if (answer.code >= 300) {
        count.refused++;
        if (![404, 409, 429, 500, 503].includes(answer.code)) throw new Error(`${answer.code} ${answer.text}`);
      }
    }
  };
  try {
    await Promise.all([
      editing(),
      every(options.crashEvery, async () => {
        count.crashes++;
        await options.crash();
        await untilCode(target, '/readyz', 200);
      }),
      every(options.nodeEvery, async () => {
        const node = await anyNode(target, dice);
        if (!node) return;
        count.nodesLost++;
        await send(target, 'DELETE', `/api/v1/nodes/${node}`).catch(() => undefined);
      }),
    ]);
  } finally {
    stopped = true;
  }
  // Nodes that have gone come back with the server: who waits for one that does not has 40 s to wait, as upstream.
  count.crashes++;
  await options.crash();
  await untilCode(target, '/readyz', 200);
  for (const edit of lastEdits(field)) await insist(target, edit);
  return { ...count, ...(await rest(options)) };
}

const make = (target: Target, { method, path, body }: Edit) =>
  send(target, method, path, body, method === 'PATCH' ? 'application/merge-patch+json' : undefined);

/** Makes an edit that must not get lost; what is not there need not be edited. */
async function insist(target: Target, edit: Edit): Promise<void> {
  for (;;) {
    const answer = await make(target, edit).catch(() => undefined);
    if (answer && (answer.code < 300 || answer.code === 404)) return;
    if (answer && answer.code !== 409 && answer.code < 500) throw new Error(`${edit.what}: ${answer.text}`);
    if (answer?.code === 409 && edit.method === 'POST') return;
    await pause(50);
  }
}

async function anyNode(target: Target, dice: Ids): Promise<string | undefined> {
  const names = (await items<{ metadata: { name: string } }>(target, '/api/v1/nodes').catch(() => [])).map(
    ({ metadata }) => metadata.name,
  );
  return names[Math.floor(dice.random() * names.length)];
}

/** Looks until nothing is wrong any more, or for as long as there is patience. */
async function rest({ target, patience, log }: ChaosOptions) {
  const begun = performance.now();
  for (;;) {
    const seen = await see(target);
    const settled = performance.now() - begun;
    const found = findings(seen);
    if (found.length === 0 || settled > patience) return { settled, pods: seen.pods.length, findings: found };
    log(`${Math.round(settled / 1000)} s after the last edit: ${found.length} findings, ${found[0]}`);
    await pause(500);
  }
}

async function items<T>(target: Target, path: string): Promise<T[]> {
  const { code, text } = await send(target, 'GET', path);
  if (code !== 200) throw new Error(`${path}: ${code} ${text}`);
  return JSON.parse(text).items;
}

async function see(target: Target): Promise<Seen> {
  const own = async <T extends { metadata?: { namespace?: string } }>(path: string) =>
    (await items<T>(target, path)).filter(({ metadata }) => metadata?.namespace?.startsWith('chaos-'));
  const nodes = await items<{ metadata: { name: string } }>(target, '/api/v1/nodes');
  return {
    deployments: await own('/apis/apps/v1/deployments'),
    replicaSets: await own('/apis/apps/v1/replicasets'),
    statefulSets: await own('/apis/apps/v1/statefulsets'),
    services: await own('/api/v1/services'),
    pods: await own('/api/v1/pods'),
    slices: await own('/apis/discovery.k8s.io/v1/endpointslices'),
    claims: await own('/api/v1/persistentvolumeclaims'),
    volumes: await items(target, '/api/v1/persistentvolumes'),
    nodes: new Set(nodes.map(({ metadata }) => metadata.name)),
  };
}
