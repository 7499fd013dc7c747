import type { KeyObject } from 'node:crypto';
import { type BoundObject, serviceAccountUser, signToken } from './tokens.ts';

/** Tokens that live in a Secret and never expire. Source: pkg/serviceaccount/legacy.go. */

export const legacyIssuer = 'kubernetes/serviceaccount';

const claim = (name: string): string => `kubernetes.io/serviceaccount/${name}`;

/** What such a token says. */
export interface LegacyToken {
  readonly namespace: string;
  readonly account: BoundObject;
  /** The name of the Secret that it is in. */
  readonly secret: string;
}

export function signLegacyToken({ namespace, account, secret }: LegacyToken, key: KeyObject): Promise<string> {
  const claims = {
    iss: legacyIssuer,
    [claim('namespace')]: namespace,
    [claim('secret.name')]: secret,
    [claim('service-account.name')]: account.name,
    [claim('service-account.uid')]: account.uid,
    sub: serviceAccountUser(namespace, account.name),
  };
  return signToken(claims, key);
}

/** Reads the claims of a token whose signature was good; undefined for one that is not whole. */
export function readLegacyToken(claims: unknown): LegacyToken | undefined {
  if (typeof claims !== 'object' || claims === null) return undefined;
  const all = claims as Record<string, unknown>;
  const names = ['namespace', 'service-account.name', 'service-account.uid', 'secret.name'];
  const [namespace, name, uid, secret] = names.map((text) => all[claim(text)]);
  if (!isText(namespace) || !isText(name) || !isText(uid) || !isText(secret)) return undefined;
  if (all['iss'] !== legacyIssuer || all['sub'] !== serviceAccountUser(namespace, name)) return undefined;
  return { namespace, account: { name, uid }, secret };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
