import { type KeyObject, sign, verify } from 'node:crypto';
import { keyId, publicKeyOf } from './keys.ts';

/** An object a token is bound to. */
export interface BoundObject {
  readonly name: string;
  readonly uid: string;
}

/** The `kubernetes.io` claim of a service account token. */
export interface KubernetesClaim {
  readonly namespace: string;
  readonly serviceaccount: BoundObject;
  readonly pod?: BoundObject;
  readonly secret?: BoundObject;
  readonly node?: BoundObject;
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
  readonly node?: BoundObject;
}

/** Why a token was not accepted. Clients only learn that they are unauthorized. */
export class TokenError extends Error {}

/** Disagreement between clocks that is forgiven, in seconds; kube-apiserver's. */
const leeway = 60;
/** A token of ours is below 2 KiB; a longer one is not worth decoding. */
const maxTokenLength = 16 * 1024;

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

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
export function signToken(claims: TokenClaims, key: KeyObject): string {
  const body = `${encode({ alg: 'ES256', kid: keyId(key) })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(body), { key, dsaEncoding: 'ieee-p1363' });
  return `${body}.${signature.toString('base64url')}`;
}

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
    const payload = token.split('.')[1];
    if (payload === undefined || token.length > maxTokenLength) return false;
    try {
      return this.#issuers.has((decode(payload) as { iss?: unknown }).iss as string);
    } catch {
      return false;
    }
  }

  /** The claims of a valid token. `now` is in milliseconds; one of `audiences` must be among the token's. Throws `TokenError`. */
  verify(token: string, now: number, audiences: readonly string[]): TokenClaims {
    if (token.length > maxTokenLength) throw new TokenError('token too long');
    const parts = token.split('.');
    if (parts.length !== 3) throw new TokenError('not a signed token');
    const [head, payload, signature] = parts as [string, string, string];
    // The algorithm is ours to choose: a header that names another one is a forgery, whatever it names.
    const header = decode(head) as Record<string, unknown>;
    if (header['alg'] !== 'ES256') throw new TokenError('unexpected signature algorithm');
    if ('crit' in header || ('b64' in header && header['b64'] !== true)) throw new TokenError('unsupported header');
    const key = typeof header['kid'] === 'string' ? this.#keys.get(header['kid']) : undefined;
    if (!key) throw new TokenError('unknown key');
    const bytes = canonical(signature);
    const signed = Buffer.from(`${head}.${payload}`);
    if (bytes.length !== 64 || !verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, bytes)) {
      throw new TokenError('invalid signature');
    }
    return this.#checkClaims(decode(payload), Math.floor(now / 1000), audiences);
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

/** Base64url without padding, blanks or other spellings of the same bytes. */
function canonical(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) throw new TokenError('invalid encoding');
  return bytes;
}

function decode(part: string): unknown {
  try {
    const value: unknown = JSON.parse(canonical(part).toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Not JSON: said below.
  }
  throw new TokenError('invalid encoding');
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isBound = (value: unknown): boolean => isObject(value) && isText(value['name']) && isText(value['uid']);

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
    ['pod', 'secret', 'node'].every((bound) => claim[bound] === undefined || isBound(claim[bound]));
  return well ? ({ ...value, aud } as unknown as TokenClaims) : undefined;
}
