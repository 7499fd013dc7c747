import { X509Certificate } from 'node:crypto';
import type { CertificateSigningRequest } from '../../api/types/certificates-v1.gen.ts';

const hour = 3600_000;
/** How long a request is kept that has been decided: issued, denied or failed. */
const settledFor = hour;
/** How long a request is kept that nobody has looked at. */
const pendingFor = 24 * hour;

/**
 * When a request has served its time, in wall milliseconds; undefined while that is open, as it is for one that was
 * approved and waits for its signer. Source: pkg/controller/certificates/cleaner.
 */
export function expiryOf({ metadata, status }: CertificateSigningRequest): number | undefined {
  const { conditions = [], certificate } = status ?? {};
  const times = conditions.flatMap(({ type, lastUpdateTime }) => {
    if (type === 'Approved' && !certificate) return [];
    const settled = ['Approved', 'Denied', 'Failed'].includes(type);
    return settled && lastUpdateTime ? [Date.parse(lastUpdateTime) + settledFor] : [];
  });
  if (conditions.length === 0) times.push(Date.parse(metadata.creationTimestamp ?? '') + pendingFor);
  if (certificate && conditions.some(({ type }) => type === 'Approved')) times.push(endOf(certificate));
  const known = times.filter((time) => !Number.isNaN(time));
  return known.length > 0 ? Math.min(...known) : undefined;
}

/** When the first of the issued certificates ends; NaN when it cannot be read. */
function endOf(certificate: string): number {
  try {
    return new X509Certificate(Buffer.from(certificate, 'base64')).validToDate.getTime();
  } catch {
    return Number.NaN;
  }
}
