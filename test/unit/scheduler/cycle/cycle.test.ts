import { describe, expect, test } from 'vitest';
import { Cycle } from '../../../../src/scheduler/cycle/cycle.ts';
import { fitError, noVictims } from '../../../../src/scheduler/cycle/fit-error.ts';
import { refusal } from '../../../../src/scheduler/plugin.ts';
import { findCandidates, preemptionBar } from '../../../../src/scheduler/preemption/preemption.ts';
import { podInfo } from '../../../../src/scheduler/state/pod-info.ts';
import { type NodeFields, type PodFields, pod, table, world } from '../kit.ts';
import { defaultPlugins } from '../shelf.ts';

const plugins = defaultPlugins();

function attempt(fields: PodFields, nodes: readonly NodeFields[]): string {
  const info = podInfo(pod(fields));
  const nodeTable = table(nodes);
  const cycle = new Cycle(nodeTable, world(), plugins);
  const { node, diagnosis } = cycle.place(info, () => 0.5);
  if (!diagnosis) return node;
  const { resolvable } = diagnosis;
  const { found, reasons } = findCandidates(info, nodeTable, world(), cycle.judge(info), resolvable, 100);
  expect(found).toEqual([]);
  const bar = preemptionBar(info, nodeTable, resolvable);
  return fitError(diagnosis, bar ?? noVictims(diagnosis.nodes, resolvable.length, reasons));
}

/** A pod that names nodes: its affinity demands one of each list. */
const named = (...names: string[][]): PodFields => {
  const matchFields = names.map((values) => ({ key: 'metadata.name', operator: 'In' as const, values }));
  const required = { nodeSelectorTerms: [{ matchFields }] };
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } };
};
const busy = [{ requests: { cpu: '4' } }];

describe('a pod that fits nowhere is told why, as upstream words it', () => {
  test.each<[string, PodFields, NodeFields[], string]>([
    ['no node at all', {}, [], 'no nodes available to schedule pods'],
    [
      'reasons are counted and sorted',
      { requests: { cpu: '1' } },
      [
        { name: 'a', pods: busy },
        { name: 'b', taints: [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }] },
        { name: 'c', taints: [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }] },
      ],
      '0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s). preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.',
    ],
    [
      'one node may have several reasons',
      { requests: { cpu: '1', memory: '9Gi' } },
      [{ name: 'a', pods: busy }],
      '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    ],
    [
      'who would have to go is not enough',
      { requests: { cpu: '3' }, priority: 10 },
      [
        {
          name: 'a',
          pods: [
            { requests: { cpu: '2' }, priority: 1 },
            { name: 'x', requests: { cpu: '2' }, priority: 20 },
          ],
        },
        { name: 'b', pods: busy.map((fields) => ({ ...fields, priority: 20 })) },
      ],
      '0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: 1 Insufficient cpu, 1 No preemption victims found for incoming pod.',
    ],
    [
      'a pod that never preempts',
      { requests: { cpu: '1' }, preemptionPolicy: 'Never' },
      [{ name: 'a', pods: busy }],
      '0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.',
    ],
    [
      'the first plugin in order speaks for a node',
      { requests: { cpu: '9' } },
      [{ name: 'a', unschedulable: true }],
      '0/1 nodes are available: 1 node(s) were unschedulable. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    ],
    [
      'a pod that names its node hears of that node, and how many others there are',
      { requests: { cpu: '1' }, ...named(['a']) },
      [{ name: 'a', pods: busy }, { name: 'b' }, { name: 'c' }],
      "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.",
    ],
    [
      'a node that is not there',
      named(['x']),
      [{ name: 'a' }],
      "0/1 nodes are available: 1 node(s) didn't satisfy plugin(s) [NodeAffinity]. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
    ],
    [
      'a node with two names',
      named(['a'], ['b']),
      [{ name: 'a' }, { name: 'b' }],
      '0/2 nodes are available: pod affinity terms conflict. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
    ],
  ])('%s', (_, fields, nodes, message) => {
    expect(attempt(fields, nodes)).toBe(message);
  });
});

describe('of nodes that fit', () => {
  test('one that the pod names', () => {
    expect(attempt(named(['b', 'c']), [{ name: 'a' }, { name: 'b', pods: busy }, { name: 'c' }])).toBe('c');
  });

  test('the one that was promised to the pod, if it still does', () => {
    const nodes = table([{ name: 'a' }, { name: 'b', pods: [{ requests: { cpu: '3' } }] }]);
    const cycle = new Cycle(nodes, world(), plugins);
    const placed = (cpu: string) => {
      const promised = { ...pod({ requests: { cpu } }), status: { nominatedNodeName: 'b' } };
      return cycle.place(podInfo(promised), () => 0.5).node;
    };
    expect([placed('1'), placed('2')]).toEqual(['b', 'a']);
  });

  test('the emptiest wins', () => {
    const nodes = [{ name: 'busy', pods: [{ requests: { cpu: '2', memory: '4Gi' } }] }, { name: 'free' }];
    expect(attempt({ requests: { cpu: '1', memory: '1Gi' } }, nodes)).toBe('free');
    expect(attempt({ requests: { cpu: '1', memory: '1Gi' } }, nodes.toReversed())).toBe('free');
  });

  test('chance decides between equals, evenly', () => {
    const info = podInfo(pod());
    const nodes = table(['a', 'b', 'c', 'd'].map((name) => ({ name })));
    const cycle = new Cycle(nodes, world(), plugins);
    let state = 1;
    const random = () => (state = (state * 16807) % 2147483647) / 2147483647;
    const chosen: Record<string, number> = {};
    for (let n = 0; n < 4000; n++) {
      const { node } = cycle.place(info, random);
      chosen[node!] = (chosen[node!] ?? 0) + 1;
    }
    for (const count of Object.values(chosen)) expect(count).toBeGreaterThan(850);
    expect(Object.keys(chosen)).toHaveLength(4);
  });
});

test('a plugin may refuse a pod everywhere, before any node is looked at', () => {
  const info = podInfo(pod());
  const nodes = table([{ name: 'a', pods: busy }, { name: 'b' }]);
  const picky = { name: 'Picky', filter: () => refusal('persistentvolumeclaim "x" not found', true) };
  const { diagnosis } = new Cycle(nodes, world(), [...plugins, picky]).place(info, () => 0.5);
  expect([...diagnosis!.plugins]).toEqual(['Picky']);
  expect(fitError(diagnosis!, noVictims(2, 0, new Map()))).toBe(
    '0/2 nodes are available: persistentvolumeclaim "x" not found. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
  );
});
