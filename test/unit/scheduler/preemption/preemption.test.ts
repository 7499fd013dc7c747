import { describe, expect, test } from 'vitest';
import { Cycle } from '../../../../src/scheduler/cycle/cycle.ts';
import { bestCandidate, findCandidates, preemptionBar } from '../../../../src/scheduler/preemption/preemption.ts';
import { podInfo } from '../../../../src/scheduler/state/pod-info.ts';
import { type NodeFields, type PodFields, pod, table, type WorldFields, world } from '../kit.ts';
import { defaultPlugins } from '../shelf.ts';

const plugins = defaultPlugins();

const one = (name: string, priority: number, more: PodFields = {}): PodFields => ({
  name,
  priority,
  requests: { cpu: '1' },
  ...more,
});

/** "node: victims" for a pod of priority 10 that no node takes. */
function chosen(wanted: PodFields, nodes: readonly NodeFields[], about: WorldFields = {}): string | undefined {
  const info = podInfo(pod({ priority: 10, ...wanted }));
  const nodeTable = table(nodes.map((node) => ({ allocatable: { cpu: '2' }, ...node })));
  const before = [...nodeTable.column.usedCpu];
  const cycle = new Cycle(nodeTable, world(about), plugins);
  const { diagnosis } = cycle.place(info, () => 0.5);
  const { found } = findCandidates(info, nodeTable, world(about), cycle.judge(info), diagnosis!.resolvable, 100);
  expect([...nodeTable.column.usedCpu]).toEqual(before);
  if (found.length === 0) return undefined;
  const victims = bestCandidate(found);
  return `${victims.node}: ${victims.pods.map(({ name }) => name)}`;
}

describe('victims', () => {
  const cpu = (amount: string) => ({ requests: { cpu: amount } });
  test.each<[string, PodFields, NodeFields[], string | undefined, WorldFields?]>([
    ['the less important pod', cpu('1'), [{ name: 'n', pods: [one('a', 5), one('b', 1)] }], 'n: b'],
    ['as many as it takes', cpu('2'), [{ name: 'n', pods: [one('a', 5), one('b', 1)] }], 'n: a,b'],
    ['never equals', cpu('1'), [{ name: 'n', pods: [one('a', 10), one('b', 11)] }], undefined],
    ['not where it does not help', cpu('1'), [{ name: 'n', unschedulable: true, pods: [one('a', 1)] }], undefined],
    ['not where too little would come free', cpu('2'), [{ name: 'n', pods: [one('a', 1), one('b', 20)] }], undefined],
    [
      'on the node whose most important victim matters least',
      cpu('1'),
      [
        { name: 'x', pods: [one('a', 5), one('b', 5)] },
        { name: 'y', pods: [one('c', 4), one('d', 9)] },
      ],
      'y: c',
    ],
    [
      'on the node with fewer victims',
      cpu('2'),
      [
        { name: 'x', pods: [one('a', 1), one('b', 1)] },
        { name: 'y', pods: [one('c', 1, cpu('2'))] },
      ],
      'y: c',
    ],
    [
      'not one under a budget, if another will do',
      cpu('1'),
      [{ name: 'n', pods: [one('a', 5), one('b', 1)] }],
      'n: a',
      { guarded: ['b'] },
    ],
    [
      'also to get rid of anti-affinity',
      { labels: { app: 'web' } },
      [
        {
          name: 'n',
          pods: [
            one('a', 1, {
              affinity: {
                podAntiAffinity: {
                  requiredDuringSchedulingIgnoredDuringExecution: [
                    { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } },
                  ],
                },
              },
            }),
          ],
        },
      ],
      'n: a',
    ],
  ])('%s', (_, wanted, nodes, expected, about) => {
    expect(chosen(wanted, nodes, about)).toBe(expected);
  });
});

describe('a pod that has a node in prospect', () => {
  const info = podInfo({ ...pod({ priority: 10 }), status: { nominatedNodeName: 'n' } });
  const condition = { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' };
  /** What keeps it from evicting others while a pod on that node is going, asked to by the scheduler or not. */
  const bar = (asked: boolean, resolvable: readonly number[]) => {
    const nodes = table([{ name: 'n' }]);
    const going = pod({ name: 'going', deleted: true });
    nodes.addPod(podInfo({ ...going, status: { conditions: asked ? [condition] : [] } }), 'n');
    return preemptionBar(info, nodes, resolvable);
  };

  test('does not evict others while its first victims are still going', () => {
    expect(bar(true, [0])).toBe('not eligible due to a terminating pod on the nominated node.');
  });

  test('does when who is going there goes for another reason', () => {
    expect(bar(false, [0])).toBeUndefined();
  });

  test('does when that node will not do any more', () => {
    expect(bar(true, [])).toBeUndefined();
  });
});
