import type { ErrorList } from '../../api/field-errors.ts';
import { dns1123SubdomainErrors, qualifiedNameErrors } from '../../api/names.ts';
import { annotationsLimit } from '../../api/object-meta.ts';
import type { PodCertificateRequest, PodCertificateRequestSpec } from '../../api/types/certificates-v1beta1.gen.ts';
import { signatureProblem } from '../../pki/pem-checks.ts';
import { named, unchanged } from '../rules/check.ts';
import { signerName } from '../rules/signer-name.ts';
import { specPath } from '../rules/workloads.ts';
import { bytesOf, isSignedBy, keyProblem, subjectKey } from './pod-certificate-key.ts';

/** Rules of PodCertificateRequests. Source: certificates/validation. */

const maxUid = 128;
const hour = 3600;
/** Seconds: of Kubernetes' own signers, and of others. */
const maxLifetimes = { own: 24 * hour, others: 91 * 24 * hour };
const maxBytes = 10 * 1024;

const at = (field: keyof PodCertificateRequestSpec) => specPath.child(field);

export function validateNewPodRequest({ spec }: PodCertificateRequest, errors: ErrorList): void {
  signerName(errors, at('signerName'), spec.signerName);
  userAnnotations(errors, spec.unverifiedUserAnnotations);
  for (const [name, uid] of [
    ['podName', 'podUID'],
    ['serviceAccountName', 'serviceAccountUID'],
    ['nodeName', 'nodeUID'],
  ] as const) {
    named(errors, at(name), spec[name] ?? '', dns1123SubdomainErrors);
    if (!spec[uid]) errors.invalid(at(uid), spec[uid] ?? '', 'must not be empty');
    else if (spec[uid].length > maxUid) errors.tooLong(at(uid), maxUid);
  }
  const seconds = spec.maxExpirationSeconds;
  if (seconds === undefined) {
    errors.required(at('maxExpirationSeconds'), 'must be set');
    return;
  }
  const isOwn = (spec.signerName ?? '').split('/')[0]!.endsWith('kubernetes.io');
  const most = isOwn ? maxLifetimes.own : maxLifetimes.others;
  if (seconds < hour || seconds > most)
    errors.invalid(at('maxExpirationSeconds'), seconds, `must be in the range [${hour}, ${most}]`);
  validateKey(errors, spec);
}

export function validatePodRequestUpdate(
  { spec }: PodCertificateRequest,
  old: PodCertificateRequest,
  errors: ErrorList,
): void {
  unchanged(errors, specPath, spec, old.spec);
}

/** As those of an object; and each key is of somebody's domain. */
function userAnnotations(errors: ErrorList, annotations: Readonly<Record<string, string>> | undefined): void {
  const path = at('unverifiedUserAnnotations');
  let size = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    named(errors, path, key.toLowerCase(), qualifiedNameErrors);
    if (!key.includes('/')) errors.invalid(path, key, 'keys must be domain-prefixed (e.g. "acme.io/foo")');
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (size > annotationsLimit) errors.tooLong(path, annotationsLimit);
}

/** The key, and the proof that who asks has its private half. */
function validateKey(errors: ErrorList, spec: PodCertificateRequestSpec): void {
  const stub = spec.stubPKCS10Request ? ('stubPKCS10Request' as const) : undefined;
  const given = stub ?? 'pkixPublicKey';
  for (const field of [given, 'proofOfPossession'] as const) {
    if (bytesOf(spec[field]).length <= maxBytes) continue;
    errors.tooLong(at(field), maxBytes);
    return;
  }
  if (stub)
    for (const field of ['pkixPublicKey', 'proofOfPossession'] as const)
      if (spec[field]) errors.forbidden(at(field), 'must be empty when `stubPKCS10Request` is set');
  const key = subjectKey(spec);
  if (!key) {
    const problem = stub ? 'must be a valid PKCS#10 request' : 'must be a valid PKIX-serialized public key';
    errors.invalid(at(given), spec[given], problem);
    return;
  }
  const problem = keyProblem(key, spec[given]);
  if (problem) errors.invalid(at(given), problem[0], problem[1]);
  else if (stub) {
    const unsigned = signatureProblem(bytesOf(spec.stubPKCS10Request));
    if (unsigned) errors.invalid(at(stub), spec[stub], unsigned);
  } else if (!isSignedBy(key, spec.podUID ?? '', bytesOf(spec.proofOfPossession)))
    errors.invalidTogether(at('proofOfPossession'), 'could not verify proof-of-possession signature');
}
