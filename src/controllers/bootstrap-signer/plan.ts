import { createHmac } from 'node:crypto';
import type { ConfigMap, Secret } from '../../api/types/core-v1.gen.ts';
import { type BootstrapToken, hasExpired, isFor, tokenOf } from '../../resources/core/bootstrap-token.ts';

const prefix = 'jws-kubeconfig-';

const base64url = (text: string): string => Buffer.from(text).toString('base64url');

/**
 * The signature of a text by who knows a token, as a JWS whose payload is left out: RFC 7515, appendix F.
 * Source: k8s.io/cluster-bootstrap/token/jws, ComputeDetachedSignature.
 */
export function detachedSignature(text: string, { id, secret }: BootstrapToken): string {
  const header = base64url(JSON.stringify({ alg: 'HS256', kid: id }));
  const signature = createHmac('sha256', secret)
    .update(`${header}.${base64url(text)}`)
    .digest('base64url');
  return `${header}..${signature}`;
}

/** What `cluster-info` should hold: its kubeconfig with a signature for each token; undefined when it does already. */
export function planSignatures(
  info: ConfigMap,
  secrets: Iterable<Secret>,
  now: number,
): Record<string, string> | undefined {
  const text = info.data?.['kubeconfig'];
  if (text === undefined) return undefined;
  const data: Record<string, string> = {};
  for (const [key, value] of Object.entries(info.data ?? {})) if (!key.startsWith(prefix)) data[key] = value;
  for (const secret of secrets) {
    const token = tokenOf(secret);
    if (!token || hasExpired(secret, now) || !isFor(secret, 'signing')) continue;
    data[`${prefix}${token.id}`] = detachedSignature(text, token);
  }
  const before = info.data ?? {};
  const keys = Object.keys(data);
  const same = keys.length === Object.keys(before).length && keys.every((key) => data[key] === before[key]);
  return same ? undefined : data;
}
