import { describe, expect, test } from 'vitest';
import type { Node, Pod } from '../../../../src/api/types/core-v1.gen.ts';
import type { ClusterEvent, EventHint } from '../../../../src/scheduler/events/events.ts';
import { nodeChanges } from '../../../../src/scheduler/events/node-changes.ts';
import { podChanges } from '../../../../src/scheduler/events/pod-events.ts';
import { interPodAffinityEvents } from '../../../../src/scheduler/hints/inter-pod-affinity.ts';
import { nodeAffinityEvents } from '../../../../src/scheduler/hints/node-affinity.ts';
import { nodeNameEvents } from '../../../../src/scheduler/hints/node-name.ts';
import { nodePortsEvents } from '../../../../src/scheduler/hints/node-ports.ts';
import { nodeResourcesFitEvents } from '../../../../src/scheduler/hints/node-resources-fit.ts';
import { nodeUnschedulableEvents } from '../../../../src/scheduler/hints/node-unschedulable.ts';
import { podTopologySpreadEvents } from '../../../../src/scheduler/hints/pod-topology-spread.ts';
import { schedulingGatesEvents } from '../../../../src/scheduler/hints/scheduling-gates.ts';
import { taintTolerationEvents } from '../../../../src/scheduler/hints/taint-toleration.ts';
import { type NodeFields, node, type PodFields, pod } from '../kit.ts';
import { wakes } from './kit.ts';

const waiting = (fields: PodFields = {}) => pod({ name: 'waiting', ...fields });
const placed = (fields: PodFields = {}) => pod({ name: 'placed', nodeName: 'n', ...fields });

const nodeAdded = (fields: Partial<NodeFields> = {}): ClusterEvent[] => [
  { resource: 'Node', action: 'Add', now: node({ name: 'n', ...fields }) },
];
const nodeDeleted = (fields: Partial<NodeFields> = {}): ClusterEvent[] => [
  { resource: 'Node', action: 'Delete', old: node({ name: 'n', ...fields }) },
];
const nodeChanged = (before: Partial<NodeFields>, after: Partial<NodeFields>): ClusterEvent[] =>
  nodeChanges(node({ name: 'n', ...before }), node({ name: 'n', ...after }));
const podAdded = (fields: PodFields = {}): ClusterEvent[] => [
  { resource: 'AssignedPod', action: 'Add', now: placed(fields) },
];
const podDeleted = (fields: PodFields = {}): ClusterEvent[] => [
  { resource: 'AssignedPod', action: 'Delete', old: placed(fields) },
];
const podChanged = (before: PodFields, after: PodFields): ClusterEvent[] => podChanges(placed(before), placed(after));
const ownChange = (before: PodFields, after: PodFields): ClusterEvent[] => podChanges(waiting(before), waiting(after));

type Row = readonly [what: string, pod: PodFields, events: readonly ClusterEvent[], wakes: boolean];
const check = (hints: readonly EventHint[], rows: readonly Row[]) =>
  test.each(rows)('%s', (_, fields, events, expected) => {
    expect(wakes(hints, waiting(fields), events)).toBe(expected);
  });

describe('a pod that asks for too much', () => {
  const cpu = { requests: { cpu: '1' } };
  const gpu = { requests: { 'x.io/gpu': '1' } };
  check(nodeResourcesFitEvents, [
    ['a pod goes', cpu, podDeleted(), true],
    ['a pod comes', cpu, podAdded(), false],
    ['a pod gets other labels', cpu, podChanged({}, { labels: { x: 'y' } }), false],
    ['a pod asks for less cpu', cpu, podChanged({ requests: { cpu: '2' } }, { requests: { cpu: '1' } }), true],
    [
      'a pod asks for less memory',
      cpu,
      podChanged({ requests: { memory: '2' } }, { requests: { memory: '1' } }),
      false,
    ],
    ['it asks for less itself', cpu, ownChange({ requests: { cpu: '2' } }, { requests: { cpu: '1' } }), true],
    ['a node comes that has room', cpu, nodeAdded(), true],
    ['a node comes that is too small', cpu, nodeAdded({ allocatable: { cpu: '500m' } }), false],
    ['a node comes without the device', gpu, nodeAdded(), false],
    ['a node comes with the device', gpu, nodeAdded({ allocatable: { 'x.io/gpu': '1' } }), true],
    ['a node gets more cpu', cpu, nodeChanged({}, { allocatable: { cpu: '8' } }), true],
    ['a node gets more memory', cpu, nodeChanged({}, { allocatable: { memory: '80Gi' } }), false],
    ['a node gets less cpu', cpu, nodeChanged({}, { allocatable: { cpu: '2' } }), false],
    ['a node may have more pods', cpu, nodeChanged({}, { allocatable: { pods: '200' } }), true],
    ['a node gets a label', cpu, nodeChanged({}, { labels: { x: 'y' } }), false],
  ]);
});

describe('a pod that tolerates no node', () => {
  const taint = (key: string, effect: 'NoSchedule' | 'PreferNoSchedule' = 'NoSchedule') => ({
    taints: [{ key, effect }],
  });
  const tolerant: PodFields = { tolerations: [{ key: 'a', operator: 'Exists' }] };
  check(taintTolerationEvents, [
    ['a node comes without taints', {}, nodeAdded(), true],
    ['a node comes with taints', {}, nodeAdded(taint('a')), false],
    ['a node comes with taints it tolerates', tolerant, nodeAdded(taint('a')), true],
    ['a taint goes', {}, nodeChanged(taint('a'), {}), true],
    ['a taint becomes another', {}, nodeChanged(taint('a'), taint('b')), false],
    ['a taint becomes one it tolerates', tolerant, nodeChanged(taint('b'), taint('a')), true],
    ['a taint becomes a wish', {}, nodeChanged(taint('a'), taint('a', 'PreferNoSchedule')), true],
    ['a node had nothing against it anyway', {}, nodeChanged(taint('a', 'PreferNoSchedule'), {}), false],
    ['it gets a toleration', {}, ownChange({}, tolerant), true],
    ['another gets a toleration', {}, podChanged({}, tolerant), false],
    ['a pod goes', {}, podDeleted(), false],
  ]);
});

describe('a pod kept away by cordons', () => {
  check(nodeUnschedulableEvents, [
    ['a node is uncordoned', {}, nodeChanged({ unschedulable: true }, {}), true],
    ['a node is cordoned', {}, nodeChanged({}, { unschedulable: true }), false],
    ['a node comes', {}, nodeAdded(), true],
    ['a cordoned node comes', {}, nodeAdded({ unschedulable: true }), false],
    ['a pod goes', {}, podDeleted(), false],
  ]);
});

describe('a pod that wants a node by name', () => {
  check(nodeNameEvents, [
    ['a node comes', {}, nodeAdded(), true],
    ['a node changes', {}, nodeChanged({}, { labels: { x: 'y' } }), false],
  ]);
});

describe('a pod whose labels no node has', () => {
  const picky: PodFields = { nodeSelector: { disk: 'ssd' } };
  const ssd = { labels: { disk: 'ssd' } };
  check(nodeAffinityEvents(), [
    ['a node comes that has them', picky, nodeAdded(ssd), true],
    ['a node comes that has not', picky, nodeAdded(), false],
    ['a node gets them', picky, nodeChanged({}, ssd), true],
    ['a node that had them gets others', picky, nodeChanged(ssd, { labels: { disk: 'ssd', x: 'y' } }), false],
    ['a node loses them', picky, nodeChanged(ssd, {}), false],
    ['a taint goes', picky, nodeChanged({ taints: [{ key: 'a', effect: 'NoSchedule' }] }, {}), false],
  ]);
});

describe('a pod whose host ports are taken', () => {
  const port = (hostPort: number, hostIP = ''): PodFields => ({ ports: [{ containerPort: 1, hostPort, hostIP }] });
  check(nodePortsEvents, [
    ['who has the port goes', port(80), podDeleted(port(80)), true],
    ['who has it on another address goes', port(80, '10.0.0.1'), podDeleted(port(80, '10.0.0.2')), false],
    ['who has it on every address goes', port(80, '10.0.0.1'), podDeleted(port(80)), true],
    ['who has another goes', port(80), podDeleted(port(81)), false],
    ['who has none goes', port(80), podDeleted(), false],
    ['a node comes', port(80), nodeAdded(), true],
  ]);
});

describe('a gated pod', () => {
  const gated: PodFields = { schedulingGates: [{ name: 'a' }] };
  check(schedulingGatesEvents, [
    ['its last gate goes', gated, ownChange(gated, {}), true],
    ['one of its gates goes', gated, ownChange({ schedulingGates: [{ name: 'a' }, { name: 'b' }] }, gated), false],
    ['a node comes', gated, nodeAdded(), false],
  ]);
});

describe('a pod that would be too many in its zone', () => {
  const spread: PodFields = {
    labels: { app: 'web' },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'zone',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { app: 'web' } },
      },
    ],
  };
  const web: PodFields = { labels: { app: 'web' } };
  const zone = (name: string) => ({ labels: { zone: name } });
  check(podTopologySpreadEvents(), [
    ['one that counts comes', spread, podAdded(web), true],
    ['one that counts goes', spread, podDeleted(web), true],
    ['one that does not count goes', spread, podDeleted(), false],
    ['one of another namespace goes', spread, podDeleted({ ...web, namespace: 'other' }), false],
    ['one begins to count', spread, podChanged({}, web), true],
    ['one counts as before', spread, podChanged(web, { labels: { app: 'web', x: 'y' } }), false],
    ['it gets other labels itself', spread, ownChange(spread, { ...spread, labels: { app: 'other' } }), true],
    ['a node with the label comes', spread, nodeAdded(zone('a')), true],
    ['a node without comes', spread, nodeAdded(), false],
    ['a node with the label goes', spread, nodeDeleted(zone('a')), true],
    ['a node moves', spread, nodeChanged(zone('a'), zone('b')), true],
    ['a node gets another label', spread, nodeChanged(zone('a'), { labels: { zone: 'a', x: 'y' } }), false],
    [
      'a node of a zone becomes tolerable',
      spread,
      nodeChanged({ ...zone('a'), taints: [{ key: 'a', effect: 'NoSchedule' }] }, zone('a')),
      true,
    ],
  ]);
});

describe('a pod that lacks company or has the wrong one', () => {
  const term = { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'db' } } };
  const together: PodFields = {
    affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
  };
  const apart: PodFields = {
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
  };
  const db: PodFields = { labels: { app: 'db' } };
  const zone = (name: string) => ({ labels: { zone: name } });
  check(interPodAffinityEvents, [
    ['company comes', together, podAdded(db), true],
    ['another pod comes', together, podAdded(), false],
    ['company comes in another namespace', together, podAdded({ ...db, namespace: 'other' }), false],
    ['a pod becomes company', together, podChanged({}, db), true],
    ['company goes', together, podDeleted(db), false],
    ['who it avoids goes', apart, podDeleted(db), true],
    ['who it avoids comes', apart, podAdded(db), false],
    ['who it avoids becomes another', apart, podChanged(db, {}), true],
    ['who avoids it goes', db, podDeleted(apart), true],
    ['a node in a zone comes', together, nodeAdded(zone('a')), true],
    ['a node in no zone comes', together, nodeAdded(), false],
    ['a node comes', apart, nodeAdded(), true],
    ['a node moves', together, nodeChanged(zone('a'), zone('b')), true],
    ['a node leaves its zone', apart, nodeChanged(zone('a'), {}), true],
    ['a node gets another label', together, nodeChanged(zone('a'), { labels: { zone: 'a', x: 'y' } }), false],
  ]);
});

test('a heartbeat of a node is no event', () => {
  const before: Node = { ...node({ name: 'n' }), metadata: { name: 'n', resourceVersion: '1' } };
  expect(nodeChanges(before, { ...before, metadata: { name: 'n', resourceVersion: '2' } })).toEqual([]);
});

test('an update of a pod that changes nothing of interest is just an update', () => {
  const before = placed();
  const after: Pod = { ...before, status: { phase: 'Running' } };
  expect(podChanges(before, after)).toEqual([{ resource: 'AssignedPod', action: 'Update', old: before, now: after }]);
});
