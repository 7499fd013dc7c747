import type { CertificateSigningRequest } from '../../api/types/certificates-v1.gen.ts';
import type { Lifetime } from '../../pki/certificate-spec.ts';
import type { DecodedRequest } from '../../pki/signing-requests.ts';
import {
  hasCondition,
  kubeletClientProblem,
  kubeletClientSigner,
  kubeletServingProblem,
} from '../certificate-requests.ts';

/** Which requests are signed, and for how long. Source: pkg/controller/certificates/signer and authority. */

type Problem = (request: DecodedRequest, usages: readonly string[]) => string | undefined;

/** The signers of the cluster itself, each with what it refuses. */
const signers: Readonly<Record<string, Problem>> = {
  'kubernetes.io/kube-apiserver-client': clientProblem,
  [kubeletClientSigner]: kubeletClientProblem,
  'kubernetes.io/kubelet-serving': kubeletServingProblem,
  // Kept for old requests as it always was: without rules.
  'kubernetes.io/legacy-unknown': () => undefined,
};

/** Upstream refuses administrators in admission (CertificateSubjectRestriction); here nobody can sign himself one either. */
function clientProblem({ subject }: DecodedRequest, usages: readonly string[]): string | undefined {
  if (subject.organizations?.includes('system:masters')) {
    return 'use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed';
  }
  const allowed = ['digital signature', 'key encipherment', 'client auth'];
  const wrong = usages.find((usage) => !allowed.includes(usage));
  if (wrong !== undefined) return `invalid usage for client certificate: ${wrong}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

/** Whether a request waits for one of the cluster's signers. */
export const awaitsSigning = (csr: CertificateSigningRequest): boolean =>
  Object.hasOwn(signers, csr.spec.signerName) &&
  !csr.status?.certificate &&
  hasCondition(csr, 'Approved') &&
  !hasCondition(csr, 'Denied') &&
  !hasCondition(csr, 'Failed');

/** Why its signer refuses a request, undefined when it does not. */
export const signerProblem = ({ spec }: CertificateSigningRequest, request: DecodedRequest): string | undefined =>
  signers[spec.signerName]!(request, spec.usages ?? []);

const minute = 60_000;
const hour = 60 * minute;
/** --cluster-signing-duration: the longest, and what is given where nothing is asked for. */
const longest = 365 * 24 * hour;
const shortest = 10 * minute;
/** Clients' clocks may lag a little behind. */
const backdating = 5 * minute;
/** Certificates that hold for less than this last as long as asked from now on; longer ones from their backdated begin. */
const short = 8 * hour;

/**
 * When the certificate is to be valid, never beyond `authorityEnd`, the end of the authority's own (all in milliseconds).
 * Throws when that has come.
 */
export function lifetimeOf(expirationSeconds: number | undefined, authorityEnd: number, now: number): Lifetime {
  if (now >= authorityEnd) throw new Error('refusing to sign a certificate that expired in the past');
  const asked = expirationSeconds === undefined ? longest : expirationSeconds * 1000;
  const lasting = Math.min(longest, Math.max(shortest, asked));
  const end = now + lasting - (lasting < short ? 0 : backdating);
  return { notBefore: now - backdating, notAfter: Math.min(end, authorityEnd) };
}
