import { expect, test } from 'vitest';
import type { ScoringStrategy } from '../../../../src/scheduler/config/types.ts';
import { fitPlugin } from '../../../../src/scheduler/plugins/node-resources-fit.ts';
import { filtered, type NodeFields, type PodFields, scored } from '../kit.ts';

const cpuAndMemory = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];
const allocatable = { cpu: '4', memory: '4Gi' };
const taken: NodeFields = { name: 'taken', allocatable, pods: [{ requests: { cpu: '2', memory: '1Gi' } }] };
const free: NodeFields = { name: 'free', allocatable };
const wanted: PodFields = { requests: { cpu: '1', memory: '1Gi' } };
const ramp = {
  shape: [
    { utilization: 0, score: 0 },
    { utilization: 50, score: 10 },
    { utilization: 100, score: 4 },
  ],
};

test.each<[string, ScoringStrategy, Record<string, number>]>([
  ['the emptiest', { type: 'LeastAllocated', resources: cpuAndMemory }, { taken: 37, free: 75 }],
  ['the fullest', { type: 'MostAllocated', resources: cpuAndMemory }, { taken: 62, free: 25 }],
  ['by one resource', { type: 'MostAllocated', resources: [{ name: 'cpu', weight: 1 }] }, { taken: 75, free: 25 }],
  [
    'one resource more than the other',
    {
      type: 'LeastAllocated',
      resources: [
        { name: 'cpu', weight: 3 },
        { name: 'memory', weight: 1 },
      ],
    },
    { taken: 31, free: 75 },
  ],
  [
    'along a line the user draws',
    { type: 'RequestedToCapacityRatio', resources: cpuAndMemory, requestedToCapacityRatio: ramp },
    { taken: 85, free: 50 },
  ],
  [
    'a resource that the node has not does not count',
    { type: 'LeastAllocated', resources: [...cpuAndMemory, { name: 'x.io/gpu', weight: 5 }] },
    { taken: 37, free: 75 },
  ],
])('prefers %s', (_, scoringStrategy, scores) => {
  expect(scored(fitPlugin({ scoringStrategy }), wanted, [taken, free])).toEqual(scores);
});

test('devices count for pods that want some', () => {
  const plugin = fitPlugin({
    scoringStrategy: { type: 'MostAllocated', resources: [{ name: 'x.io/gpu', weight: 1 }] },
  });
  const nodes = [
    { name: 'half', allocatable: { ...allocatable, 'x.io/gpu': '2' }, pods: [] },
    { name: 'all', allocatable: { ...allocatable, 'x.io/gpu': '1' }, pods: [] },
  ];
  expect(scored(plugin, { requests: { 'x.io/gpu': '1' } }, nodes)).toEqual({ half: 50, all: 100 });
  expect(scored(plugin, {}, nodes)).toEqual({ half: 0, all: 0 });
});

test('extended resources that are somebody else’s business do not keep a pod away', () => {
  const scoringStrategy: ScoringStrategy = { type: 'LeastAllocated', resources: cpuAndMemory };
  const asks = { requests: { 'x.io/gpu': '1', 'y.io/nic': '1', cpu: '1' } };
  const judge = (args: object) => filtered(fitPlugin({ scoringStrategy, ...args }), asks, [free])['free'];
  expect(judge({})).toContain('Insufficient x.io/gpu, Insufficient y.io/nic');
  expect(judge({ ignoredResources: ['x.io/gpu', 'cpu'] })).toBe('Insufficient y.io/nic (unresolvable)');
  expect(judge({ ignoredResources: ['x.io/gpu'], ignoredResourceGroups: ['y.io'] })).toBe('ok');
});
