import { Cycle } from '../../src/scheduler/cycle/cycle.ts';
import { podInfo } from '../../src/scheduler/state/pod-info.ts';
import { quantile, type Recorded, record } from '../record.ts';
import { type NodeGroup, plugins, tableOf, worldOf } from './cluster.ts';
import * as shapes from './shapes.ts';

interface Pods {
  readonly count: number;
  readonly namespace?: string;
  readonly shape: shapes.PodShape | ((n: number) => shapes.PodShape);
}

/** One workload of scheduler_perf. */
interface Case {
  readonly name: string;
  readonly nodes: readonly NodeGroup[];
  readonly init?: readonly Pods[];
  readonly measured: Pods;
  /** Labels by which a Service selects the pods that have them. */
  readonly service?: Readonly<Record<string, string>>;
}

const nodes5k = [{ count: 5000 }];
const oneZone = [{ count: 5000, zones: ['zone1'] }];
const moons = [{ count: 5000, zones: ['moon-1', 'moon-2', 'moon-3'] }];
const tainted = [
  { count: 4000 },
  { count: 1000, taints: [{ key: 'foo', value: 'bar', effect: 'NoSchedule' as const }] },
];

/** Init pods in sched-0, measured ones in sched-1. */
const inTwo = (name: string, init: number, count: number, shape: shapes.PodShape, nodes = nodes5k): Case => ({
  name,
  nodes,
  init: [{ count: init, namespace: 'sched-0', shape }],
  measured: { count, namespace: 'sched-1', shape },
});
const byNamespace = (name: string, shape: shapes.PodShape): Case => ({
  name,
  nodes: [{ count: 6000 }],
  init: Array.from({ length: 100 }, (_, n) => ({ count: 40, namespace: `init-ns-${n}`, shape })),
  measured: { count: 2000, namespace: 'measure-ns-0', shape },
});
const afterPlain = (
  name: string,
  nodes: Case['nodes'],
  init: number,
  measured: Pods,
  more: Partial<Case> = {},
): Case => ({
  name,
  nodes,
  init: [{ count: init, shape: shapes.plain }],
  measured,
  ...more,
});

const cases: readonly Case[] = [
  afterPlain('basic', nodes5k, 1000, { count: 10_000, shape: shapes.plain }),
  inTwo('anti-affinity', 1000, 2000, shapes.antiAffinity),
  {
    ...inTwo('matching-anti-affinity', 1000, 5000, shapes.antiAffinity),
    measured: { count: 5000, namespace: 'sched-1', shape: shapes.green },
  },
  inTwo('affinity', 5000, 5000, shapes.affinity, oneZone),
  inTwo('preferred-affinity', 5000, 5000, shapes.preferredAffinity),
  inTwo('preferred-anti-affinity', 5000, 5000, shapes.preferredAntiAffinity),
  byNamespace('anti-affinity.ns-selector', shapes.antiAffinityByNamespace),
  byNamespace('preferred-anti-affinity.ns-selector', shapes.preferredAntiAffinityByNamespace),
  {
    name: 'node-affinity',
    nodes: oneZone,
    init: [{ count: 5000, shape: shapes.nodeAffinity }],
    measured: { count: 10_000, shape: shapes.nodeAffinity },
  },
  {
    name: 'mixed',
    nodes: oneZone,
    init: [
      shapes.plain,
      shapes.affinity,
      shapes.antiAffinity,
      shapes.preferredAffinity,
      shapes.preferredAntiAffinity,
    ].map((shape) => ({ count: 2000, namespace: 'sched-0', shape })),
    measured: { count: 5000, shape: shapes.plain },
  },
  afterPlain('spreading', moons, 5000, { count: 5000, shape: shapes.spreading }),
  afterPlain('preferred-spreading', moons, 5000, { count: 5000, shape: shapes.preferredSpreading }),
  afterPlain('default-spreading', moons, 5000, { count: 10_000, shape: shapes.green }, { service: { color: 'green' } }),
  { name: 'node-inclusion', nodes: tainted, measured: { count: 4000, shape: shapes.nodeInclusion } },
  {
    name: 'daemonset',
    nodes: [{ count: 15_000 }],
    measured: { count: 30_000, shape: (n) => shapes.daemon(`n${n % 15_000}`) },
  },
];

/** Places the pods of a case one after the other, without binding them. */
function placing({ name, nodes, init = [], measured, service }: Case): Recorded {
  const table = tableOf(nodes);
  const cycle = new Cycle(table, worldOf(service), plugins);
  let uid = 0;
  const place = ({ namespace = 'default', shape }: Pods, n: number) => {
    const pod = shapes.podOf(namespace, `p${uid}`, typeof shape === 'function' ? shape(n) : shape);
    const info = podInfo({ ...pod, metadata: { ...pod.metadata!, uid: String(uid++) } });
    const { node, diagnosis } = cycle.place(info, Math.random);
    if (node === undefined) throw new Error(`${name}: ${[...diagnosis!.reasons.keys()].join()}`);
    table.addPod(info, node);
  };
  for (const pods of init) for (let n = 0; n < pods.count; n++) place(pods, n);
  const times: number[] = [];
  const started = performance.now();
  for (let n = 0; n < measured.count; n++) {
    const begun = performance.now();
    place(measured, n);
    times.push(performance.now() - begun);
  }
  const value = measured.count / ((performance.now() - started) / 1000);
  const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
  return record({ name: `schedule.${name}`, value, unit: 'pods/s', n: measured.count, p50, p99 });
}

/** Pods that no node has room for are refused at once, while others are placed between them. */
function refusing(count: number): Recorded {
  const table = tableOf(nodes5k);
  const cycle = new Cycle(table, worldOf(undefined), plugins);
  const started = performance.now();
  for (let n = 0; n < count; n++) {
    const large = podInfo(shapes.podOf('default', `large${n}`, { overhead: { cpu: '9' } }));
    if (!cycle.place(large, Math.random).diagnosis) throw new Error('a pod that is too large was placed');
    if (n % 10 > 0) continue;
    const pod = shapes.podOf('default', `p${n}`);
    const info = podInfo({ ...pod, metadata: { ...pod.metadata!, uid: `p${n}` } });
    table.addPod(info, cycle.place(info, Math.random).node!);
  }
  const value = count / ((performance.now() - started) / 1000);
  return record({ name: 'schedule.unschedulable', value, unit: 'pods/s', n: count });
}

/** How many pods a second one core places in the workloads of scheduler_perf. */
export function placingFigures(only?: string): Recorded[] {
  const wanted = (name: string) => only === undefined || name === only;
  const figures = cases.filter(({ name }) => wanted(name)).map(placing);
  return wanted('unschedulable') ? [...figures, refusing(10_000)] : figures;
}
