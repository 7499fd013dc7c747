import { expect, test } from 'vitest';
import type { KubeObject } from '../../src/api/object.ts';
import { StatusError } from '../../src/api/status.ts';
import { apiServer, type TestApi } from '../kit/api-server.ts';

const budgets = 'policy/v1/poddisruptionbudgets';

interface PodState {
  readonly phase?: string;
  readonly ready?: boolean;
}

/** A labelled pod on a node, in a state of its life. */
async function pod(
  api: TestApi,
  name: string,
  { phase = 'Running', ready = true }: PodState = {},
): Promise<KubeObject> {
  const object = {
    metadata: { name, labels: { app: 'web' } },
    spec: { nodeName: 'n', terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: 'i' }] },
  };
  const created = await api.call('create', 'pods', { object });
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
  const status = { phase, conditions };
  return await api.call('update', 'pods', { name, subresource: 'status', object: { ...created, status } });
}

interface BudgetState {
  readonly disruptionsAllowed?: number;
  readonly currentHealthy?: number;
  readonly desiredHealthy?: number;
  readonly observedGeneration?: number;
  readonly conditions?: readonly object[];
}

async function budget(api: TestApi, name: string, state: BudgetState, spec: object = {}): Promise<void> {
  const object = {
    metadata: { name },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } }, ...spec },
  };
  const created = await api.call('create', budgets, { object });
  const status = {
    disruptionsAllowed: 0,
    currentHealthy: 1,
    desiredHealthy: 1,
    expectedPods: 1,
    observedGeneration: 1,
    ...state,
  };
  await api.call('update', budgets, { name, subresource: 'status', object: { ...created, status } });
}

const evict = (api: TestApi, name: string, deleteOptions?: object, options?: { dryRun: boolean }) =>
  api.call('create', 'pods', {
    name,
    subresource: 'eviction',
    object: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name }, ...(deleteOptions && { deleteOptions }) },
    ...(options && { options }),
  });

async function refusal(eviction: Promise<unknown>): Promise<StatusError['status']> {
  try {
    await eviction;
  } catch (error) {
    if (error instanceof StatusError) return error.status;
    throw error;
  }
  throw new Error('it was not refused');
}

const isThere = async (api: TestApi, name: string): Promise<boolean> =>
  (await api.list('pods')).items.some(({ metadata }) => metadata.name === name);

test('a pod that no budget knows is deleted, and says why while it goes', async () => {
  await using api = await apiServer();
  await pod(api, 'a');
  const watch = await api.watch('pods');
  expect(await evict(api, 'a')).toMatchObject({ kind: 'Status', status: 'Success', code: 201 });
  const events = await watch.until(3);
  expect(events.slice(-2)).toMatchObject([
    {
      type: 'MODIFIED',
      object: {
        status: {
          conditions: [
            { type: 'Ready' },
            {
              type: 'DisruptionTarget',
              status: 'True',
              reason: 'EvictionByEvictionAPI',
              message: 'Eviction API: evicting',
            },
          ],
        },
      },
    },
    { type: 'DELETED' },
  ]);
  watch.close();
});

test('a budget lets as many go as it allows, and notes who went', async () => {
  await using api = await apiServer();
  await pod(api, 'a');
  await pod(api, 'b');
  await budget(api, 'web', { disruptionsAllowed: 1, currentHealthy: 2 });
  await evict(api, 'a');
  const { status } = (await api.call('get', budgets, { name: 'web' })) as unknown as {
    status: Record<string, unknown>;
  };
  expect(status).toMatchObject({
    disruptionsAllowed: 0,
    disruptedPods: { a: expect.stringMatching(/Z$/) },
    conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', observedGeneration: 1 }],
  });
  expect(await refusal(evict(api, 'b'))).toMatchObject({
    code: 429,
    reason: 'TooManyRequests',
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: {
      causes: [
        {
          reason: 'DisruptionBudget',
          message: 'The disruption budget web does not allow evicting pods currently',
        },
      ],
    },
  });
  expect(await isThere(api, 'b')).toBe(true);
});

const told = (reason: string, message: string): BudgetState['conditions'] => [
  { type: 'DisruptionAllowed', status: 'False', reason, message, lastTransitionTime: '2026-01-01T00:00:00Z' },
];

test.each<[string, BudgetState]>([
  ['needs 3 healthy pods and has 3 currently', { currentHealthy: 3, desiredHealthy: 3 }],
  [
    'needs 3 healthy pods and has 3 currently',
    { currentHealthy: 3, desiredHealthy: 3, conditions: told('InsufficientPods', '') },
  ],
  [
    'does not allow evicting pods currently because it failed sync: no scale',
    { conditions: told('SyncFailed', 'no scale') },
  ],
  [
    'does not allow evicting pods currently (Other): not today',
    { currentHealthy: 4, desiredHealthy: 3, conditions: told('Other', 'not today') },
  ],
])('a budget that allows nothing says why: %s', async (text, state) => {
  await using api = await apiServer();
  await pod(api, 'a');
  await budget(api, 'web', state);
  const causes = [{ reason: 'DisruptionBudget', message: `The disruption budget web ${text}` }];
  expect(await refusal(evict(api, 'a'))).toMatchObject({ code: 429, details: { causes } });
});

test('a budget the controller has not seen asks to wait', async () => {
  await using api = await apiServer();
  await pod(api, 'a');
  await budget(api, 'web', { disruptionsAllowed: 1, observedGeneration: 0 });
  expect(await refusal(evict(api, 'a'))).toMatchObject({
    code: 429,
    details: {
      retryAfterSeconds: 10,
      causes: [{ message: 'The disruption budget web is still being processed by the server.' }],
    },
  });
});

test('a pod with two budgets is not evicted', async () => {
  await using api = await apiServer();
  await pod(api, 'a');
  await budget(api, 'one', { disruptionsAllowed: 1 });
  await budget(api, 'two', { disruptionsAllowed: 1 });
  expect(await refusal(evict(api, 'a'))).toMatchObject({
    code: 500,
    message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  });
});

test.each<[string, PodState, BudgetState, object, boolean]>([
  ['that has ended', { phase: 'Succeeded' }, {}, {}, true],
  ['that has not begun', { phase: 'Pending' }, {}, {}, true],
  ['that is healthy', {}, {}, {}, false],
  ['that is unhealthy, with enough healthy ones', { ready: false }, { currentHealthy: 1 }, {}, true],
  ['that is unhealthy, with too few healthy ones', { ready: false }, { currentHealthy: 0 }, {}, false],
  [
    'that is unhealthy, of a budget that does not mind',
    { ready: false },
    { currentHealthy: 0 },
    { unhealthyPodEvictionPolicy: 'AlwaysAllow' },
    true,
  ],
])('of an exhausted budget a pod %s', async (_what, state, status, spec, goes) => {
  await using api = await apiServer();
  await pod(api, 'a', state);
  await budget(api, 'web', status, spec);
  if (goes) await evict(api, 'a');
  else expect(await refusal(evict(api, 'a'))).toMatchObject({ code: 429 });
  expect(await isThere(api, 'a')).toBe(!goes);
});

test('an empty selector means every pod, a missing one none', async () => {
  await using api = await apiServer();
  await pod(api, 'a');
  await budget(api, 'none', {}, { selector: undefined });
  await budget(api, 'all', {}, { selector: {} });
  expect(await refusal(evict(api, 'a'))).toMatchObject({
    details: { causes: [{ message: expect.stringContaining('budget all needs') }] },
  });
});

test('a dry run changes neither pod nor budget', async () => {
  await using api = await apiServer();
  const { metadata } = await pod(api, 'a');
  await budget(api, 'web', { disruptionsAllowed: 1 });
  await evict(api, 'a', undefined, { dryRun: true });
  await evict(api, 'a', { dryRun: ['All'] });
  expect((await api.call('get', 'pods', { name: 'a' })).metadata.resourceVersion).toBe(metadata.resourceVersion);
  expect(await api.call('get', budgets, { name: 'web' })).toMatchObject({ status: { disruptionsAllowed: 1 } });
});

test('an eviction may insist on a certain pod', async () => {
  await using api = await apiServer();
  const { metadata } = await pod(api, 'a');
  expect(await refusal(evict(api, 'a', { preconditions: { uid: 'other' } }))).toMatchObject({
    code: 409,
    message: `Operation cannot be fulfilled on Pod "a": the UID in the precondition (other) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
  });
  expect(await refusal(evict(api, 'a', { preconditions: { resourceVersion: '1' } }))).toMatchObject({ code: 409 });
  await evict(api, 'a', { preconditions: { uid: metadata.uid, resourceVersion: metadata.resourceVersion } });
  expect(await isThere(api, 'a')).toBe(false);
});

test('an eviction names its pod', async () => {
  await using api = await apiServer();
  await pod(api, 'a');
  const object = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'b' } };
  await expect(api.call('create', 'pods', { name: 'a', subresource: 'eviction', object })).rejects.toMatchObject({
    code: 400,
    message: 'name in URL does not match name in Eviction object',
  });
  const old = { apiVersion: 'policy/v1beta1', kind: 'Eviction', metadata: { name: 'a' } };
  expect(await api.call('create', 'pods', { name: 'a', subresource: 'eviction', object: old })).toMatchObject({
    status: 'Success',
  });
});
