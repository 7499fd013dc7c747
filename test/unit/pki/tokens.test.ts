import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { issuerConfiguration, keySet } from '../../../src/pki/issuer-documents.ts';
import { generateKey, keyId, publicKeyDer } from '../../../src/pki/keys.ts';
import { signToken, type TokenClaims, TokenVerifier, tokenClaims } from '../../../src/pki/tokens.ts';

const issuer = 'https://kubernetes.default.svc.cluster.local';
const key = generateKey();
const now = Date.UTC(2026, 5, 1);
const request = {
  issuer,
  audiences: [issuer],
  now,
  expirationSeconds: 3600,
  warnAfterSeconds: 3000,
  id: '11111111-2222-4333-8444-555555555555',
  namespace: 'ns',
  serviceAccount: { name: 'builder', uid: 'sa-uid' },
  pod: { name: 'web-0', uid: 'pod-uid' },
  node: { name: 'node-1', uid: 'node-uid' },
};
const claims = tokenClaims(request);
const token = await signToken(claims, key);
const verifier = new TokenVerifier([key], [issuer]);
const seconds = now / 1000;

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** A token with any header and claims, signed with `by`. */
const forge = (header: object, body: object, by = key) => {
  const text = `${part(header)}.${part(body)}`;
  return `${text}.${sign('sha256', Buffer.from(text), { key: by, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
};
const head = { alg: 'ES256', kid: keyId(key) };

describe('service account tokens', () => {
  test('carry the claims of kube-apiserver', async () => {
    expect(await verifier.verify(token, now, [issuer])).toEqual({
      iss: issuer,
      sub: 'system:serviceaccount:ns:builder',
      aud: [issuer],
      iat: seconds,
      nbf: seconds,
      exp: seconds + 3600,
      jti: request.id,
      'kubernetes.io': {
        namespace: 'ns',
        serviceaccount: { name: 'builder', uid: 'sa-uid' },
        pod: { name: 'web-0', uid: 'pod-uid' },
        node: { name: 'node-1', uid: 'node-uid' },
        warnafter: seconds + 3000,
      },
    });
  });

  test('verify with the published key set in another implementation', async () => {
    const { payload } = await jwtVerify(token, createLocalJWKSet(keySet([key]) as never), {
      issuer,
      audience: issuer,
      currentDate: new Date(now),
    });
    expect(payload.sub).toBe('system:serviceaccount:ns:builder');
    expect(issuerConfiguration(issuer, `${issuer}/openid/v1/jwks`)).toMatchObject({
      issuer,
      jwks_uri: `${issuer}/openid/v1/jwks`,
      id_token_signing_alg_values_supported: ['ES256'],
    });
  });

  test('are still good when the key has been changed but the old one is kept', async () => {
    const changed = new TokenVerifier([generateKey(), key], [issuer]);
    expect((await changed.verify(token, now, [issuer])).jti).toBe(request.id);
  });

  const [header, payload, signature] = token.split('.') as [string, string, string];
  const stranger = generateKey();
  const without = ({ exp: _exp, ...rest }: TokenClaims) => rest;
  const hmacBody = `${part({ alg: 'HS256', kid: keyId(key) })}.${payload}`;
  const publicPem = createPublicKey(key).export({ type: 'spki', format: 'pem' });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const rsaBody = `${part({ alg: 'RS256', kid: keyId(key) })}.${payload}`;
  const flipped = Buffer.from(signature, 'base64url');
  flipped[10]! ^= 1;

  test.each<[string, string]>([
    ['no signature', `${header}.${payload}.`],
    ['a missing part', `${header}.${payload}`],
    ['a fourth part', `${token}.x`],
    ['alg none', `${part({ alg: 'none' })}.${payload}.`],
    ['alg none and the old signature', `${part({ alg: 'none', kid: keyId(key) })}.${payload}.${signature}`],
    [
      'an HMAC keyed with our public key',
      `${hmacBody}.${createHmac('sha256', publicPem).update(hmacBody).digest('base64url')}`,
    ],
    [
      'an HMAC keyed with its DER',
      `${hmacBody}.${createHmac('sha256', publicKeyDer(key)).update(hmacBody).digest('base64url')}`,
    ],
    ['an RSA signature', `${rsaBody}.${sign('sha256', Buffer.from(rsaBody), rsa).toString('base64url')}`],
    ['a flipped bit in the signature', `${header}.${payload}.${flipped.toString('base64url')}`],
    ['an all-zero signature', `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`],
    [
      'a DER signature',
      `${header}.${payload}.${sign('sha256', Buffer.from(`${header}.${payload}`), key).toString('base64url')}`,
    ],
    ['padding in the signature', `${token}==`],
    [
      'other claims under the old signature',
      `${header}.${part({ ...claims, sub: 'system:serviceaccount:kube-system:x' })}.${signature}`,
    ],
    ['a stranger’s signature under our key id', forge(head, claims, stranger)],
    ['a stranger’s key id', forge({ alg: 'ES256', kid: keyId(stranger) }, claims, stranger)],
    [
      'a key of its own in the header',
      forge({ alg: 'ES256', jwk: stranger.export({ format: 'jwk' }) }, claims, stranger),
    ],
    ['no key id', forge({ alg: 'ES256' }, claims)],
    ['a critical extension', forge({ ...head, crit: ['b64'], b64: false }, claims)],
    ['another issuer', forge(head, { ...claims, iss: 'https://elsewhere' })],
    ['another audience', forge(head, { ...claims, aud: ['vault'] })],
    ['no audience', forge(head, { ...claims, aud: [] })],
    ['no expiry', forge(head, without(claims))],
    ['an expiry in words', forge(head, { ...claims, exp: 'tomorrow' })],
    ['another subject', forge(head, { ...claims, sub: 'system:serviceaccount:ns:admin' })],
    ['no Kubernetes claim', forge(head, { ...claims, 'kubernetes.io': undefined })],
    ['a past expiry', forge(head, { ...claims, exp: seconds - 61 })],
    ['a future start', forge(head, { ...claims, nbf: seconds + 61 })],
    ['claims that are no object', `${header}.${part([1])}.${signature}`],
    ['endless text', `${header}.${'A'.repeat(20_000)}.${signature}`],
  ])('with %s are refused', async (_name, forged) => {
    await expect(verifier.verify(forged, now, [issuer])).rejects.toThrow();
  });

  test('expire to the minute that clocks may differ by', async () => {
    expect((await verifier.verify(token, now + 3600_000, [issuer])).jti).toBe(request.id);
    await expect(verifier.verify(token, now + 3660_000, [issuer])).rejects.toThrow('service account token has expired');
  });

  test('of other issuers are left to other authenticators', () => {
    expect(verifier.isOurs(token)).toBe(true);
    expect(verifier.isOurs(forge(head, { ...claims, iss: 'https://elsewhere' }))).toBe(false);
    expect(verifier.isOurs('abc')).toBe(false);
  });
});
