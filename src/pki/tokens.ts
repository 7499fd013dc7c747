import type { KeyObject } from 'node:crypto';
import { CompactSign, compactVerify, decodeJwt } from 'jose';
import { keyId, publicKeyOf } from './keys.ts';

/** An object a token is bound to. */
export interface BoundObject {
  readonly name: string;
  readonly uid: string;
}

/** The node of a pod, which may be gone: then only its name is known. */
export interface BoundNode {
  readonly name: string;
  readonly uid?: string;
}

/** The `kubernetes.io` claim of a service account token. */
export interface KubernetesClaim {
  readonly namespace: string;
  readonly serviceaccount: BoundObject;
  readonly pod?: BoundObject;
  readonly secret?: BoundObject;
  readonly node?: BoundNode;
  /** Seconds since the epoch after which use of the token is worth a warning. */
  readonly warnafter?: number;
}

/** The claims of a service account token, times in seconds since the epoch. */
export interface TokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: readonly string[];
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
  readonly jti: string;
  readonly 'kubernetes.io': KubernetesClaim;
}

/** What a new token is to say. */
export interface TokenRequest {
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly expirationSeconds: number;
  /** After so many seconds the client should have taken a new one. */
  readonly warnAfterSeconds?: number;
  /** The token's own id. */
  readonly id: string;
  readonly namespace: string;
  readonly serviceAccount: BoundObject;
  readonly pod?: BoundObject;
  readonly secret?: BoundObject;
  readonly node?: BoundNode;
}

/** Why a token was not accepted. Clients only learn that they are unauthorized. */
export class TokenError extends Error {}

/** Disagreement between clocks that is forgiven, in seconds; kube-apiserver's. */
const leeway = 60;
/** A token of ours is below 2 KiB; a longer one is not worth decoding. */
const maxTokenLength = 16 * 1024;

/** The user a service account acts as. */
export const serviceAccountUser = (namespace: string, name: string): string =>
  `system:serviceaccount:${namespace}:${name}`;

/** The claims kube-apiserver would put into a token for `request`. */
export function tokenClaims(request: TokenRequest): TokenClaims {
  const now = Math.floor(request.now / 1000);
  return {
    aud: request.audiences,
    exp: now + request.expirationSeconds,
    iat: now,
    iss: request.issuer,
    jti: request.id,
    'kubernetes.io': {
      namespace: request.namespace,
      ...(request.node && { node: request.node }),
      ...(request.pod && { pod: request.pod }),
      ...(request.secret && { secret: request.secret }),
      serviceaccount: request.serviceAccount,
      ...(request.warnAfterSeconds !== undefined && { warnafter: now + request.warnAfterSeconds }),
    },
    nbf: now,
    sub: serviceAccountUser(request.namespace, request.serviceAccount.name),
  };
}

/** Signs claims as a compact ES256 JSON Web Token. */
export function signToken(claims: object, key: KeyObject): Promise<string> {
  return new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'ES256', kid: keyId(key) })
    .sign(key);
}

const compactForm = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The public keys tokens may be signed with, by key id; several while keys are being changed. */
export class TokenVerifier {
  readonly #keys = new Map<string, KeyObject>();
  readonly #issuers: ReadonlySet<string>;

  constructor(keys: readonly KeyObject[], issuers: readonly string[]) {
    for (const key of keys) this.#keys.set(keyId(key), publicKeyOf(key));
    this.#issuers = new Set(issuers);
  }

  /** Whether a bearer token claims to come from one of our issuers; others are another authenticator's. */
  isOurs(token: string): boolean {
    if (token.length > maxTokenLength) return false;
    try {
      return this.#issuers.has(decodeJwt(token).iss as string);
    } catch {
      return false;
    }
  }

  /** The claims of a valid token. `now` is in milliseconds; one of `audiences` must be among the token's. Rejects with `TokenError`. */
  async verify(token: string, now: number, audiences: readonly string[]): Promise<TokenClaims> {
    return this.#checkClaims(await this.claims(token), Math.floor(now / 1000), audiences);
  }

  /** Whatever a token says whose signature is good. Rejects with `TokenError`. */
  async claims(token: string): Promise<unknown> {
    if (token.length > maxTokenLength) throw new TokenError('token too long');
    // The library forgives padding; a token has one spelling only.
    if (!compactForm.test(token)) throw new TokenError('not a signed token');
    const payload = await this.#signedPayload(token);
    try {
      return JSON.parse(Buffer.from(payload).toString('utf8'));
    } catch {
      throw new TokenError('invalid encoding');
    }
  }

  /** The algorithm is ours to choose: a header that names another one is a forgery, whatever it names. */
  async #signedPayload(token: string): Promise<Uint8Array> {
    const keyOf = (header: { kid?: string }) => {
      const key = this.#keys.get(header.kid ?? '');
      if (!key) throw new TokenError('unknown key');
      return key;
    };
    try {
      const { payload } = await compactVerify(token, keyOf, { algorithms: ['ES256'] });
      return payload;
    } catch (error) {
      if (error instanceof TokenError) throw error;
      throw new TokenError(problems[(error as { code?: string }).code ?? ''] ?? 'invalid token', { cause: error });
    }
  }

  #checkClaims(value: unknown, now: number, audiences: readonly string[]): TokenClaims {
    const claims = shapeOf(value);
    if (!claims) throw new TokenError('not a service account token');
    if (!this.#issuers.has(claims.iss)) throw new TokenError('unknown issuer');
    if (!claims.aud.some((audience) => audiences.includes(audience))) throw new TokenError('invalid audience');
    if (now - leeway >= claims.exp) throw new TokenError('service account token has expired');
    if (now + leeway < claims.nbf) throw new TokenError('service account token is not valid yet');
    const { namespace, serviceaccount } = claims['kubernetes.io'];
    if (claims.sub !== serviceAccountUser(namespace, serviceaccount.name)) throw new TokenError('invalid subject');
    return claims;
  }
}

/** What the library's findings are called here. */
const problems: Readonly<Record<string, string>> = {
  ERR_JWS_INVALID: 'not a signed token',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'invalid signature',
  ERR_JOSE_ALG_NOT_ALLOWED: 'unexpected signature algorithm',
  ERR_JOSE_NOT_SUPPORTED: 'unsupported header',
};

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isBound = (value: unknown): boolean => isObject(value) && isText(value['name']) && isText(value['uid']);

const isNode = (value: unknown): boolean =>
  isObject(value) && isText(value['name']) && (value['uid'] === undefined || isText(value['uid']));

function shapeOf(value: unknown): TokenClaims | undefined {
  if (!isObject(value)) return undefined;
  const claim = value['kubernetes.io'];
  const aud = typeof value['aud'] === 'string' ? [value['aud']] : value['aud'];
  const well =
    isText(value['iss']) &&
    isText(value['sub']) &&
    [value['exp'], value['nbf'], value['iat']].every((n) => Number.isSafeInteger(n)) &&
    Array.isArray(aud) &&
    aud.every(isText) &&
    isObject(claim) &&
    isText(claim['namespace']) &&
    isBound(claim['serviceaccount']) &&
    ['pod', 'secret'].every((bound) => claim[bound] === undefined || isBound(claim[bound])) &&
    (claim['node'] === undefined || isNode(claim['node']));
  return well ? ({ ...value, aud } as unknown as TokenClaims) : undefined;
}
