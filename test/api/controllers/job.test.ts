import { expect, test } from 'vitest';
import { jobs, pods } from '../../../src/api/kinds.gen.ts';
import type { Job, JobSpec } from '../../../src/api/types/batch-v1.gen.ts';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import { ManualClock, timestamp } from '../../../src/base/clock.ts';
import { type ControlPlane, controlPlane, end, said } from '../../kit/controllers.ts';

const key = { namespace: 'default', name: 'work' };
const finalizer = 'batch.kubernetes.io/job-tracking';

const work = (spec: Partial<JobSpec> = {}): Job => ({
  metadata: { ...key },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'work:1' }] } }, ...spec },
});

const start = async (spec: Partial<JobSpec> = {}) => {
  const clock = new ManualClock();
  const plane = await controlPlane({ clock });
  await plane.client.resource(jobs).create(work(spec));
  return { plane, clock };
};

const isRunning = (pod: Pod) => pod.status?.phase === 'Running' && !pod.metadata.deletionTimestamp;
const indexOf = (pod: Pod) => pod.metadata.labels?.['batch.kubernetes.io/job-completion-index'];
const running = async (plane: ControlPlane, count: number) =>
  (await plane.untilAll(pods, (all) => all.filter(isRunning).length === count)).filter(isRunning);
const until = (plane: ControlPlane, check: (status: NonNullable<Job['status']>) => boolean) =>
  plane.until(jobs, 'default/work', (job) => job?.status !== undefined && check(job.status));
const has = (type: string) => (status: Job['status']) =>
  status?.conditions?.some((c) => c.type === type && c.status === 'True') ?? false;
const conditionsOf = (job: Job | undefined) =>
  job?.status?.conditions?.map(({ type, status, reason, message }) => [type, status, reason, message]);

test('a job runs as many pods as it needs, counts them and is complete', async () => {
  const { plane } = await start({ completions: 3, parallelism: 2 });
  await using _ = plane;
  const first = await running(plane, 2);
  expect(first.every((pod) => pod.metadata.finalizers?.includes(finalizer))).toBe(true);
  await until(plane, (status) => status.active === 2 && status.ready === 2);
  for (const pod of first) await end(plane, pod, 0);
  const [last] = await running(plane, 1);
  await until(plane, (status) => status.succeeded === 2);
  await end(plane, last!, 0);
  const done = await until(plane, has('Complete'));
  expect(done?.status).toEqual({
    startTime: '2026-01-01T00:00:00Z',
    completionTime: '2026-01-01T00:00:00Z',
    succeeded: 3,
    ready: 0,
    terminating: 0,
    uncountedTerminatedPods: {},
    conditions: expect.any(Array),
  });
  const text = 'Reached expected number of succeeded pods';
  expect(conditionsOf(done)).toEqual([
    ['SuccessCriteriaMet', 'True', 'CompletionsReached', text],
    ['Complete', 'True', 'CompletionsReached', text],
  ]);
  expect(
    plane.informers
      .of(pods)
      .list('default')
      .some((pod) => pod.metadata.finalizers?.length),
  ).toBe(false);
  expect(await said(plane, 'Completed')).toMatchObject({ type: 'Normal', message: 'Job completed' });
  expect((await said(plane, 'SuccessfulCreate'))?.message).toMatch(/^Created pod: work-/);
});

test('failed pods are replaced after a back-off until the limit is reached', async () => {
  const { plane, clock } = await start({ backoffLimit: 1 });
  await using _ = plane;
  const [first] = await running(plane, 1);
  await end(plane, first!, 1);
  await until(plane, (status) => status.failed === 1);
  await clock.advance(9_000);
  expect((await plane.untilAll(pods, () => true)).length).toBe(1);
  await clock.advance(1_000);
  const [second] = await running(plane, 1);
  await end(plane, second!, 1);
  const failed = await until(plane, has('Failed'));
  const text = 'Job has reached the specified backoff limit';
  expect(conditionsOf(failed)).toEqual([
    ['FailureTarget', 'True', 'BackoffLimitExceeded', text],
    ['Failed', 'True', 'BackoffLimitExceeded', text],
  ]);
  expect(failed?.status?.failed).toBe(2);
  expect(failed?.status?.completionTime).toBeUndefined();
  expect(await said(plane, 'BackoffLimitExceeded')).toMatchObject({ type: 'Warning', message: text });
});

test('a job that is active too long fails, and its pods go', async () => {
  const { plane, clock } = await start({ activeDeadlineSeconds: 60, parallelism: 2, completions: 2 });
  await using _ = plane;
  await running(plane, 2);
  await until(plane, (status) => status.active === 2);
  await clock.advance(60_000);
  const failed = await until(plane, has('Failed'));
  expect(conditionsOf(failed)?.at(-1)).toEqual([
    'Failed',
    'True',
    'DeadlineExceeded',
    'Job was active longer than specified deadline',
  ]);
  expect(failed?.status).toMatchObject({ failed: 2, terminating: 0 });
  expect(failed?.status?.active).toBeUndefined();
  await plane.untilAll(pods, (all) => all.length === 0);
});

test('an indexed job gives each pod its index, and replaces the pod of a failed one', async () => {
  const { plane, clock } = await start({ completionMode: 'Indexed', completions: 3, parallelism: 3 });
  await using _ = plane;
  const all = await running(plane, 3);
  const byIndex = new Map(all.map((pod) => [indexOf(pod), pod]));
  expect([...byIndex.keys()].toSorted()).toEqual(['0', '1', '2']);
  const one = byIndex.get('1')!;
  expect(one.spec?.hostname).toBe('work-1');
  expect(one.metadata.name).toMatch(/^work-1-/);
  expect(one.metadata.annotations?.['batch.kubernetes.io/job-completion-index']).toBe('1');
  expect(one.spec?.containers[0]?.env).toMatchObject([
    {
      name: 'JOB_COMPLETION_INDEX',
      valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" } },
    },
  ]);
  await end(plane, byIndex.get('0')!, 0);
  await end(plane, byIndex.get('2')!, 0);
  await end(plane, one, 1);
  const partly = await until(plane, (status) => status.failed === 1 && status.succeeded === 2);
  expect(partly?.status?.completedIndexes).toBe('0,2');
  await clock.advance(10_000);
  const [again] = await running(plane, 1);
  expect(indexOf(again!)).toBe('1');
  await end(plane, again!, 0);
  const done = await until(plane, has('Complete'));
  expect(done?.status).toMatchObject({ completedIndexes: '0-2', succeeded: 3, failed: 1 });
});

test('indexes fail each for themselves, and the job with them', async () => {
  const { plane, clock } = await start({
    completionMode: 'Indexed',
    completions: 2,
    parallelism: 2,
    backoffLimitPerIndex: 1,
    podFailurePolicy: {
      rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [42] } }],
    },
  });
  await using _ = plane;
  const byIndex = new Map((await running(plane, 2)).map((pod) => [indexOf(pod), pod]));
  expect(byIndex.get('0')?.metadata.annotations?.['batch.kubernetes.io/job-index-failure-count']).toBe('0');
  await end(plane, byIndex.get('1')!, 42);
  await until(plane, (status) => status.failedIndexes === '1');
  await end(plane, byIndex.get('0')!, 1);
  await until(plane, (status) => !status.active);
  await clock.advance(10_000);
  const [again] = await running(plane, 1);
  expect(indexOf(again!)).toBe('0');
  expect(again?.metadata.annotations?.['batch.kubernetes.io/job-index-failure-count']).toBe('1');
  await end(plane, again!, 0);
  const failed = await until(plane, has('Failed'));
  expect(failed?.status).toMatchObject({ failedIndexes: '1', completedIndexes: '0', succeeded: 1, failed: 2 });
  expect(conditionsOf(failed)?.at(-1)).toEqual(['Failed', 'True', 'FailedIndexes', 'Job has failed indexes']);
});

test('a pod failure policy fails the job at once, or ignores disruptions', async () => {
  const { plane } = await start({
    completions: 2,
    parallelism: 2,
    backoffLimit: 0,
    podFailurePolicy: {
      rules: [
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        { action: 'FailJob', onExitCodes: { containerName: 'c', operator: 'In', values: [3] } },
      ],
    },
  });
  await using _ = plane;
  const [disrupted, broken] = await running(plane, 2);
  const at = { namespace: 'default', name: disrupted!.metadata.name! };
  const conditions = [{ type: 'DisruptionTarget', status: 'True' }];
  await plane.client
    .resource(pods)
    .mergePatch(at, { status: { phase: 'Failed', conditions } }, { subresource: 'status' });
  // It is released without being counted.
  await plane.until(pods, `default/${at.name}`, (pod) => pod?.metadata.finalizers === undefined);
  await end(plane, broken!, 3);
  const failed = await until(plane, has('Failed'));
  const text = `Container c for pod default/${broken!.metadata.name} failed with exit code 3 matching FailJob rule at index 1`;
  expect(conditionsOf(failed)).toEqual([
    ['FailureTarget', 'True', 'PodFailurePolicy', text],
    ['Failed', 'True', 'PodFailurePolicy', text],
  ]);
});

test('a success policy ends the job early, and its other pods', async () => {
  const { plane } = await start({
    completionMode: 'Indexed',
    completions: 3,
    parallelism: 3,
    successPolicy: { rules: [{ succeededIndexes: '1-2', succeededCount: 1 }] },
  });
  await using _ = plane;
  const all = await running(plane, 3);
  await end(plane, all.find((pod) => indexOf(pod) === '2')!, 0);
  const done = await until(plane, has('Complete'));
  expect(conditionsOf(done)).toEqual([
    ['SuccessCriteriaMet', 'True', 'SuccessPolicy', 'Matched rules at index 0'],
    ['Complete', 'True', 'SuccessPolicy', 'Matched rules at index 0'],
  ]);
  expect(done?.status).toMatchObject({ succeeded: 1, completedIndexes: '2' });
  expect(done?.status?.failed).toBeUndefined();
  await plane.untilAll(pods, (left) => left.length === 1);
});

test('a suspended job has no pods; resumed it begins anew', async () => {
  const { plane, clock } = await start({ suspend: true, activeDeadlineSeconds: 30 });
  await using _ = plane;
  const idle = await until(plane, has('Suspended'));
  expect(idle?.status?.startTime).toBeUndefined();
  expect(conditionsOf(idle)).toEqual([['Suspended', 'True', 'JobSuspended', 'Job suspended']]);
  await said(plane, 'Suspended');
  await plane.client.resource(jobs).mergePatch(key, { spec: { suspend: false } });
  await running(plane, 1);
  const begun = await until(plane, (status) => status.active === 1 && status.ready === 1);
  expect(conditionsOf(begun)).toEqual([['Suspended', 'False', 'JobResumed', 'Job resumed']]);
  await said(plane, 'Resumed');
  await plane.client.resource(jobs).mergePatch(key, { spec: { suspend: true } });
  const stopped = await until(
    plane,
    (status) => has('Suspended')(status) && !status.active && status.terminating === 0,
  );
  expect(stopped?.status?.failed).toBeUndefined();
  expect(stopped?.status?.startTime).toBeUndefined();
  await plane.untilAll(pods, (all) => all.length === 0);
  await clock.advance(100_000);
  await plane.client.resource(jobs).mergePatch(key, { spec: { suspend: false } });
  const again = await until(plane, (status) => status.active === 1);
  expect(again?.status?.startTime).toBe(timestamp(clock.wall()));
});

test('with the replacement policy Failed a pod is replaced when it has ended, not before', async () => {
  const clock = new ManualClock();
  await using plane = await controlPlane({ clock, pods: false });
  await plane.client.resource(jobs).create(work({ podReplacementPolicy: 'Failed' }));
  const [pod] = await plane.untilAll(pods, (all) => all.length === 1);
  await plane.client.resource(pods).delete({ namespace: 'default', name: pod!.metadata.name! });
  const waiting = await until(plane, (status) => status.terminating === 1);
  expect(waiting?.status?.failed).toBeUndefined();
  expect(plane.informers.of(pods).size).toBe(1);
  await end(plane, pod!, 137);
  await until(plane, (status) => status.failed === 1);
  await plane.untilAll(pods, (all) => all.length === 0);
  await clock.advance(10_000);
  await plane.untilAll(pods, (all) => all.length === 1);
});

test('a job that another controller manages is left alone', async () => {
  const { plane } = await start({ managedBy: 'example.com/queue' });
  await using _ = plane;
  await plane.client.resource(jobs).create({ ...work(), metadata: { ...key, name: 'other' } });
  await plane.until(jobs, 'default/other', (job) => job?.status?.active === 1);
  expect(plane.informers.of(jobs).get('default/work')?.status).toEqual({});
});

test('pods of a deleted job lose the finalizer and go', async () => {
  const { plane, clock } = await start({ parallelism: 2, completions: 2 });
  await using _ = plane;
  await running(plane, 2);
  await plane.client.resource(jobs).delete(key, { propagationPolicy: 'Background' });
  // The garbage collector looks at what it may have to collect after a while.
  for (let i = 0; i < 10; i++) await clock.advance(1000);
  await plane.untilAll(pods, (all) => all.length === 0);
});

test('orphaned pods run on without the finalizer; a job with a selector of its own adopts them', async () => {
  const { plane } = await start({ parallelism: 1 });
  await using _ = plane;
  const [pod] = await running(plane, 1);
  await plane.client.resource(jobs).delete(key, { propagationPolicy: 'Orphan' });
  const name = `default/${pod!.metadata.name}`;
  const free = await plane.until(
    pods,
    name,
    (p) => p?.metadata.finalizers === undefined && !p?.metadata.ownerReferences?.length,
  );
  const { labels } = free!.metadata;
  const heir = work({ manualSelector: true, selector: { matchLabels: { 'job-name': 'work' } } });
  const template = { ...heir.spec!.template, metadata: { labels: { ...labels! } } };
  await plane.client.resource(jobs).create({ metadata: { ...key, name: 'heir' }, spec: { ...heir.spec!, template } });
  const owned = await plane.until(pods, name, (p) => p?.metadata.ownerReferences?.[0]?.name === 'heir');
  expect(owned?.metadata.finalizers).toEqual([finalizer]);
  await plane.until(jobs, 'default/heir', (job) => job?.status?.active === 1);
  expect(plane.informers.of(pods).size).toBe(1);
});

test('controllers that end and begin again make no pod twice and count each once', async () => {
  const clock = new ManualClock();
  await using first = await controlPlane({ clock, disabled: ['job-controller'], pods: false });
  await first.client.resource(jobs).create(work({ completions: 12, parallelism: 6 }));
  // Three that end in the middle of their work: while pods are made, while they run, and while they are counted.
  const { api } = first;
  const interrupted = async (during: (plane: ControlPlane) => Promise<unknown>) => {
    await using plane = await controlPlane({ clock, api });
    await during(plane);
  };
  await interrupted((plane) => plane.untilAll(pods, (all) => all.length > 0));
  await interrupted((plane) => running(plane, 6));
  await interrupted(async (plane) => {
    for (const pod of await running(plane, 6)) await end(plane, pod, 0);
    await until(plane, (status) => (status.uncountedTerminatedPods?.succeeded?.length ?? 0) > 0);
  });
  await interrupted(async (plane) => {
    for (const pod of await running(plane, 6)) await end(plane, pod, 0);
    const done = await until(plane, has('Complete'));
    expect(done?.status).toMatchObject({ succeeded: 12, uncountedTerminatedPods: {} });
    expect(done?.status?.failed).toBeUndefined();
    expect(plane.informers.of(pods).list('default')).toHaveLength(12);
  });
});

test('an indexed job grows and shrinks', async () => {
  const { plane } = await start({ completionMode: 'Indexed', completions: 2, parallelism: 2 });
  await using _ = plane;
  const size = (n: number) => plane.client.resource(jobs).mergePatch(key, { spec: { completions: n, parallelism: n } });
  const indexes = async (n: number) => (await running(plane, n)).map(indexOf).toSorted();
  await indexes(2);
  await size(4);
  expect(await indexes(4)).toEqual(['0', '1', '2', '3']);
  await size(1);
  expect(await indexes(1)).toEqual(['0']);
  const [last] = await running(plane, 1);
  await end(plane, last!, 0);
  const done = await until(plane, has('Complete'));
  expect(done?.status).toMatchObject({ succeeded: 1, completedIndexes: '0' });
});

test('a suspended job takes another place for its pods, a running one does not', async () => {
  const { plane } = await start({ suspend: true });
  await using _ = plane;
  await until(plane, has('Suspended'));
  const place = (zone: string) =>
    plane.client.resource(jobs).mergePatch(key, { spec: { template: { spec: { nodeSelector: { zone } } } } });
  await place('a');
  await plane.client.resource(jobs).mergePatch(key, { spec: { suspend: false } });
  const [pod] = await running(plane, 1);
  expect(pod?.spec?.nodeSelector).toEqual({ zone: 'a' });
  await expect(place('b')).rejects.toThrow('field is immutable');
  await plane.client.resource(jobs).mergePatch(key, { spec: { suspend: true } });
  await until(plane, (status) => has('Suspended')(status) && !status.active);
  await place('b');
  await plane.client.resource(jobs).mergePatch(key, { spec: { suspend: false } });
  await plane.untilAll(pods, (all) => all.some((one) => one.spec?.nodeSelector?.['zone'] === 'b'));
});
