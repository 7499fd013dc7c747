import { expect, test } from 'vitest';
import { serviceAccounts as accounts, configMaps, secrets } from '../../../src/api/kinds.gen.ts';
import type { Secret } from '../../../src/api/types/core-v1.gen.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { generateKey } from '../../../src/pki/keys.ts';
import { type ControlPlane, controlPlane, testCa } from '../../kit/controllers.ts';

const tokenKey = generateKey();
const key = { namespace: 'default', name: 'bot-token' };
const lastUsed = 'kubernetes.io/legacy-token-last-used';
const invalidSince = 'kubernetes.io/legacy-token-invalid-since';

const account = (plane: ControlPlane, mentions: readonly string[] = []) =>
  plane.client.resource(accounts).create({
    metadata: { namespace: 'default', name: 'bot' },
    secrets: mentions.map((name) => ({ name })),
  });
const secret = (plane: ControlPlane) =>
  plane.client.resource(secrets).create({
    metadata: { ...key, annotations: { 'kubernetes.io/service-account.name': 'bot' } },
    type: 'kubernetes.io/service-account-token',
  });
const until = (plane: ControlPlane, check: (secret: Secret | undefined) => boolean) =>
  plane.until(secrets, 'default/bot-token', check);
const text = (of: Secret | undefined, field: string) => Buffer.from(of?.data?.[field] ?? '', 'base64').toString();

/** Who a token speaks for. */
async function who(plane: ControlPlane, token: string): Promise<string | undefined> {
  const object = { metadata: {}, spec: { token } } as never;
  const review = await plane.api.call('create', 'authentication.k8s.io/v1/tokenreviews', { namespace: '', object });
  const { status } = review as unknown as { status: { authenticated?: boolean; user?: { username: string } } };
  return status.authenticated ? status.user?.username : undefined;
}

test('a Secret for the token of an account is filled, and the token speaks for it until the Secret goes', async () => {
  await using plane = await controlPlane({ tokenKey });
  await account(plane);
  await secret(plane);
  const full = await until(plane, (s) => s?.data?.['token'] !== undefined);
  expect([text(full, 'namespace'), text(full, 'ca.crt')]).toEqual(['default', testCa]);
  const token = text(full, 'token');
  expect(await who(plane, token)).toBe('system:serviceaccount:default:bot');
  await until(plane, (s) => s?.metadata.labels?.[lastUsed] === new Date(plane.clock.wall()).toISOString().slice(0, 10));
  expect(await who(plane, `${token.slice(0, -4)}AAAA`)).toBeUndefined();
  // Another token in its place makes the first one worthless.
  await plane.client.resource(secrets).mergePatch(key, { data: { token: null } });
  await until(plane, (s) => s?.data?.['token'] !== undefined && text(s, 'token') !== token);
  expect(await who(plane, token)).toBeUndefined();
  const second = text(plane.informers.of(secrets).get('default/bot-token'), 'token');
  expect(await who(plane, second)).toBe('system:serviceaccount:default:bot');
  await plane.client.resource(secrets).delete(key);
  expect(await who(plane, second)).toBeUndefined();
});

test('the token goes with its account, and one of an account that never was at once', async () => {
  await using plane = await controlPlane({ tokenKey });
  await secret(plane);
  await until(plane, (s) => s === undefined);
  await account(plane);
  await secret(plane);
  await until(plane, (s) => s?.data?.['token'] !== undefined);
  await plane.client.resource(accounts).delete({ namespace: 'default', name: 'bot' });
  await until(plane, (s) => s === undefined);
});

test('an account mentions a Secret that is gone no more', async () => {
  await using plane = await controlPlane({ tokenKey });
  await account(plane, ['bot-token', 'other']);
  await secret(plane);
  await until(plane, (s) => s?.data?.['token'] !== undefined);
  await plane.client.resource(secrets).delete(key);
  const bot = await plane.until(accounts, 'default/bot', (a) => a?.secrets?.length === 1);
  expect(bot?.secrets).toEqual([{ name: 'other' }]);
});

test('a token made by Kubernetes that is not used for a year is not accepted any more, and removed a year later', async () => {
  const clock = new ManualClock();
  const began = clock.wall.bind(clock);
  let years = 0;
  clock.wall = () => began() + years * 367 * 24 * 3600_000;
  await using plane = await controlPlane({ tokenKey, clock });
  await plane.client.resource(configMaps).create({
    metadata: { namespace: 'kube-system', name: 'kube-apiserver-legacy-service-account-token-tracking' },
    data: { since: '2026-01-01' },
  });
  await account(plane, ['bot-token']);
  await secret(plane);
  const token = text(await until(plane, (s) => s?.data?.['token'] !== undefined), 'token');
  years = 1;
  const touch = (label: string) =>
    plane.client.resource(secrets).mergePatch(key, { metadata: { labels: { touched: label } } });
  await touch('first');
  await until(plane, (s) => s?.metadata.labels?.[invalidSince] === '2027-01-03');
  expect(await who(plane, token)).toBeUndefined();
  years = 2;
  await touch('second');
  await until(plane, (s) => s === undefined);
});
