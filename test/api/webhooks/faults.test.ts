import { expect, test } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { admissionServer, configure, creates, patching } from '../../kit/admission-webhooks.ts';
import { admin, apiServer, gvr } from '../../kit/api-server.ts';
import { httpsApi } from '../../kit/https-api.ts';

const object = () => ({ metadata: { name: 'it' } });
const rules = [creates('configmaps')];
const never = () => new Promise<never>(() => {});

test.each([
  ['Mutating', 'Fail'],
  ['Validating', 'Fail'],
  ['Mutating', 'Ignore'],
  ['Validating', 'Ignore'],
] as const)('a %s webhook that never answers, with failurePolicy %s', async (kind, failurePolicy) => {
  const clock = new ManualClock();
  const asked = Promise.withResolvers<void>();
  await using hook = await admissionServer(async () => {
    asked.resolve();
    return await never();
  });
  await using api = await apiServer({ clock });
  await configure(api, kind, 'slow', hook, { rules, failurePolicy, timeoutSeconds: 3 });
  const written = api.call('create', 'configmaps', { object: object() }).catch((error: Error) => error);
  await asked.promise;
  await clock.advance(3000);
  if (failurePolicy === 'Ignore') return expect(await written).toMatchObject({ metadata: { name: 'it' } });
  expect((await written) as Error).toMatchObject({
    message: `Internal error occurred: failed calling webhook "slow.example.com": failed to call webhook: Post "${hook.server.url}?timeout=3s": context deadline exceeded`,
  });
});

/** Tells when somebody begins to sleep for two seconds. */
class WatchedClock extends ManualClock {
  #begun = Promise.withResolvers<void>();

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms === 2000) this.#begun.resolve();
    return super.sleep(ms, signal);
  }

  async passSleep(): Promise<void> {
    await this.#begun.promise;
    this.#begun = Promise.withResolvers<void>();
    await this.advance(2000);
  }
}

test('a webhook that says when it can be asked is asked then, as long as there is time', async () => {
  const clock = new WatchedClock();
  const later = { instead: { code: 503, headers: { 'retry-after': '2' }, text: 'not now' } };
  const answers = [later, later, { allowed: true }, later, later, later];
  await using hook = await admissionServer(() => answers.shift()!);
  await using api = await apiServer({ clock });
  await configure(api, 'Validating', 'busy', hook, { rules, timeoutSeconds: 5 });
  const create = (name: string) =>
    api.call('create', 'configmaps', { object: { metadata: { name } } }).catch((error: Error) => error.message);
  const first = create('a');
  for (const _ of [1, 2]) await clock.passSleep();
  expect(await first).toMatchObject({ metadata: { name: 'a' } });
  const second = create('b');
  for (const _ of [1, 2, 3]) await clock.passSleep();
  expect(await second).toContain(`Post "${hook.server.url}?timeout=5s": context deadline exceeded`);
  expect(answers).toEqual([]);
});

test.each(['Fail', 'Ignore'] as const)('nothing is written once nobody waits any more (%s)', async (failurePolicy) => {
  const asked = Promise.withResolvers<void>();
  await using hook = await admissionServer(async () => {
    asked.resolve();
    return await never();
  });
  await using api = await apiServer();
  await configure(api, 'Validating', 'slow', hook, { rules, failurePolicy });
  const abort = new AbortController();
  const written = api.server
    .transport(admin)
    .call({ verb: 'create', resource: gvr('configmaps'), namespace: 'default', object: object() }, abort.signal);
  await asked.promise;
  abort.abort();
  await expect(written).rejects.toThrow(
    failurePolicy === 'Fail' ? 'context canceled' : 'Timeout: request did not complete within requested timeout',
  );
  await expect(api.call('get', 'configmaps', { name: 'it' })).rejects.toThrow('not found');
});

test('a write that came between is not lost: the patch is tried again, and asked about again', async () => {
  const first = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  await using hook = await admissionServer(async ({ userInfo }) => {
    first.resolve();
    if (userInfo['username'] === 'admin') await go.promise;
    return { allowed: true };
  });
  await using api = await apiServer();
  await api.call('create', 'configmaps', { object: object() });
  await configure(api, 'Mutating', 'slow', hook, { rules: [{ ...rules[0], operations: ['UPDATE'] }] });
  const patch = (key: string) => ({ type: 'merge', body: { data: { [key]: 'yes' } } }) as const;
  const patched = api.call('patch', 'configmaps', { name: 'it', patch: patch('a') });
  await first.promise;
  const other = api.server.transport({ name: 'other', groups: ['system:masters'] });
  await other.call({ verb: 'patch', resource: gvr('configmaps'), namespace: 'default', name: 'it', patch: patch('b') });
  go.resolve();
  expect(await patched).toMatchObject({ data: { a: 'yes', b: 'yes' } });
  expect(hook.asked.map(({ userInfo }) => userInfo['username'])).toEqual(['admin', 'other', 'admin']);
});

test('a configuration counts from the moment it is written, and no longer than it is there', async () => {
  await using hook = await admissionServer(() => ({ allowed: false }));
  await using api = await apiServer();
  const create = () => api.call('create', 'configmaps', { object: object() });
  const configurations = 'admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
  for (const _ of [1, 2]) {
    await configure(api, 'Validating', 'no', hook, { rules });
    await expect(create()).rejects.toThrow('denied');
    const patch = { type: 'json', body: [{ op: 'replace', path: '/webhooks/0/rules', value: [] }] } as const;
    await api.call('patch', configurations, { name: 'no', namespace: '', patch });
    await create();
    await api.call('delete', configurations, { name: 'no', namespace: '' });
    await api.call('delete', 'configmaps', { name: 'it' });
  }
});

test('over HTTP a refusal has the code, and an answer the warnings, that the webhook gave', async () => {
  let allowed = false;
  await using hook = await admissionServer(() => ({
    allowed,
    status: { code: 418, message: 'no tea' },
    warnings: ['mind the "gap"', 'line\nbreak'],
  }));
  await using https = await httpsApi();
  await configure(https.api, 'Validating', 'tea', hook, { rules });
  const path = '/api/v1/namespaces/default/configmaps';
  const refused = await https.post(path, object());
  expect(refused).toMatchObject({ code: 418, json: { kind: 'Status', status: 'Failure', code: 418 } });
  allowed = true;
  const made = await https.post(path, object());
  expect(made.code).toBe(201);
  expect(made.headers['warning']).toContain('299 - "mind the \\"gap\\""');
});

test.each([599, 600, 70_000])('a code as large as %i is told over either HTTP, as far as that goes', async (code) => {
  await using hook = await admissionServer(() => ({ allowed: false, status: { code } }));
  await using https = await httpsApi();
  await configure(https.api, 'Validating', 'large', hook, { rules });
  const path = '/api/v1/namespaces/default/configmaps';
  const ask = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(object()) };
  const json = { kind: 'Status', code: Math.min(code, 999) };
  expect(await https.ask(path, ask)).toMatchObject({ code: Math.min(code, 999), json });
  expect(await https.ask2(path, ask)).toMatchObject({ code: 599, json });
});

test('calls are counted and timed, by what became of them', async () => {
  let answers: object[] = [];
  await using hook = await admissionServer(() => answers.shift() ?? { allowed: true });
  await using https = await httpsApi();
  await configure(https.api, 'Mutating', 'add', hook, { rules });
  await configure(https.api, 'Validating', 'see', hook, { rules, failurePolicy: 'Ignore' });
  const create = (name: string) => https.post('/api/v1/namespaces/default/configmaps', { metadata: { name } });
  answers = [{ allowed: false, status: { code: 403 } }];
  await create('a');
  answers = [patching({ op: 'remove', path: '/none' })];
  await create('b');
  answers = [{ allowed: true }, { allowed: true, patch: 'W10=' }];
  await create('c');
  const { text } = await https.ask('/metrics');
  const name = (which: string) => `name="${which}.example.com"`;
  for (const line of [
    `apiserver_admission_webhook_rejection_count{${name('add')},type="admit",operation="CREATE",error_type="no_error",rejection_code="403"} 1`,
    `apiserver_admission_webhook_rejection_count{${name('add')},type="admit",operation="CREATE",error_type="apiserver_internal_error",rejection_code="0"} 1`,
    `apiserver_admission_webhook_admission_duration_seconds_count{${name('add')},type="admit",operation="CREATE",rejected="true"} 2`,
    `apiserver_admission_webhook_admission_duration_seconds_count{${name('add')},type="admit",operation="CREATE",rejected="false"} 1`,
    `apiserver_admission_webhook_request_total{${name('see')},type="validating",operation="CREATE",code="503",rejected="false"} 1`,
    `apiserver_admission_webhook_fail_open_count{${name('see')},type="validating"} 1`,
  ])
    expect(text.split('\n')).toContain(line);
});
