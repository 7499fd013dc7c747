import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ConfigMap, Secret } from '../../../src/api/types/core-v1.gen.ts';
import { detachedSignature, planSignatures } from '../../../src/controllers/bootstrap-signer/plan.ts';
import { expiryOf } from '../../../src/controllers/token-cleaner/plan.ts';
import { groupsOf, parseBootstrapToken, tokenOf } from '../../../src/resources/core/bootstrap-token.ts';

const now = Date.UTC(2026, 0, 1);
const base64 = (text: string) => Buffer.from(text).toString('base64');
const secret = (values: Record<string, string> = {}, name = 'bootstrap-token-abcdef', type?: string): Secret => ({
  metadata: { name, namespace: 'kube-system' },
  type: type ?? 'bootstrap.kubernetes.io/token',
  data: Object.fromEntries(
    Object.entries({
      'token-id': 'abcdef',
      'token-secret': '0123456789abcdef',
      'usage-bootstrap-signing': 'true',
      ...values,
    }).map(([key, value]) => [key, base64(value)]),
  ),
});

test('a signature is a JWS without its payload', () => {
  const [header, payload, signature] = detachedSignature('text', { id: 'abcdef', secret: 's' }).split('.');
  expect(Buffer.from(header!, 'base64url').toString()).toBe('{"alg":"HS256","kid":"abcdef"}');
  expect(payload).toBe('');
  const whole = `${header}.${Buffer.from('text').toString('base64url')}`;
  expect(signature).toBe(createHmac('sha256', 's').update(whole).digest('base64url'));
});

describe('cluster-info', () => {
  const info = (data: Record<string, string>): ConfigMap => ({ metadata: { name: 'cluster-info' }, data });
  const keys = (map: ConfigMap, ...secrets: Secret[]) => {
    const data = planSignatures(map, secrets, now);
    return data && Object.keys(data);
  };
  const signed = planSignatures(info({ kubeconfig: 'k' }), [secret()], now)!;

  test('is signed with every token that is for it', () => {
    expect(Object.keys(signed)).toEqual(['kubeconfig', 'jws-kubeconfig-abcdef']);
    expect(planSignatures(info(signed), [secret()], now)).toBeUndefined();
  });

  test.each<[string, Secret]>([
    ['of another use', secret({ 'usage-bootstrap-signing': 'false' })],
    ['that has expired', secret({ expiration: '2026-01-01T00:00:00Z' })],
    ['whose name does not say its id', secret({}, 'bootstrap-token-fedcba')],
    ['of another type', secret({}, 'bootstrap-token-abcdef', 'Opaque')],
  ])('is not signed with a token %s, and an old signature goes', (_, token) => {
    expect(keys(info({ kubeconfig: 'k' }), token)).toBeUndefined();
    expect(keys(info(signed), token)).toEqual(['kubeconfig']);
  });

  test('is signed anew when it changes, and other keys stay', () => {
    const changed = planSignatures(info({ ...signed, kubeconfig: 'other', note: 'mine' }), [secret()], now)!;
    expect(changed).toMatchObject({ kubeconfig: 'other', note: 'mine' });
    expect(changed['jws-kubeconfig-abcdef']).not.toBe(signed['jws-kubeconfig-abcdef']);
  });

  test('without a kubeconfig is left alone', () => {
    expect(keys(info({ note: 'mine' }), secret())).toBeUndefined();
  });
});

test.each<[string, Secret, number | undefined]>([
  ['for ever', secret(), undefined],
  ['until its time', secret({ expiration: '2026-01-01T00:00:01.500Z' }), now + 1500],
  ['no longer than its time', secret({ expiration: '2025-12-31T23:00:00-01:00' }), now],
  ['not at all when its time cannot be read', secret({ expiration: 'soon' }), Number.NEGATIVE_INFINITY],
  ['for ever when it is something else', secret({ expiration: 'soon' }, 'x', 'Opaque'), undefined],
])('a token stays %s', (_, token, expected) => {
  expect(expiryOf(token)).toBe(expected);
});

test.each<[string, string[] | undefined]>([
  ['', ['system:bootstrappers']],
  [
    'system:bootstrappers:b,system:bootstrappers:a:b',
    ['system:bootstrappers', 'system:bootstrappers:a:b', 'system:bootstrappers:b'],
  ],
  ['system:masters', undefined],
  ['system:bootstrappers:', undefined],
])('the extra groups %j give %j', (text, expected) => {
  expect(groupsOf(secret({ 'auth-extra-groups': text }))).toEqual(expected);
});

test('what is no token is none', () => {
  expect(parseBootstrapToken('abcdef.0123456789abcdef')).toEqual({ id: 'abcdef', secret: '0123456789abcdef' });
  expect(parseBootstrapToken('abcdef.0123456789abcdeF')).toBeUndefined();
  expect(parseBootstrapToken('abcdef0123456789abcdef')).toBeUndefined();
  expect(tokenOf(secret({ 'token-secret': '' }))).toBeUndefined();
});
