import { fileURLToPath } from 'node:url';
import { labelsAsSelector } from '../src/api/selector.ts';
import { SystemClock } from '../src/base/clock.ts';
import { SystemIds } from '../src/base/ids.ts';
import { silentLogger } from '../src/base/log.ts';
import type { Transport } from '../src/client/call.ts';
import { createClient } from '../src/client/client.ts';
import { Informers } from '../src/client/informers.ts';
import { place } from '../src/scheduler/cycle.ts';
import { NodeTable } from '../src/scheduler/node-table.ts';
import type { World } from '../src/scheduler/plugin.ts';
import { plugins as descriptors } from '../src/scheduler/plugins/index.ts';
import { podInfo } from '../src/scheduler/pod-info.ts';
import { type Figure, record } from './record.ts';

/** There is nothing but pods and nodes: no cache is ever filled. */
const nowhere = {} as Transport;
const env = { clock: new SystemClock(), ids: new SystemIds(), log: silentLogger };
const plugins = descriptors.map((descriptor) =>
  descriptor.build({ ...env, client: createClient(nowhere), informers: new Informers(nowhere, env) }),
);

const zone = 'topology.kubernetes.io/zone';

function nodeTable(count: number): NodeTable {
  const nodes = new NodeTable();
  for (let n = 0; n < count; n++) {
    nodes.setNode({
      metadata: { name: `n${n}`, labels: { 'kubernetes.io/hostname': `n${n}`, [zone]: `z${n % 3}` } },
      status: { allocatable: { cpu: '32', memory: '64Gi', pods: '1000' } },
    });
  }
  return nodes;
}

/** Places pods of one set one after the other; with `spread` a Service selects them, so that they spread by default. */
function placing(count: number, pods: number, spread: boolean): Figure {
  const nodes = nodeTable(count);
  const labels = { app: 'web' };
  const world: World = {
    spreadSelector: () => (spread ? labelsAsSelector(labels) : undefined),
    namespaceLabels: () => undefined,
    namespacesMatching: () => [],
    guarded: () => false,
  };
  const containers = [{ name: 'app', image: 'app', resources: { requests: { cpu: '10m', memory: '10Mi' } } }];
  const times: number[] = [];
  const started = performance.now();
  for (let n = 0; n < pods; n++) {
    const begun = performance.now();
    const metadata = { name: `p${n}`, namespace: 'default', uid: String(n), labels };
    const info = podInfo({ metadata, spec: { containers } });
    nodes.addPod(info, place(info, nodes, world, plugins, Math.random).node!);
    times.push(performance.now() - begun);
  }
  const value = pods / ((performance.now() - started) / 1000);
  times.sort((a, b) => a - b);
  const [p50, p99] = [0.5, 0.99].map((share) => times[Math.floor(pods * share)]!);
  return record({
    name: `schedule.${count}${spread ? '.spread' : ''}`,
    value,
    unit: 'pods/s',
    n: pods,
    p50: p50!,
    p99: p99!,
  });
}

/** How many pods a second one core places, without binding them. */
export function schedulerFigures(): Figure[] {
  return [100, 1000, 5000].flatMap((count) => [placing(count, 3000, false), placing(count, 3000, true)]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) schedulerFigures();
