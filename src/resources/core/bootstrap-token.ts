import type { Secret } from '../../api/types/core-v1.gen.ts';

/** Secrets that say by which token a new node may join. Source: k8s.io/cluster-bootstrap. */

export const bootstrapTokenType = 'bootstrap.kubernetes.io/token';
/** The namespace of all bootstrap tokens. */
export const bootstrapNamespace = 'kube-system';
export const bootstrapSecretPrefix = 'bootstrap-token-';

const namePattern = /^bootstrap-token-([a-z0-9]{6})$/;
const tokenPattern = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const groupPattern = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;
const everyones = 'system:bootstrappers';

/** The two halves of a token: the one that names its Secret, and the one that nobody else knows. */
export interface BootstrapToken {
  readonly id: string;
  readonly secret: string;
}

/** Takes "abcdef.0123456789abcdef" apart; undefined for what is no bootstrap token. */
export function parseBootstrapToken(text: string): BootstrapToken | undefined {
  const match = tokenPattern.exec(text);
  return match ? { id: match[1]!, secret: match[2]! } : undefined;
}

/** One of a Secret's values as text; "" when there is none. */
const textOf = ({ data }: Secret, key: string): string => Buffer.from(data?.[key] ?? '', 'base64').toString();

/** The token a Secret holds; undefined when it is no such Secret, or does not say what its name says. */
export function tokenOf(object: Secret): BootstrapToken | undefined {
  const id = namePattern.exec(object.metadata.name ?? '')?.[1];
  const secret = textOf(object, 'token-secret');
  if (object.type !== bootstrapTokenType || !id || textOf(object, 'token-id') !== id || secret === '') return undefined;
  return { id, secret };
}

/** Whether the token may be used so: `authentication` as a bearer token, `signing` to sign what joining nodes are told. */
export const isFor = (object: Secret, usage: 'authentication' | 'signing'): boolean =>
  textOf(object, `usage-bootstrap-${usage}`) === 'true';

/**
 * When the token is not good any more, wall milliseconds; long ago for a time that cannot be read; undefined for one that
 * is good for ever.
 */
export function tokenExpiry(object: Secret): number | undefined {
  const text = textOf(object, 'expiration');
  if (text === '') return undefined;
  const at = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? Number.NEGATIVE_INFINITY : at;
}

export const hasExpired = (object: Secret, now: number): boolean => (tokenExpiry(object) ?? now + 1) <= now;

/** The groups of who shows the token; undefined when one of those it names is not for bootstrap tokens. */
export function groupsOf(object: Secret): string[] | undefined {
  const text = textOf(object, 'auth-extra-groups');
  const extra = text === '' ? [] : text.split(',');
  if (!extra.every((group) => groupPattern.test(group))) return undefined;
  return [...new Set([everyones, ...extra])].sort();
}
