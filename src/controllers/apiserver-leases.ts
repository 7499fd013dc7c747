import { createHash } from 'node:crypto';
import type { Lease } from '../api/types/coordination-v1.gen.ts';

/** Leases by which API servers are known. Source: pkg/controlplane and apiserver `server.NewConfig`. */

export const identityLabel = 'apiserver.kubernetes.io/identity';
export const kubeApiServer = 'kube-apiserver';
export const identityNamespace = 'kube-system';

/** An API server as its lease and the StorageVersions know it. */
export interface ApiServerIdentity {
  /** "apiserver-" and a hash, the same on a machine however often it starts. */
  readonly id: string;
  readonly hostname: string;
}

const lengthPrefixed = (text: string): Buffer => {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** Base32 without padding, in lower case. */
function base32(bytes: Uint8Array): string {
  let bits = '';
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => alphabet[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
}

export function apiServerIdentity(hostname: string): ApiServerIdentity {
  const hash = createHash('sha256').update(lengthPrefixed(hostname)).update(lengthPrefixed(kubeApiServer)).digest();
  return { id: `apiserver-${base32(hash.subarray(0, 16))}`, hostname };
}

/** Whether a lease says that a kube-apiserver is there. */
export const isIdentityLease = ({ metadata }: Lease): boolean =>
  metadata.namespace === identityNamespace && metadata.labels?.[identityLabel] === kubeApiServer;

/** When an identity lease ends, in wall milliseconds: at once if it does not say. */
export function endOfLease({ spec }: Lease): number {
  const { renewTime, leaseDurationSeconds } = spec ?? {};
  if (!renewTime || leaseDurationSeconds === undefined) return Number.NEGATIVE_INFINITY;
  return Date.parse(renewTime) + leaseDurationSeconds * 1000;
}
