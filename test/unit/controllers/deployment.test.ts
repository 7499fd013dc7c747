import { describe, expect, it } from 'vitest';
import type { Deployment, DeploymentSpec, DeploymentStatus, ReplicaSet } from '../../../src/api/types/apps-v1.gen.ts';
import {
  isScalingEvent,
  planRecreate,
  planRolling,
  planScale,
  type Scaling,
} from '../../../src/controllers/deployment/plan.ts';
import { newReplicaSet, newSetAnnotations, planCleanup } from '../../../src/controllers/deployment/revision.ts';
import { progressDeadline, rolloutStatus } from '../../../src/controllers/deployment/status.ts';
import { fnv32a, safeEncode, sameTemplate, templateHash } from '../../../src/controllers/template-hash.ts';

const now = Date.UTC(2026, 0, 1, 12);
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'web:1' }] } };

function deployment(spec: Partial<DeploymentSpec> = {}, status: DeploymentStatus = {}): Deployment {
  return {
    metadata: { name: 'web', namespace: 'default', uid: 'd', generation: 2 },
    spec: {
      replicas: 10,
      selector: { matchLabels: { app: 'web' } },
      template,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      ...spec,
    },
    status,
  };
}

interface SetShape {
  available?: number;
  desired?: number;
  max?: number;
  age?: number;
  revision?: number;
  replicas?: number;
}

function set(name: string, size: number, s: SetShape = {}): ReplicaSet {
  const annotations: Record<string, string> = {};
  if (s.desired !== undefined) annotations['deployment.kubernetes.io/desired-replicas'] = String(s.desired);
  if (s.max !== undefined) annotations['deployment.kubernetes.io/max-replicas'] = String(s.max);
  if (s.revision !== undefined) annotations['deployment.kubernetes.io/revision'] = String(s.revision);
  return {
    metadata: {
      name,
      uid: name,
      annotations,
      generation: 1,
      creationTimestamp: new Date(now - (s.age ?? 0) * 1000).toISOString(),
    },
    spec: { replicas: size, selector: {}, template },
    status: { replicas: s.replicas ?? size, availableReplicas: s.available ?? size, observedGeneration: 1 },
  };
}

const sizes = (scalings: readonly Scaling[]) => Object.fromEntries(scalings.map((s) => [s.set.metadata.name, s.to]));

describe('rolling update', () => {
  const table: [string, Deployment, ReplicaSet, ReplicaSet[], Record<string, number>][] = [
    ['starts the new set within the surge', deployment(), set('new', 0), [set('old', 10)], { new: 3 }],
    [
      'then takes the old ones down to the floor',
      deployment(),
      set('new', 3, { available: 0 }),
      [set('old', 10)],
      { old: 8 },
    ],
    ['waits while nothing may go', deployment(), set('new', 5, { available: 0 }), [set('old', 8)], {}],
    ['goes on when new pods are available', deployment(), set('new', 5, { available: 5 }), [set('old', 8)], { old: 3 }],
    [
      'does not count on the pods of a set just emptied',
      deployment(),
      set('new', 5, { available: 5 }),
      [set('emptied', 0, { available: 2 }), set('old', 8)],
      { old: 3 },
    ],
    ['grows into the room', deployment(), set('new', 5, { available: 5 }), [set('old', 3)], { new: 10 }],
    ['is over', deployment(), set('new', 10), [set('old', 0)], {}],
    ['shrinks a new set that is too large', deployment({ replicas: 4 }), set('new', 6), [], { new: 4 }],
    [
      'removes pods that do not work before those that do, oldest sets first',
      deployment(),
      set('new', 3, { available: 0 }),
      [set('bad', 4, { available: 0, age: 10 }), set('good', 6, { available: 6, age: 20 })],
      { bad: 2 },
    ],
    [
      'one by one where neither surge nor absence is allowed',
      deployment({
        replicas: 2,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } },
      }),
      set('new', 0),
      [set('old', 2)],
      { old: 1 },
    ],
  ];
  it.each(table)('%s', (_, d, fresh, old, expected) => {
    expect(sizes(planRolling(d, fresh, old))).toEqual(expected);
  });
});

describe('scaling', () => {
  it('is noticed by what active sets remember', () => {
    expect(isScalingEvent(deployment(), set('new', 5, { desired: 5 }), [])).toBe(true);
    expect(isScalingEvent(deployment(), set('new', 10, { desired: 10 }), [set('old', 0, { desired: 3 })])).toBe(false);
  });

  const table: [string, Deployment, ReplicaSet, ReplicaSet[], Record<string, number>][] = [
    ['one active set takes all', deployment(), set('new', 4), [set('old', 0)], { new: 10 }],
    [
      'a saturated new set ends the old ones',
      deployment(),
      set('new', 10, { desired: 10, available: 10 }),
      [set('old', 2)],
      { old: 0 },
    ],
    [
      'up in proportion, the largest takes the rest',
      deployment({ replicas: 20 }),
      set('new', 5, { max: 13, desired: 10, available: 3, age: 1 }),
      [set('old', 8, { max: 13, desired: 10, age: 2 })],
      { new: 10, old: 15 },
    ],
    [
      'down in proportion',
      deployment({ replicas: 5 }),
      set('new', 5, { max: 13, desired: 10, available: 3, age: 1 }),
      [set('old', 8, { max: 13, desired: 10, age: 2 })],
      { new: 3, old: 4 },
    ],
    [
      'to nothing',
      deployment({ replicas: 0 }),
      set('new', 5, { max: 13, desired: 10, available: 3 }),
      [set('old', 8, { max: 13, desired: 10 })],
      { new: 0, old: 0 },
    ],
  ];
  it.each(table)('%s', (_, d, fresh, old, expected) => {
    expect(sizes(planScale(d, fresh, old))).toEqual(expected);
  });
});

describe('Recreate', () => {
  const running = { metadata: { name: 'p' }, status: { phase: 'Running' as const } };
  const ended = { metadata: { name: 'p' }, status: { phase: 'Failed' as const } };

  it('empties, waits for the pods, then fills', () => {
    expect(planRecreate([set('old', 2)], () => [])).toMatchObject({ step: 'empty', scalings: [{ to: 0 }] });
    expect(planRecreate([set('old', 0, { replicas: 1 })], () => [])).toEqual({ step: 'wait' });
    expect(planRecreate([set('old', 0)], () => [running])).toEqual({ step: 'wait' });
    expect(planRecreate([set('old', 0)], () => [ended])).toEqual({ step: 'fill' });
  });
});

describe('revisions', () => {
  it('numbers grow, and the numbers a set had are remembered', () => {
    const d = {
      ...deployment(),
      metadata: {
        ...deployment().metadata,
        annotations: { note: 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
      },
    };
    const first = newSetAnnotations(d, {}, 1, false);
    expect(first).toEqual({
      note: 'x',
      'deployment.kubernetes.io/revision': '1',
      'deployment.kubernetes.io/desired-replicas': '10',
      'deployment.kubernetes.io/max-replicas': '13',
    });
    expect(newSetAnnotations(d, first, 1, true)).toBe(first);
    const third = newSetAnnotations(d, first, 3, true);
    expect(third['deployment.kubernetes.io/revision-history']).toBe('1');
    const fifth = newSetAnnotations(d, third, 5, true);
    expect(fifth['deployment.kubernetes.io/revision-history']).toBe('1,3');
  });

  it('the oldest empty sets beyond the limit go', () => {
    const old = [
      set('a', 0, { revision: 1 }),
      set('b', 0, { revision: 2 }),
      set('c', 0, { revision: 3 }),
      set('busy', 1, { revision: 0 }),
    ];
    const gone = (limit: number) =>
      planCleanup(deployment({ revisionHistoryLimit: limit }), old).map((s) => s.metadata.name);
    expect(gone(10)).toEqual([]);
    expect(gone(2)).toEqual(['a']);
    expect(gone(0)).toEqual(['a', 'b', 'c']);
  });

  it('the new set carries the hash in name, labels and selector', () => {
    const made = newReplicaSet(deployment(), [set('old', 10)], 2);
    const hash = made.metadata.labels!['pod-template-hash']!;
    expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
    expect(made).toMatchObject({
      metadata: { name: `web-${hash}`, ownerReferences: [{ kind: 'Deployment', uid: 'd', controller: true }] },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: 'web', 'pod-template-hash': hash } },
        template: { metadata: { labels: { app: 'web', 'pod-template-hash': hash } } },
      },
    });
    expect(sameTemplate(made.spec!.template!, template)).toBe(true);
  });

  it('the name of the new set is one, however long that of the deployment', () => {
    const { metadata, ...rest } = deployment();
    const { name, labels } = newReplicaSet(
      { ...rest, metadata: { ...metadata, name: 'w'.repeat(253) } },
      [],
      1,
    ).metadata;
    expect(name).toMatch(/^w{242,}-/);
    expect(name).toHaveLength(253);
    expect(name!.endsWith(`-${labels!['pod-template-hash']}`)).toBe(true);
  });

  it('hashes as Go does, and a collision gives another hash', () => {
    expect(fnv32a(Buffer.from('hello'))).toBe(1335831723);
    expect(safeEncode('1335831723')).toHaveLength(10);
    expect(templateHash(template, 1)).not.toBe(templateHash(template, undefined));
    expect(templateHash({ spec: template.spec, metadata: template.metadata }, undefined)).toBe(
      templateHash(template, undefined),
    );
  });
});

describe('status', () => {
  const progressing = (d: DeploymentStatus) => d.conditions?.find((c) => c.type === 'Progressing');

  it('counts and tells availability', () => {
    const status = rolloutStatus(deployment(), set('new', 5, { available: 3 }), [set('old', 4, { available: 4 })], now);
    expect(status).toMatchObject({
      observedGeneration: 2,
      replicas: 9,
      updatedReplicas: 5,
      availableReplicas: 7,
      unavailableReplicas: 2,
    });
    expect(status.conditions?.find((c) => c.type === 'Available')).toMatchObject({
      status: 'False',
      reason: 'MinimumReplicasUnavailable',
      message: 'Deployment does not have minimum availability.',
    });
  });

  it('goes from progress to completion, and stays complete', () => {
    const half = rolloutStatus(deployment(), set('new', 5), [], now);
    expect(progressing(half)).toMatchObject({
      status: 'True',
      reason: 'ReplicaSetUpdated',
      message: 'ReplicaSet "new" is progressing.',
    });
    const done = rolloutStatus(deployment({}, half), set('new', 10), [], now + 1000);
    expect(progressing(done)).toMatchObject({
      reason: 'NewReplicaSetAvailable',
      message: 'ReplicaSet "new" has successfully progressed.',
    });
    const crash = rolloutStatus(deployment({}, done), set('new', 10, { available: 2 }), [], now + 700_000);
    expect(progressing(crash)?.reason).toBe('NewReplicaSetAvailable');
    expect(crash.conditions?.find((c) => c.type === 'Available')?.status).toBe('False');
  });

  it('fails when nothing moves until the deadline', () => {
    const half = rolloutStatus(deployment(), set('new', 5), [], now);
    expect(progressDeadline(deployment({}, half), half)).toBe(now + 600_000);
    const still = rolloutStatus(deployment({}, half), set('new', 5), [], now + 599_000);
    expect(progressing(still)?.reason).toBe('ReplicaSetUpdated');
    const late = rolloutStatus(deployment({}, half), set('new', 5), [], now + 601_000);
    expect(progressing(late)).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: 'ReplicaSet "new" has timed out progressing.',
    });
    const again = rolloutStatus(deployment({}, late), set('new', 7), [], now + 700_000);
    expect(progressing(again)).toMatchObject({ status: 'True', reason: 'ReplicaSetUpdated' });
  });

  it('has no Progressing condition without a deadline', () => {
    expect(
      progressing(rolloutStatus(deployment({ progressDeadlineSeconds: 2147483647 }), set('new', 5), [], now)),
    ).toBeUndefined();
  });

  it('passes a replica failure on and drops it when it is over', () => {
    const failing = set('new', 5);
    const lastTransitionTime = '2025-12-31T00:00:00Z';
    const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'quota' };
    const broken = { ...failing, status: { ...failing.status!, conditions: [{ ...failure, lastTransitionTime }] } };
    const status = rolloutStatus(deployment(), broken, [], now);
    expect(status.conditions?.find((c) => c.type === 'ReplicaFailure')).toEqual({
      ...failure,
      lastTransitionTime,
      lastUpdateTime: lastTransitionTime,
    });
    const healed = rolloutStatus(deployment({}, status), failing, [], now);
    expect(healed.conditions?.some((c) => c.type === 'ReplicaFailure')).toBe(false);
  });
});
