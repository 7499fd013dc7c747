import { expect, test } from 'vitest';
import type { FlowSchema } from '../../src/api/types/flowcontrol-v1.gen.ts';
import { ManualClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { ensureFlowControl, keepFlowControl } from '../../src/cluster/bootstrap/flow-control.ts';
import { apiServer } from '../kit/api-server.ts';
import { type HttpAnswer, httpsApi } from '../kit/https-api.ts';

const group = '/apis/flowcontrol.apiserver.k8s.io/v1';

interface Stored {
  readonly metadata: { readonly uid: string; readonly managedFields: { manager: string; subresource?: string }[] };
  readonly status?: { readonly conditions?: Record<string, string>[] };
}

const stored = (answer: HttpAnswer) => answer.json as unknown as Stored;

const level = (name: string) => ({
  metadata: { name },
  spec: { type: 'Limited', limited: { nominalConcurrencyShares: 20, limitResponse: { type: 'Reject' } } },
});

const schema = (name: string, levelName: string, user: string) => ({
  metadata: { name },
  spec: {
    matchingPrecedence: 100,
    priorityLevelConfiguration: { name: levelName },
    rules: [
      {
        subjects: [{ kind: 'User', user: { name: user } }],
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      },
    ],
  },
});

test('an answer says which flow schema and priority level its request belongs to', async () => {
  await using server = await httpsApi();
  const made = await server.post(`${group}/prioritylevelconfigurations`, level('mine'));
  const flow = await server.post(`${group}/flowschemas`, schema('mine', 'mine', 'noxu'));
  const as = (user: string) => ({
    headers: { 'impersonate-user': user, 'impersonate-group': 'system:authenticated' },
  });
  const own = await server.ask('/version', as('noxu'));
  expect(own.headers).toMatchObject({
    'x-kubernetes-pf-flowschema-uid': stored(flow).metadata.uid,
    'x-kubernetes-pf-prioritylevel-uid': stored(made).metadata.uid,
  });
  // Of the mandatory ones, which nobody has stored here.
  const foreign = await server.ask('/version', as('foo'));
  expect(foreign.headers).toMatchObject({
    'x-kubernetes-pf-flowschema-uid': '',
    'x-kubernetes-pf-prioritylevel-uid': '',
  });
  // What is refused was somebody's, too; who is nobody has none.
  const refused = await server.ask('/metrics', as('noxu'));
  expect(refused.code).toBe(403);
  expect(refused.headers['x-kubernetes-pf-flowschema-uid']).toBe(stored(flow).metadata.uid);
  const unknown = await server.ask('/metrics', { as: null });
  expect(unknown.code).toBe(401);
  expect(unknown.headers).not.toHaveProperty('x-kubernetes-pf-flowschema-uid');
});

test('the condition Dangling follows the priority level, and /metrics shows its seats', async () => {
  await using server = await httpsApi();
  const conditions = async (): Promise<Record<string, string>[]> => {
    return stored(await server.ask(`${group}/flowschemas/mine`)).status?.conditions ?? [];
  };
  await server.post(`${group}/flowschemas`, schema('mine', 'late', 'noxu'));
  const object = 'This FlowSchema references the PriorityLevelConfiguration object named "late"';
  await expect.poll(conditions).toEqual([
    expect.objectContaining({
      type: 'Dangling',
      status: 'True',
      reason: 'NotFound',
      message: `${object} but there is no such object`,
    }),
  ]);
  await server.post(`${group}/prioritylevelconfigurations`, level('late'));
  await expect
    .poll(conditions)
    .toEqual([expect.objectContaining({ status: 'False', reason: 'Found', message: `${object} and it exists` })]);
  // 600 requests may be under way; 20 of 25 shares are this level's, 5 the catch-all's.
  const { text } = await server.ask('/metrics');
  expect(text).toContain('apiserver_flowcontrol_nominal_limit_seats{priority_level="late"} 480\n');
  expect(text).toContain('apiserver_flowcontrol_nominal_limit_seats{priority_level="catch-all"} 120\n');
  const { managedFields } = stored(await server.ask(`${group}/flowschemas/mine`)).metadata;
  expect(managedFields.filter(({ subresource }) => subresource === 'status').map(({ manager }) => manager)).toEqual([
    'api-priority-and-fairness-config-consumer-v1',
  ]);
});

test('the flow schemas of every cluster come back within a minute; a changed one stays when it says so', async () => {
  await using api = await apiServer();
  const schemas = 'flowcontrol.apiserver.k8s.io/v1/flowschemas';
  const names = async () => (await api.list(schemas, {}, '')).items.map(({ metadata }) => metadata.name);
  await ensureFlowControl(api.transport);
  const all = await names();
  expect(all).toHaveLength(11);
  // Their conditions are written by another hand, in its own time.
  const told = async () =>
    (await api.list(schemas, {}, '')).items.every((item) => (item as unknown as FlowSchema).status?.conditions?.length);
  while (!(await told())) await new Promise(setImmediate);
  const clock = new ManualClock();
  const abort = new AbortController();
  const keeping = keepFlowControl({ transport: api.transport, clock, log: silentLogger }, abort.signal);
  const edit = (name: string, body: unknown) =>
    api.call('patch', schemas, { namespace: '', name, patch: { type: 'merge', body } });
  const mine = { annotations: { 'apf.kubernetes.io/autoupdate-spec': 'false' } };
  await api.call('delete', schemas, { namespace: '', name: 'probes' });
  await edit('service-accounts', { spec: { matchingPrecedence: 5000 } });
  await edit('global-default', { metadata: mine, spec: { matchingPrecedence: 5001 } });
  expect(await names()).not.toContain('probes');
  const precedence = async (name: string) => {
    const { spec } = await api.call<FlowSchema>('get', schemas, { namespace: '', name });
    return spec?.matchingPrecedence;
  };
  await clock.advance(59_999);
  expect(await precedence('service-accounts')).toBe(5000);
  await clock.advance(1);
  await expect.poll(names).toEqual(all);
  await expect.poll(() => precedence('service-accounts')).toBe(9000);
  expect(await precedence('global-default')).toBe(5001);
  abort.abort();
  await keeping;
});
