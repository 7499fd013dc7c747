import { describe, expect, it } from 'vitest';
import type { OwnerReference } from '../../../src/api/object.ts';
import type { StatefulSet, StatefulSetSpec, StatefulSetStatus } from '../../../src/api/types/apps-v1.gen.ts';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import { claimsAt, isClaimOf, isStale, ownersByPolicy } from '../../../src/controllers/statefulset/claims.ts';
import { missingIdentity, ordinalOf, podAt } from '../../../src/controllers/statefulset/identity.ts';
import { planSteps, type Step } from '../../../src/controllers/statefulset/plan.ts';
import { setStatus } from '../../../src/controllers/statefulset/status.ts';

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
    ['a failed pod is made anew', set(), [pod(0), pod(1, 'failed'), pod(2)], same, ['delete db-1 ended']],
    ['wait for one that is going', set(), [pod(0), pod(1, 'going'), pod(2)], same, []],
    ['all at once when parallel', set(parallel), [pod(1, 'down')], same, ['create 0 r1', 'create 2 r1']],
    ['from another first ordinal', set({ ordinals: { start: 5 } }), [pod(5)], same, ['create 6 r1']],
    [
      'a moved first ordinal: up first',
      set({ ordinals: { start: 1 } }),
      [pod(0), pod(1), pod(2)],
      same,
      ['create 3 r1'],
    ],
    ['then down', set({ ordinals: { start: 1 } }), [0, 1, 2, 3].map((n) => pod(n)), same, ['delete db-0 scale']],
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
      'several at once, but fewer where some are missing already',
      set({ ...parallel, updateStrategy: { rollingUpdate: { maxUnavailable: 2 } } }),
      [pod(0), pod(1), pod(2, 'down', 'r2')],
      newer,
      ['delete db-1 update'],
    ],
    ['an ordered set with a broken pod is stuck', set(), [pod(0), pod(1), pod(2, 'down')], newer, []],
    [
      'a parallel one replaces it when its turn comes',
      set(parallel),
      [pod(0), pod(1), pod(2, 'down')],
      newer,
      ['delete db-2 update'],
    ],
    ['and not before', set(parallel), [pod(0, 'down'), pod(1), pod(2)], newer, ['delete db-2 update']],
    ['nor while a new one is not up', set(parallel), [pod(0, 'down'), pod(1), pod(2, 'down', 'r2')], newer, []],
    [
      'where several may be missing, broken pods go first, and cost nothing',
      set({ ...parallel, updateStrategy: { rollingUpdate: { maxUnavailable: '50%' } } }),
      [pod(0, 'down'), pod(1), pod(2)],
      newer,
      ['delete db-0 update'],
    ],
    [
      'below the partition broken pods stay',
      set({ ...parallel, updateStrategy: { rollingUpdate: { maxUnavailable: 3, partition: 1 } } }),
      [pod(0, 'down'), pod(1), pod(2)],
      newer,
      ['delete db-2 update', 'delete db-1 update'],
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

it('conditions that somebody wrote into the status stay', () => {
  const conditions = [{ type: 'Seen', status: 'True' as const }];
  expect(setStatus(set({}, { replicas: 0, conditions }), [], same, 0, now).conditions).toEqual(conditions);
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

describe('claims', () => {
  type Policy = 'Retain' | 'Delete';
  const withPolicy = (whenDeleted: Policy, whenScaled: Policy) =>
    set({
      persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled },
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }],
    });
  const named = (ordinal: number): Pod => ({ metadata: { name: `db-${ordinal}`, uid: `p${ordinal}` } });
  const claim = (...ownerReferences: OwnerReference[]) => ({ metadata: { name: 'data-db-0', ownerReferences } });
  const bySet: OwnerReference = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 's' };
  const byPod = (ordinal: number, uid = `p${ordinal}`): OwnerReference => ({
    apiVersion: 'v1',
    kind: 'Pod',
    name: `db-${ordinal}`,
    uid,
  });
  const stranger: OwnerReference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'x' };

  it.each<[string, StatefulSet, Pod, OwnerReference[], string[] | undefined]>([
    ['nobody, as it should be', withPolicy('Retain', 'Retain'), named(0), [], undefined],
    ['nobody any more', withPolicy('Retain', 'Retain'), named(0), [bySet, byPod(0)], []],
    ['the set', withPolicy('Delete', 'Retain'), named(0), [], ['s']],
    ['the set already', withPolicy('Delete', 'Delete'), named(0), [bySet], undefined],
    ['the set, also when the pod goes', withPolicy('Delete', 'Retain'), named(3), [bySet], undefined],
    ['no pod that stays', withPolicy('Retain', 'Delete'), named(0), [byPod(0)], []],
    ['a pod that is scaled away', withPolicy('Retain', 'Delete'), named(3), [], ['p3']],
    ['the pod instead of the set', withPolicy('Delete', 'Delete'), named(3), [bySet], ['p3']],
    ['the set again when the pod stays after all', withPolicy('Delete', 'Delete'), named(0), [byPod(0)], ['s']],
    ['others beside it', withPolicy('Delete', 'Retain'), named(0), [stranger], ['x', 's']],
    [
      'another controller alone',
      withPolicy('Delete', 'Delete'),
      named(0),
      [{ ...stranger, controller: true }],
      undefined,
    ],
    ['nobody when the pod was another one', withPolicy('Delete', 'Delete'), named(0), [byPod(0, 'past')], []],
  ])('belong to %s', (_, s, p, owners, expected) => {
    expect(ownersByPolicy(s, p, claim(...owners))?.map((o) => o.uid)).toEqual(expected);
  });

  it('that will go with an earlier pod are waited for', () => {
    expect(isStale(withPolicy('Retain', 'Delete'), 'db-0', claim(byPod(0)))).toBe(true);
    expect(isStale(withPolicy('Retain', 'Delete'), 'db-0', claim(byPod(1)))).toBe(false);
    expect(isStale(withPolicy('Delete', 'Retain'), 'db-0', claim(byPod(0)))).toBe(false);
  });

  it('are told by their names', () => {
    const names = ['data-db-0', 'data-db-12', 'data-db', 'data-db-x', 'logs-db-0', 'data-other-0'];
    const own = names.map((name) => isClaimOf(withPolicy('Retain', 'Retain'), { metadata: { name } }));
    expect(own).toEqual([true, true, false, false, false, false]);
  });
});

it('a pod that was adopted gets the labels it lacks', () => {
  const labels = { 'statefulset.kubernetes.io/pod-name': 'db-1', 'apps.kubernetes.io/pod-index': '1' };
  expect(missingIdentity(set(), pod(1))).toEqual(labels);
  expect(missingIdentity(set(), { metadata: { name: 'db-1', labels } })).toBeUndefined();
});
