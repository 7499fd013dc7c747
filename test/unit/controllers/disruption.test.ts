import { describe, expect, it, test } from 'vitest';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetSpec } from '../../../src/api/types/policy-v1.gen.ts';
import {
  asksOwners,
  budgetStatus,
  disruptedOf,
  expectationOf,
  failedStatus,
  selects,
} from '../../../src/controllers/disruption/plan.ts';
import { staleIn, withdrawn } from '../../../src/controllers/disruption/stale-targets.ts';

const now = Date.UTC(2026, 0, 1, 12);
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString().replace('.000', '');

function budget(spec: PodDisruptionBudgetSpec, status?: PodDisruptionBudget['status']): PodDisruptionBudget {
  return { metadata: { name: 'b', namespace: 'default', generation: 3 }, spec, ...(status && { status }) };
}

interface Shape {
  ready?: boolean;
  going?: boolean;
  phase?: 'Running' | 'Failed';
  target?: { reason: string; since: number };
}

const pod = (name: string, { ready = true, going, phase = 'Running', target }: Shape = {}): Pod => ({
  metadata: { name, namespace: 'default', uid: name, generation: 2, ...(going && { deletionTimestamp: ago(1) }) },
  status: {
    phase,
    conditions: [
      { type: 'Ready', status: ready ? 'True' : 'False' },
      ...(target
        ? [{ type: 'DisruptionTarget', status: 'True', reason: target.reason, lastTransitionTime: ago(target.since) }]
        : []),
    ],
  },
});

/** The status of a budget over these pods, whose owners want as many as `wanted`. */
function statusOf(object: PodDisruptionBudget, pods: readonly Pod[], wanted = pods.length) {
  const expectation = expectationOf(object, pods.length, wanted);
  return budgetStatus(object, pods, expectation, disruptedOf(object, pods, now), now);
}

describe('how many pods there should be, and how many must stay', () => {
  const cases: [string, PodDisruptionBudgetSpec, number, number, number, number][] = [
    // name, spec, pods there, wanted by owners, expected, desired
    ['a number counts the pods that are there', { minAvailable: 2 }, 5, 9, 5, 2],
    ['a share counts what owners want, rounded up', { minAvailable: '50%' }, 1, 5, 5, 3],
    ['all of them', { minAvailable: '100%' }, 1, 5, 5, 5],
    ['some may be missing', { maxUnavailable: 1 }, 1, 5, 5, 4],
    ['a share may be missing, rounded up', { maxUnavailable: '30%' }, 1, 5, 5, 3],
    ['more may be missing than there are', { maxUnavailable: 9 }, 1, 5, 5, 0],
    ['a budget without a bound', {}, 5, 5, 0, 0],
  ];
  it.each(cases)('%s', (_, spec, pods, wanted, expectedPods, desiredHealthy) => {
    expect(expectationOf(budget(spec), pods, wanted)).toEqual({ expectedPods, desiredHealthy });
  });

  it('only shares and maxUnavailable need the owners', () => {
    const asked = [{ minAvailable: 1 }, { minAvailable: '1%' }, { maxUnavailable: 0 }, {}];
    expect(asked.map((spec) => asksOwners(budget(spec)))).toEqual([false, true, true, false]);
  });

  it('a text that is no share is an error with its reason', () => {
    const wrong = () => expectationOf(budget({ minAvailable: 'half' }), 1, 1);
    expect(wrong).toThrow('invalid value for IntOrString: invalid type: string is not a percentage');
  });
});

describe('the status of a budget', () => {
  it('allows what is healthy beyond what must stay, and says so', () => {
    expect(statusOf(budget({ minAvailable: 1 }), [pod('a'), pod('b'), pod('c', { ready: false })])).toEqual({
      observedGeneration: 3,
      disruptionsAllowed: 1,
      currentHealthy: 2,
      desiredHealthy: 1,
      expectedPods: 3,
      conditions: [
        {
          type: 'DisruptionAllowed',
          status: 'True',
          reason: 'SufficientPods',
          message: '',
          lastTransitionTime: ago(0),
          observedGeneration: 3,
        },
      ],
    });
  });

  it('does not count pods that are going or whose eviction was granted', () => {
    const granted = budget({ minAvailable: 1 }, { disruptedPods: { b: ago(10) } });
    const status = statusOf(granted, [pod('a'), pod('b'), pod('c', { going: true })]);
    expect(status).toMatchObject({ currentHealthy: 1, disruptionsAllowed: 0, disruptedPods: { b: ago(10) } });
    expect(status.conditions).toMatchObject([{ status: 'False', reason: 'InsufficientPods' }]);
  });

  it('allows nothing while there are no pods, whatever the bound', () => {
    expect(statusOf(budget({ minAvailable: 0 }), [])).toMatchObject({ disruptionsAllowed: 0, expectedPods: 0 });
    expect(statusOf(budget({ maxUnavailable: '100%' }), [pod('a')], 0)).toMatchObject({ disruptionsAllowed: 0 });
  });

  it('keeps other conditions, and the time of its own while that says the same', () => {
    const own = { type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message: 'x' } as const;
    const other = { type: 'Other', status: 'True', reason: 'R', message: '', lastTransitionTime: ago(500) } as const;
    const conditions = [{ ...own, lastTransitionTime: ago(300) }, other];
    const stays = statusOf(budget({ minAvailable: 1 }, { conditions }), [pod('a')]);
    expect(stays.conditions).toMatchObject([{ reason: 'InsufficientPods', lastTransitionTime: ago(300) }, other]);
    const turns = statusOf(budget({ minAvailable: 0 }, { conditions }), [pod('a')]);
    expect(turns.conditions).toMatchObject([{ reason: 'SufficientPods', lastTransitionTime: ago(0) }, other]);
  });

  it('that cannot be worked out allows nothing and says why', () => {
    const before = statusOf(budget({ minAvailable: 1 }), [pod('a'), pod('b')]);
    const failed = failedStatus(budget({ minAvailable: 1 }, before), 'found no controllers for pod "a"', now);
    expect(failed).toMatchObject({ disruptionsAllowed: 0, currentHealthy: 2, expectedPods: 2 });
    expect(failed.conditions).toMatchObject([
      { status: 'False', reason: 'SyncFailed', message: 'found no controllers for pod "a"', observedGeneration: 3 },
    ]);
  });
});

describe('pods whose eviction was granted', () => {
  const granted = { a: ago(119), b: ago(10), c: ago(120), d: ago(5), e: ago(5), ['constructor']: ago(1) };
  const found = disruptedOf(
    budget({}, { disruptedPods: granted }),
    [pod('a'), pod('b'), pod('c'), pod('d', { going: true }), pod('f')],
    now,
  );

  it('are awaited for two minutes, and looked at again when the first of them is due', () => {
    expect(found.pending).toEqual({ a: ago(119), b: ago(10) });
    expect(found.due).toBe(1000);
  });

  it('count again when they are not deleted by then', () => {
    expect(found.staying.map((p) => p.metadata.name)).toEqual(['c']);
  });
});

describe('selectors of budgets', () => {
  it('select nothing when absent or unreadable, everything when empty', () => {
    const unreadable = { matchExpressions: [{ key: 'a', operator: 'Near' as never }] };
    const asked = [{}, { selector: unreadable }, { selector: {} }, { selector: { matchLabels: { a: 'b' } } }];
    expect(asked.map((spec) => selects(budget(spec), { a: 'b' }))).toEqual([false, false, true, true]);
  });
});

describe('a pod that says it is about to be deleted', () => {
  const cases: [string, Pod, number | undefined][] = [
    ['is believed for two minutes', pod('a', { target: { reason: 'EvictionByEvictionAPI', since: 50 } }), 70_000],
    ['is no longer believed then', pod('a', { target: { reason: 'EvictionByEvictionAPI', since: 500 } }), 0],
    [
      'may take its time when its kubelet says so',
      pod('a', { target: { reason: 'TerminationByKubelet', since: 500 } }),
      undefined,
    ],
    [
      'is right when it is going',
      pod('a', { going: true, target: { reason: 'PreemptionByScheduler', since: 500 } }),
      undefined,
    ],
    [
      'is left alone when it has ended',
      pod('a', { phase: 'Failed', target: { reason: 'DeletionByPodGC', since: 500 } }),
      undefined,
    ],
    ['must have said so', pod('a'), undefined],
  ];
  it.each(cases)('%s', (_, object, left) => {
    expect(staleIn(object, now)).toBe(left);
  });

  test('the withdrawal keeps all other conditions and has the time it was made', () => {
    const withdrawal = withdrawn(pod('a', { target: { reason: 'EvictionByEvictionAPI', since: 500 } }), now);
    expect(withdrawal.status?.conditions).toEqual([
      { type: 'Ready', status: 'True' },
      { type: 'DisruptionTarget', status: 'False', lastTransitionTime: ago(0), observedGeneration: 2 },
    ]);
    expect(staleIn(withdrawal, now)).toBeUndefined();
  });
});
