import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodes, pods, serviceAccounts } from '../../src/api/kinds.gen.ts';
import { SystemClock } from '../../src/base/clock.ts';
import { SystemIds } from '../../src/base/ids.ts';
import { silentLogger } from '../../src/base/log.ts';
import { type Client, createClient } from '../../src/client/client.ts';
import { startCluster } from '../../src/cluster/start.ts';
import { type Recorded, recordMedian } from '../record.ts';
import * as shapes from './shapes.ts';

/** So many requests are under way at once. */
const concurrency = 64;

/** Runs `count` requests, `concurrency` at a time. */
async function many(count: number, request: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await request(next++);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

async function createNodes(client: Client, count: number): Promise<void> {
  await many(count, async (n) => {
    const name = `n${n}`;
    await client.resource(nodes).create(shapes.nodeOf(name, n));
    // New nodes are not ready; the node lifecycle controller, which is not there, would say when they are.
    await client.resource(nodes).patch({ name }, { type: 'merge', body: { spec: { taints: null } } });
  });
}

/** Sees when pods are bound, as anybody who watches them sees it. */
class Bound {
  readonly #names = new Set<string>();
  readonly #waiting: { readonly count: number; readonly done: () => void }[] = [];

  async follow(client: Client, signal: AbortSignal): Promise<void> {
    await client.resource(pods).watch(
      { namespace: 'default' },
      {
        events: (events) => {
          for (const { object } of events) {
            const { metadata, spec } = object as { metadata: { name: string }; spec?: { nodeName?: string } };
            if (spec?.nodeName) this.#names.add(metadata.name);
          }
          for (const { count, done } of this.#waiting) if (this.#names.size >= count) done();
        },
        end: (error) => {
          if (error) throw error;
        },
      },
      signal,
    );
  }

  until(count: number): Promise<void> {
    return new Promise((done) => void (this.#names.size >= count ? done() : this.#waiting.push({ count, done })));
  }
}

/**
 * SchedulingBasic from end to end: pods are created through the API and bound through the API by the scheduler of a
 * whole cluster in this process, on a store on disk, with its events. Measured from the first create to the last
 * binding that a watch shows.
 */
export async function bindingFigure(nodeCount: number, init: number, measured: number): Promise<Recorded> {
  const rates: number[] = [];
  for (let run = 0; run < 3; run++) rates.push(await bindingRate(nodeCount, init, measured));
  return recordMedian('schedule.basic.bound', 'pods/s', rates);
}

/** Pods a second, in a cluster of its own. */
async function bindingRate(nodeCount: number, init: number, measured: number): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), 'krill-bench-'));
  const cluster = await startCluster({
    name: 'bench',
    dataDir,
    port: 0,
    nodes: 0,
    runtime: 'simulated',
    store: 'file',
    without: ['controllers', 'kubelet', 'network'],
    clock: new SystemClock(),
    ids: new SystemIds(),
    log: silentLogger,
  });
  const done = new AbortController();
  try {
    await cluster.ready;
    const client = createClient(cluster.transport());
    await client.resource(serviceAccounts).create({ metadata: { namespace: 'default', name: 'default' } });
    await createNodes(client, nodeCount);
    const bound = new Bound();
    await bound.follow(client, done.signal);
    const create = (prefix: string) => (n: number) =>
      client.resource(pods).create(shapes.podOf('default', `${prefix}${n}`, shapes.plain));
    await many(init, create('init'));
    await bound.until(init);
    const started = performance.now();
    await many(measured, create('p'));
    await bound.until(init + measured);
    return measured / ((performance.now() - started) / 1000);
  } finally {
    done.abort();
    await cluster.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
