import { describe, expect, it } from 'vitest';
import type { StatefulSet, StatefulSetSpec, StatefulSetStatus } from '../../../src/api/types/apps-v1.gen.ts';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import { claimsAt, ordinalOf, podAt } from '../../../src/controllers/statefulset/identity.ts';
import { planSteps, type Step, setStatus } from '../../../src/controllers/statefulset/plan.ts';

const now = Date.UTC(2026, 0, 1, 12);
const template = { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'c', image: 'db:1' }] } };

function set(spec: Partial<StatefulSetSpec> = {}, status?: StatefulSetStatus): StatefulSet {
  return {
    metadata: { name: 'db', namespace: 'default', uid: 's', generation: 1 },
    spec: {
      replicas: 3,
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      ...spec,
    },
    ...(status && { status }),
  };
}

type State = 'up' | 'down' | 'failed' | 'going';

function pod(ordinal: number, state: State = 'up', revision = 'r1'): Pod {
  return {
    metadata: {
      name: `db-${ordinal}`,
      labels: { 'controller-revision-hash': revision },
      ...(state === 'going' && { deletionTimestamp: '2026-01-01T11:59:00Z' }),
    },
    status: {
      phase: state === 'failed' ? 'Failed' : 'Running',
      conditions: [
        {
          type: 'Ready',
          status: state === 'up' || state === 'going' ? 'True' : 'False',
          lastTransitionTime: '2026-01-01T11:00:00Z',
        },
      ],
    },
  };
}

const text = (step: Step) =>
  step.do === 'create' ? `create ${step.ordinal} ${step.revision}` : `delete ${step.pod.metadata.name} ${step.why}`;
const same = { current: 'r1', update: 'r1' };
const newer = { current: 'r1', update: 'r2' };
const parallel = { podManagementPolicy: 'Parallel' as const };

describe('the next steps of a set', () => {
  const table: [string, StatefulSet, Pod[], typeof same, string[]][] = [
    ['the first pod', set(), [], same, ['create 0 r1']],
    ['wait for it', set(), [pod(0, 'down')], same, []],
    ['the next one', set(), [pod(0)], same, ['create 1 r1']],
    ['a hole is filled', set(), [pod(0), pod(2)], same, ['create 1 r1']],
    ['a failed pod is made anew', set(), [pod(0), pod(1, 'failed'), pod(2)], same, ['delete db-1 failed']],
    ['wait for one that is going', set(), [pod(0), pod(1, 'going'), pod(2)], same, []],
    ['all at once when parallel', set(parallel), [pod(1, 'down')], same, ['create 0 r1', 'create 2 r1']],
    ['from another first ordinal', set({ ordinals: { start: 5 } }), [pod(5)], same, ['create 6 r1']],
    ['down from the highest', set({ replicas: 1 }), [pod(0), pod(1), pod(2)], same, ['delete db-2 scale']],
    ['down, but one after the other', set({ replicas: 1 }), [pod(0), pod(1), pod(2, 'going')], same, []],
    [
      'down waits for a lower one that is not up',
      set({ replicas: 1 }),
      [pod(0), pod(1, 'down'), pod(2, 'down')],
      same,
      [],
    ],
    [
      'down at once when parallel',
      set({ ...parallel, replicas: 1 }),
      [pod(0), pod(1, 'down'), pod(2)],
      same,
      ['delete db-2 scale', 'delete db-1 scale'],
    ],
    ['update from the highest', set(), [pod(0), pod(1), pod(2)], newer, ['delete db-2 update']],
    ['update waits for the last one', set(), [pod(0), pod(1), pod(2, 'down', 'r2')], newer, []],
    ['update goes on', set(), [pod(0), pod(1), pod(2, 'up', 'r2')], newer, ['delete db-1 update']],
    ['an updated pod comes back in the new revision', set(), [pod(0), pod(1)], newer, ['create 2 r2']],
    [
      'update only down to the partition',
      set({ updateStrategy: { rollingUpdate: { partition: 2 } } }),
      [pod(0), pod(1), pod(2, 'up', 'r2')],
      newer,
      [],
    ],
    [
      'below the partition the old revision comes back',
      set({ updateStrategy: { rollingUpdate: { partition: 2 } } }),
      [pod(0), pod(2, 'up', 'r2')],
      newer,
      ['create 1 r1'],
    ],
    [
      'several at once where that many may be missing',
      set({ updateStrategy: { rollingUpdate: { maxUnavailable: 2 } } }),
      [pod(0), pod(1), pod(2)],
      newer,
      ['delete db-2 update', 'delete db-1 update'],
    ],
    [
      'a broken old pod never blocks a parallel update',
      set(parallel),
      [pod(0, 'down'), pod(1), pod(2)],
      newer,
      ['delete db-0 update'],
    ],
    [
      'OnDelete leaves it to the user',
      set({ updateStrategy: { type: 'OnDelete' } }),
      [pod(0), pod(1), pod(2)],
      newer,
      [],
    ],
    [
      'OnDelete makes new ones from the new revision',
      set({ updateStrategy: { type: 'OnDelete' } }),
      [pod(0), pod(1)],
      newer,
      ['create 2 r2'],
    ],
  ];
  it.each(table)('%s', (_, s, pods, revisions, expected) => {
    expect(planSteps(s, pods, revisions, now).map(text)).toEqual(expected);
  });
});

describe('status', () => {
  it('counts by revision, and the update is done when all pods are new and ready', () => {
    const half = setStatus(set(), [pod(0), pod(1, 'down'), pod(2, 'up', 'r2')], newer, 0, now);
    expect(half).toMatchObject({
      replicas: 3,
      readyReplicas: 2,
      currentReplicas: 2,
      updatedReplicas: 1,
      currentRevision: 'r1',
      updateRevision: 'r2',
    });
    const done = setStatus(
      set(),
      [0, 1, 2].map((n) => pod(n, 'up', 'r2')),
      newer,
      0,
      now,
    );
    expect(done).toMatchObject({
      currentReplicas: 3,
      updatedReplicas: 3,
      currentRevision: 'r2',
      updateRevision: 'r2',
      availableReplicas: 3,
    });
  });
});

describe('identity', () => {
  const claims = set({
    volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } }],
  });

  it('a pod has its name, host name, labels and volumes', () => {
    expect(podAt(claims, template, 'r1', 4)).toMatchObject({
      metadata: {
        name: 'db-4',
        labels: {
          app: 'db',
          'statefulset.kubernetes.io/pod-name': 'db-4',
          'apps.kubernetes.io/pod-index': '4',
          'controller-revision-hash': 'r1',
        },
      },
      spec: {
        hostname: 'db-4',
        subdomain: 'db',
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-4' } }],
      },
    });
    expect(claimsAt(claims, 4)).toMatchObject([{ metadata: { name: 'data-db-4', labels: { app: 'db' } } }]);
  });

  it('only its own names have ordinals', () => {
    const named = (name: string): Pod => ({ metadata: { name } });
    expect(['db-0', 'db-12', 'db-x', 'db', 'other-1', 'db-1-2'].map((n) => ordinalOf(set(), named(n)))).toEqual([
      0,
      12,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
