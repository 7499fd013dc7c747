import { X509Certificate } from 'node:crypto';
import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { nameIsSubdomain } from '../../api/names.ts';
import type { ClusterTrustBundle } from '../../api/types/certificates-v1beta1.gen.ts';
import { type PemBlock, pemBlocks } from '../../pki/pem.ts';
import { unchanged } from '../rules/check.ts';
import { signerName } from '../rules/signer-name.ts';
import { specPath } from '../rules/workloads.ts';

/** Rules of ClusterTrustBundles. Source: certificates/validation. */

const maxSize = 1024 * 1024;
const bundlePath = specPath.child('trustBundle');
/** The bundle is too large to show. */
const omitted = '<value omitted>';

/** What the name of a signer's bundle begins with. */
export const bundlePrefix = (signer: string): string => `${signer.replaceAll('/', ':')}:`;

export function validateBundle(
  { metadata, spec }: ClusterTrustBundle,
  errors: ErrorList,
  old?: ClusterTrustBundle,
): void {
  const { signerName: signer = '', trustBundle } = spec;
  for (const problem of nameErrors(metadata.name ?? '', signer))
    errors.invalid(FieldPath.of('metadata', 'name'), metadata.name, problem);
  if (signer) signerName(errors, specPath.child('signerName'), signer);
  if (trustBundle !== old?.spec.trustBundle) validateAnchors(errors, trustBundle ?? '');
}

export function validateBundleUpdate({ spec }: ClusterTrustBundle, old: ClusterTrustBundle, errors: ErrorList): void {
  unchanged(errors, specPath.child('signerName'), spec.signerName ?? '', old.spec.signerName ?? '');
}

function nameErrors(name: string, signer: string): string[] {
  if (signer === '') {
    return name.includes(':')
      ? ['ClusterTrustBundle without signer name must not have ":" in its name']
      : nameIsSubdomain(name, false);
  }
  const prefix = bundlePrefix(signer);
  return name.startsWith(prefix)
    ? nameIsSubdomain(name.slice(prefix.length), false)
    : [`ClusterTrustBundle for signerName ${signer} must be named with prefix ${prefix}`];
}

function validateAnchors(errors: ErrorList, bundle: string): void {
  if (Buffer.byteLength(bundle) > maxSize) {
    errors.tooLong(bundlePath, maxSize);
    return;
  }
  const blocks = pemBlocks(bundle);
  const problems = blocks.flatMap((block, i) => {
    const problem = anchorProblem(block);
    return problem ? [`entry ${i} ${problem}`] : [];
  });
  if (problems.length === 0 && blocks.length === 0) problems.push('at least one trust anchor must be provided');
  if (problems.length === 0) problems.push(...duplicates(blocks));
  for (const problem of problems) errors.invalid(bundlePath, omitted, problem);
}

function anchorProblem({ type, hasHeaders, der }: PemBlock): string | undefined {
  if (type !== 'CERTIFICATE') return `has bad block type: ${type}`;
  if (hasHeaders) return 'has PEM block headers';
  try {
    return new X509Certificate(der).ca ? undefined : 'does not have the CA bit set';
  } catch {
    return 'does not parse as X.509';
  }
}

function duplicates(blocks: readonly PemBlock[]): string[] {
  const places = new Map<string, number[]>();
  for (const [i, { der }] of blocks.entries()) {
    const key = der.toString('latin1');
    places.set(key, [...(places.get(key) ?? []), i]);
  }
  return [...places.values()]
    .filter((indices) => indices.length > 1)
    .map((indices) => `duplicate trust anchor (indices [${indices.join(' ')}])`);
}
