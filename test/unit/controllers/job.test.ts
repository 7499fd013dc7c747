import { describe, expect, it } from 'vitest';
import type { Job, JobSpec, JobStatus } from '../../../src/api/types/batch-v1.gen.ts';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import { endOf, nextBackoff, noBackoff, remainingDelay } from '../../../src/controllers/job/backoff.ts';
import { judgeFailure } from '../../../src/controllers/job/failure-policy.ts';
import {
  firstMissing,
  formatIndexSet,
  hasIndex,
  type IndexSet,
  parseIndexSet,
  sharedSize,
  sizeOf,
  union,
  withIndexes,
} from '../../../src/controllers/job/index-set.ts';
import { planPods } from '../../../src/controllers/job/plan.ts';
import { podOf } from '../../../src/controllers/job/pod-template.ts';
import { earlySuccess } from '../../../src/controllers/job/success-policy.ts';
import { surveyJob } from '../../../src/controllers/job/survey.ts';
import { finish, maxUncounted, planTracking, settle } from '../../../src/controllers/job/tracking.ts';
import { completionOf, verdictOf } from '../../../src/controllers/job/verdict.ts';

const now = Date.UTC(2026, 0, 1, 12);
const at = (seconds: number) => new Date(now + seconds * 1000).toISOString().replace('.000', '');
const finalizers = ['batch.kubernetes.io/job-tracking'];

const job = (spec: Partial<JobSpec> = {}, status: JobStatus = {}): Job => ({
  metadata: { name: 'work', namespace: 'default', uid: 'u' },
  spec: {
    parallelism: 2,
    completions: 4,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'work:1' }] } },
    ...spec,
  },
  status,
});

interface Shape {
  phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  index?: number | string;
  going?: boolean;
  tracked?: boolean;
  exit?: number;
  endedAt?: number;
  failures?: number;
  restarts?: number;
  condition?: string;
}

function pod(name: string, s: Shape = {}): Pod {
  const annotations = {
    ...(s.index !== undefined && { 'batch.kubernetes.io/job-completion-index': String(s.index) }),
    ...(s.failures !== undefined && { 'batch.kubernetes.io/job-index-failure-count': String(s.failures) }),
  };
  const terminated = s.exit === undefined ? {} : { terminated: { exitCode: s.exit, finishedAt: at(s.endedAt ?? 0) } };
  return {
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      creationTimestamp: at(-1000),
      annotations,
      ...(s.tracked !== false && { finalizers }),
      ...(s.going && { deletionTimestamp: at(30), deletionGracePeriodSeconds: 30 }),
    },
    spec: { containers: [], nodeName: 'n1' },
    status: {
      phase: s.phase ?? 'Running',
      ...(s.condition && { conditions: [{ type: s.condition, status: 'True' }] }),
      containerStatuses: [
        { name: 'c', restartCount: s.restarts ?? 0, ready: false, image: '', imageID: '', state: terminated },
      ],
    },
  };
}

const survey = (object: Job, pods: readonly Pod[], before = noBackoff) => surveyJob(object, pods, before);

describe('index sets', () => {
  it.each<[string, IndexSet]>([
    ['', []],
    ['3', [[3, 3]]],
    ['0,1', [[0, 1]]],
    [
      '1,3-5,7',
      [
        [1, 1],
        [3, 5],
        [7, 7],
      ],
    ],
    ['8-20,25', [[8, 9]]],
    [
      'x,2,3-y,4',
      [
        [2, 2],
        [4, 4],
      ],
    ],
  ])('reads %j, leaving out what no index is', (text, set) => {
    expect(parseIndexSet(text, 10)).toEqual(set);
  });

  it('writes neighbours one by one and more as a range', () => {
    expect(
      formatIndexSet([
        [0, 0],
        [2, 3],
        [5, 8],
      ]),
    ).toBe('0,2,3,5-8');
  });

  it('adds, unites, counts and finds', () => {
    const set = withIndexes(
      [
        [0, 1],
        [5, 6],
      ],
      [7, 2, 2, 9],
    );
    expect(formatIndexSet(set)).toBe('0-2,5-7,9');
    expect(sizeOf(set)).toBe(7);
    expect([2, 3, 9, 10].map((i) => hasIndex(set, i))).toEqual([true, false, true, false]);
    expect(
      formatIndexSet(
        union(set, [
          [3, 4],
          [11, 12],
        ]),
      ),
    ).toBe('0-7,9,11,12');
    expect(
      sharedSize(set, [
        [1, 5],
        [9, 20],
      ]),
    ).toBe(4);
    expect(firstMissing(set, 3, 12)).toEqual([3, 4, 8]);
    expect(firstMissing(set, 9, 11)).toEqual([3, 4, 8, 10]);
  });
});

describe('the back-off', () => {
  it.each([
    [1, 10],
    [2, 20],
    [6, 320],
    [7, 600],
    [50, 600],
  ])('after %i failures is %i seconds', (failures, seconds) => {
    expect(remainingDelay({ failures, last: now }, now)).toBe(seconds * 1000);
    expect(remainingDelay({ failures, last: now }, now + seconds * 1000)).toBe(0);
  });

  it('begins anew at a success, with the failures after it', () => {
    const failed = [pod('a', { exit: 1, endedAt: -5 }), pod('b', { exit: 1, endedAt: 5 })];
    expect(nextBackoff({ failures: 3, last: now }, [], failed)).toEqual({ failures: 5, last: now + 5000 });
    expect(nextBackoff({ failures: 3, last: now }, [pod('c', { exit: 0 })], failed)).toEqual({
      failures: 1,
      last: now + 5000,
    });
    expect(nextBackoff({ failures: 3, last: now }, [pod('c', { exit: 0 })], [])).toEqual(noBackoff);
  });

  it('counts from when the pod ended, as far as that is known', () => {
    expect(endOf(pod('a', { exit: 1, endedAt: 7 }))).toBe(now + 7000);
    expect(endOf(pod('a', { going: true }))).toBe(now);
    expect(endOf(pod('a'))).toBe(now - 1_000_000);
  });
});

describe('a pod failure policy', () => {
  const policy = {
    rules: [
      { action: 'Ignore' as const, onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      { action: 'FailJob' as const, onExitCodes: { containerName: 'c', operator: 'In' as const, values: [3, 4] } },
      { action: 'Count' as const, onExitCodes: { operator: 'In' as const, values: [5] } },
      { action: 'FailIndex' as const, onExitCodes: { operator: 'NotIn' as const, values: [6] } },
      { action: 'FailJob' as const, onPodConditions: [{ type: 'Broken' }] },
    ],
  };
  it.each<[string, Shape, object]>([
    ['ignores', { condition: 'DisruptionTarget', exit: 3 }, { counts: false, action: 'Ignore' }],
    [
      'fails the job by an exit code',
      { exit: 4 },
      {
        counts: true,
        action: 'FailJob',
        message: 'Container c for pod default/p failed with exit code 4 matching FailJob rule at index 1',
      },
    ],
    ['counts', { exit: 5 }, { counts: true, action: 'Count' }],
    ['fails the index by a code that is not listed', { exit: 7 }, { counts: true, action: 'FailIndex' }],
    [
      'fails the job by a condition',
      { exit: 6, condition: 'Broken' },
      {
        counts: true,
        action: 'FailJob',
        message: 'Pod default/p has condition Broken matching FailJob rule at index 4',
      },
    ],
    ['counts what no rule matches', { exit: 0 }, { counts: true }],
  ])('%s', (_, shape, verdict) => {
    expect(judgeFailure(policy, pod('p', { phase: 'Failed', ...shape }))).toEqual(verdict);
  });
});

it.each<[string, object, IndexSet, boolean]>([
  ['all of the indexes', { succeededIndexes: '1-2' }, [[1, 2]], true],
  ['not all of the indexes', { succeededIndexes: '1-2' }, [[2, 9]], false],
  ['enough of the indexes', { succeededIndexes: '1-3', succeededCount: 2 }, [[0, 2]], true],
  ['enough, but others', { succeededIndexes: '1-3', succeededCount: 2 }, [[3, 9]], false],
  ['enough of any', { succeededCount: 2 }, [[4, 5]], true],
])('a success policy with %s', (_, rule, done, met) => {
  const early = earlySuccess({ rules: [{ succeededCount: 10 }, rule] }, 10, done);
  expect(early).toBe(met ? 'Matched rules at index 1' : undefined);
});

describe('which pods to create or remove', () => {
  it.each<[string, Job, Pod[], object]>([
    ['creates up to the parallelism', job(), [pod('a')], { create: [undefined] }],
    ['creates no more than remain', job({}, { succeeded: 3 }), [], { create: [undefined] }],
    ['waits after a failure', job(), [pod('a', { phase: 'Failed', exit: 1 })], { wait: 10_000 }],
    ['replaces pods that are going', job(), [pod('a', { going: true }), pod('b')], { wait: 10_000 }],
    [
      'or waits for their end',
      job({ podReplacementPolicy: 'Failed' }),
      [pod('a', { going: true }), pod('b')],
      { create: [] },
    ],
    [
      'removes what got least far',
      job({ parallelism: 1 }),
      [pod('a'), pod('b', { phase: 'Pending' })],
      { remove: [pod('b', { phase: 'Pending' })] },
    ],
    ['removes all when suspended', job({ suspend: true }), [pod('a')], { remove: [pod('a')] }],
    [
      'leaves the last pods of a work queue',
      job({ completions: undefined as never }, { succeeded: 1 }),
      [pod('a')],
      { create: [] },
    ],
    [
      'gives the first free indexes',
      job({ completionMode: 'Indexed', parallelism: 3 }, { completedIndexes: '1' }),
      [pod('a', { index: 0 })],
      { create: [2, 3] },
    ],
    [
      'removes pods without an index, and the second of one',
      job({ completionMode: 'Indexed' }),
      [pod('a', { index: 0 }), pod('b', { index: 0, phase: 'Pending' }), pod('c'), pod('d', { index: 4 })],
      { remove: [pod('b', { index: 0, phase: 'Pending' }), pod('c'), pod('d', { index: 4 })] },
    ],
    [
      'lets indexes wait each for itself',
      job({ completionMode: 'Indexed', backoffLimitPerIndex: 3 }),
      [pod('a', { index: 0, phase: 'Failed', exit: 1, failures: 1 })],
      { create: [1] },
    ],
    [
      'and wait together when all must',
      job({ completionMode: 'Indexed', backoffLimitPerIndex: 3, completions: 1 }),
      [pod('a', { index: 0, phase: 'Failed', exit: 1, failures: 1 })],
      { wait: 20_000 },
    ],
  ])('%s', (_, object, pods, plan) => {
    expect(planPods(survey(object, pods), now)).toEqual(plan);
  });
});

describe('whether a job is over', () => {
  it.each<[string, Job, Pod[], string | undefined]>([
    ['not yet', job(), [pod('a', { phase: 'Failed', exit: 1 })], undefined],
    ['too many failures', job({ backoffLimit: 0 }), [pod('a', { phase: 'Failed' })], 'BackoffLimitExceeded'],
    ['counted failures', job({ backoffLimit: 2 }, { failed: 3 }), [], 'BackoffLimitExceeded'],
    [
      'too many restarts',
      job({ backoffLimit: 3, template: { spec: { restartPolicy: 'OnFailure', containers: [] } } }),
      [pod('a', { restarts: 3 })],
      'BackoffLimitExceeded',
    ],
    ['active too long', job({ activeDeadlineSeconds: 60 }), [], 'DeadlineExceeded'],
    ['suspended', job({ activeDeadlineSeconds: 60, suspend: true }), [], undefined],
    [
      'too many failed indexes',
      job({ completionMode: 'Indexed', backoffLimitPerIndex: 0, maxFailedIndexes: 0 }),
      [pod('a', { index: 1, phase: 'Failed' })],
      'MaxFailedIndexesExceeded',
    ],
    [
      'a success policy',
      job({ completionMode: 'Indexed', successPolicy: { rules: [{ succeededCount: 1 }] } }),
      [pod('a', { index: 1, phase: 'Succeeded' })],
      'SuccessPolicy',
    ],
  ])('%s', (_, object, pods, reason) => {
    expect(verdictOf(survey(object, pods), now - 60_000, now)?.reason).toBe(reason);
  });

  it('keeps to what was announced', () => {
    const announced = { type: 'FailureTarget', status: 'True', reason: 'PodFailurePolicy', message: 'm' };
    const object = job({ backoffLimit: 0 }, { failed: 9, conditions: [announced] });
    expect(verdictOf(survey(object, []), now, now)).toMatchObject({ type: 'Failed', reason: 'PodFailurePolicy' });
  });

  it('is complete with enough successes and nothing left', () => {
    expect(completionOf(survey(job({}, { succeeded: 4 }), []), 0, now)?.reason).toBe('CompletionsReached');
    expect(completionOf(survey(job({}, { succeeded: 4 }), []), 1, now)).toBeUndefined();
    expect(completionOf(survey(job({ completions: 0 }), []), 0, now)?.reason).toBe('CompletionsReached');
  });
});

describe('counting', () => {
  const outcome = { conditions: [], startTime: at(0), active: 0, ready: 0, terminating: 0, verdict: undefined };

  it('notes uids first, releases the pods, then counts', () => {
    const pods = [pod('a', { phase: 'Succeeded' }), pod('b', { phase: 'Failed' }), pod('c')];
    const tracking = planTracking(survey(job(), pods), outcome, now);
    expect(tracking.status.uncountedTerminatedPods).toEqual({ succeeded: ['a'], failed: ['b'] });
    expect(tracking.status.succeeded).toBeUndefined();
    expect(tracking.release.map((p) => p.metadata.name)).toEqual(['a', 'b']);
    expect(settle(tracking.status, (uid) => uid !== 'a')).toMatchObject({
      succeeded: 1,
      uncountedTerminatedPods: { failed: ['b'] },
    });
  });

  it('counts no pod twice, however often it is interrupted', () => {
    const noted = job({}, { uncountedTerminatedPods: { succeeded: ['a'], failed: ['b', 'gone'] } });
    const pods = [pod('a', { phase: 'Succeeded' }), pod('b', { phase: 'Failed', tracked: false })];
    const found = survey(noted, pods);
    expect([found.succeeded, found.failed]).toEqual([1, 2]);
    const tracking = planTracking(found, outcome, now);
    expect(tracking.status).toMatchObject({ failed: 2, uncountedTerminatedPods: { succeeded: ['a'] } });
    expect(tracking.release.map((p) => p.metadata.name)).toEqual(['a']);
  });

  it('keeps a failed pod that another index pod will follow', () => {
    const object = job({ completionMode: 'Indexed', backoffLimitPerIndex: 1 });
    const failed = pod('a', { index: 0, phase: 'Failed', failures: 0 });
    expect(planTracking(survey(object, [failed]), outcome, now).release).toEqual([]);
    const next = pod('b', { index: 0, failures: 1 });
    expect(planTracking(survey(object, [failed, next]), outcome, now).release).toEqual([failed]);
  });

  it('takes at most so many pods at once, and ends the job only with all of them', () => {
    const pods = Array.from({ length: maxUncounted + 5 }, (_, i) => pod(`p${i}`, { phase: 'Failed' }));
    const found = survey(job({ backoffLimit: 0 }), pods);
    const verdict = verdictOf(found, now, now);
    const tracking = planTracking(found, { ...outcome, verdict }, now);
    expect(tracking.release.length).toBe(maxUncounted);
    expect(tracking.final).toBeUndefined();
    expect(tracking.status.conditions).toEqual([verdict]);
  });

  it('ends the job when nothing is uncounted or terminating', () => {
    const final = { type: 'Complete', status: 'True', lastTransitionTime: at(0) };
    expect(finish({ terminating: 1 }, final)).toBeUndefined();
    expect(finish({ uncountedTerminatedPods: { failed: ['a'] } }, final)).toBeUndefined();
    expect(finish({ terminating: 0 }, final)).toEqual({ terminating: 0, conditions: [final], completionTime: at(0) });
  });
});

it('cuts the name of a pod before its index', () => {
  const long = { ...job({ completionMode: 'Indexed' }), metadata: { name: 'x'.repeat(63), namespace: 'd', uid: 'u' } };
  expect(podOf(long, 12, undefined).metadata.generateName).toBe(`${'x'.repeat(54)}-12-`);
});

it('leaves a variable alone that the user has named like the index', () => {
  const env = [{ name: 'JOB_COMPLETION_INDEX', value: 'mine' }];
  const template = { spec: { containers: [{ name: 'c', image: 'work:1', env }] } };
  expect(podOf(job({ template }), 0, undefined).spec?.containers[0]?.env).toEqual(env);
});
