import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import { burst, planReplicas, podsToRemove } from '../../../src/controllers/replicaset/plan.ts';
import { nextAvailability, replicaStatus } from '../../../src/controllers/replicaset/status.ts';

const now = Date.UTC(2026, 0, 1, 12);
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString().replace('.000', '');

interface Shape {
  node?: string;
  phase?: 'Pending' | 'Running' | 'Failed' | 'Unknown';
  readyFor?: number;
  age?: number;
  restarts?: number;
  sidecarRestarts?: number;
  initRestarts?: number;
  cost?: string;
  labels?: Record<string, string>;
  going?: boolean;
}

const restarted = (name: string, restartCount = 0) => ({ name, restartCount, ready: true, image: '', imageID: '' });

function pod(name: string, s: Shape = {}): Pod {
  return {
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      creationTimestamp: ago(s.age ?? 1000),
      ...(s.labels && { labels: s.labels }),
      ...(s.going && { deletionTimestamp: ago(1) }),
      ...(s.cost && { annotations: { 'controller.kubernetes.io/pod-deletion-cost': s.cost } }),
    },
    spec: {
      containers: [],
      initContainers: [
        { name: 'init', image: '' },
        { name: 'sidecar', image: '', restartPolicy: 'Always' },
      ],
      ...(s.node !== '' && { nodeName: s.node ?? 'n1' }),
    },
    status: {
      phase: s.phase ?? 'Running',
      ...(s.readyFor !== undefined && {
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: ago(s.readyFor) }],
      }),
      containerStatuses: [restarted('c', s.restarts)],
      initContainerStatuses: [restarted('init', s.initRestarts), restarted('sidecar', s.sidecarRestarts)],
    },
  };
}

const ready = { readyFor: 500 };

describe('which pods a scale-down removes first', () => {
  const table: [string, Pod, Pod][] = [
    ['one without a node', pod('b', { node: '', phase: 'Pending' }), pod('a', { phase: 'Pending' })],
    ['a pending one', pod('b', { phase: 'Pending' }), pod('a')],
    ['one of unknown phase before a running one', pod('b', { phase: 'Unknown' }), pod('a')],
    ['one that is not ready', pod('b'), pod('a', ready)],
    ['one of lower deletion cost', pod('b', { ...ready, cost: '-5' }), pod('a', { ...ready, cost: '10' })],
    ['one that became ready much later', pod('b', { readyFor: 5 }), pod('a', ready)],
    ['one that restarted more', pod('b', { ...ready, restarts: 3 }), pod('a', ready)],
    [
      'one whose containers restarted more, whatever the others did',
      pod('b', { ...ready, restarts: 1 }),
      pod('a', { ...ready, sidecarRestarts: 5, initRestarts: 9 }),
    ],
    [
      'one whose sidecar restarted more',
      pod('b', { ...ready, sidecarRestarts: 1 }),
      pod('a', { ...ready, initRestarts: 9 }),
    ],
    ['one much younger', pod('b', { ...ready, age: 510 }), pod('a', { ...ready, age: 90_000 })],
  ];
  it.each(table)('%s', (_, first, second) => {
    expect(podsToRemove([second, first], 1, [], now).map((p) => p.metadata.name)).toEqual(['b']);
    expect(podsToRemove([first, second], 1, [], now).map((p) => p.metadata.name)).toEqual(['b']);
  });

  it('one on the node that holds most siblings', () => {
    const pods = [pod('a', { ...ready, node: 'n1' }), pod('b', { ...ready, node: 'n2' })];
    const related = [...pods, pod('other', { ...ready, node: 'n2' })];
    expect(podsToRemove(pods, 1, related, now).map((p) => p.metadata.name)).toEqual(['b']);
  });

  it('an invalid cost counts as none', () => {
    const pods = [pod('a', { ...ready, cost: '1.5' }), pod('b', { ...ready, cost: '-1' })];
    expect(podsToRemove(pods, 1, [], now).map((p) => p.metadata.name)).toEqual(['b']);
  });
});

describe('planReplicas', () => {
  it('creates what is missing, at most a burst at once', () => {
    expect(planReplicas([pod('a')], 3, [], now)).toEqual({ create: 2 });
    expect(planReplicas([], 5000, [], now)).toEqual({ create: burst });
    expect(planReplicas([pod('a')], 1, [], now)).toEqual({ create: 0 });
  });

  it('removes all when none is wanted', () => {
    expect(planReplicas([pod('a'), pod('b')], 0, [], now)).toEqual({ remove: [pod('a'), pod('b')] });
  });
});

describe('replicaStatus', () => {
  const owner = {
    generation: 3,
    minReadySeconds: 10,
    template: { metadata: { labels: { app: 'web', tier: 'x' } } },
    conditions: [],
  };

  it('counts active, labelled, ready, available and terminating pods', () => {
    const pods = [
      pod('a', { readyFor: 60, labels: { app: 'web', tier: 'x', more: 'y' } }),
      pod('b', { readyFor: 5, labels: { app: 'web' } }),
      pod('c', { phase: 'Pending', labels: { app: 'web', tier: 'x' } }),
      pod('d', { phase: 'Failed' }),
      pod('e', { readyFor: 60, going: true }),
    ];
    expect(replicaStatus(owner, pods, undefined, now)).toEqual({
      observedGeneration: 3,
      replicas: 3,
      fullyLabeledReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 1,
      terminatingReplicas: 1,
    });
    expect(nextAvailability(pods, 10, now)).toBe(5000);
    expect(nextAvailability(pods, 0, now)).toBeUndefined();
  });

  it('says a failure until a reconcile succeeds, and keeps the first text', () => {
    const first = replicaStatus(owner, [], { reason: 'FailedCreate', message: 'quota' }, now);
    expect(first.conditions).toMatchObject([
      { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'quota' },
    ]);
    const failing = { ...owner, conditions: first.conditions! };
    expect(replicaStatus(failing, [], { reason: 'FailedCreate', message: 'other' }, now + 5000)).toEqual(first);
    expect(replicaStatus(failing, [], undefined, now).conditions).toBeUndefined();
  });
});
