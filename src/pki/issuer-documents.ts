import type { KeyObject } from 'node:crypto';
import { keyId, publicKeyOf } from './keys.ts';

/** One public key of a JSON Web Key Set. */
export interface JsonWebKey {
  readonly use: 'sig';
  readonly kty: string;
  readonly kid: string;
  readonly alg: 'ES256';
  readonly crv: string;
  readonly x: string;
  readonly y: string;
}

/** Where the API server serves the two documents, and as what. */
export const issuerPaths = {
  configuration: { path: '/.well-known/openid-configuration', contentType: 'application/json' },
  keys: { path: '/openid/v1/jwks', contentType: 'application/jwk-set+json' },
} as const;

/** `/openid/v1/jwks`: the keys anyone may check service account tokens with. */
export function keySet(keys: readonly KeyObject[]): { keys: readonly JsonWebKey[] } {
  return {
    keys: keys.map((key) => {
      const { kty, crv, x, y } = publicKeyOf(key).export({ format: 'jwk' }) as Record<string, string>;
      return { use: 'sig', kty: kty!, kid: keyId(key), alg: 'ES256', crv: crv!, x: x!, y: y! };
    }),
  };
}

/** `/.well-known/openid-configuration`. `keysUri` is the address of the key set as outsiders reach it. */
export function issuerConfiguration(issuer: string, keysUri: string): object {
  return {
    issuer,
    jwks_uri: keysUri,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  };
}
