import { X509Certificate } from 'node:crypto';
import type { ErrorList } from '../../api/field-errors.ts';
import { sameValue } from '../../api/object-meta.ts';
import type { PodCertificateRequest, PodCertificateRequestStatus } from '../../api/types/certificates-v1beta1.gen.ts';
import { type PemBlock, pemBlocks } from '../../pki/pem.ts';
import type { WriteContext } from '../resource.ts';
import { conditions } from '../rules/conditions.ts';
import { statusPath } from '../rules/workloads.ts';
import { subjectKey } from './pod-certificate-key.ts';

/** What signers may write into PodCertificateRequests: one answer, once. Source: certificates/validation. */

const answers = ['Issued', 'Denied', 'Failed'];
const maxChain = 100 * 1024;
const minute = 60_000;
const hour = 60 * minute;

const at = (field: keyof PodCertificateRequestStatus) => statusPath.child(field);
const chainPath = at('certificateChain');
const answerOf = ({ status }: PodCertificateRequest): string | undefined =>
  status?.conditions?.find(({ type, status: state }) => answers.includes(type) && state === 'True')?.type;

export function validatePodRequestStatus(
  request: PodCertificateRequest,
  old: PodCertificateRequest,
  errors: ErrorList,
  { now }: WriteContext,
): void {
  const status = request.status ?? {};
  validateConditions(errors, status);
  if (!errors.empty) return;
  const answer = answerOf(request);
  if (answerOf(old))
    same(errors, status, old.status, 'immutable after PodCertificateRequest is issued, denied, or failed');
  else if (answer === undefined)
    same(errors, status, old.status, 'status is immutable unless transitioning to "Issued", "Denied", or "Failed"');
  else if (answer !== 'Issued')
    same(
      errors,
      status,
      { conditions: status.conditions },
      'non-condition status fields must be empty when denying or failing the PodCertificateRequest',
    );
  else validateIssued(errors, request, status, now);
}

function validateConditions(errors: ErrorList, { conditions: list = [] }: PodCertificateRequestStatus): void {
  let known = 0;
  for (const [i, { type, status }] of list.entries()) {
    // The dot before the index is upstream's.
    const path = at('conditions').child(`[${i}]`);
    if (!answers.includes(type)) {
      errors.notSupported(path.child('type'), type, answers);
      continue;
    }
    if (++known > 1)
      errors.invalid(
        path.child('type'),
        type,
        'There may be at most one condition with type "Issued", "Denied", or "Failed"',
      );
    if (status !== 'True') errors.notSupported(path.child('status'), status, ['True']);
  }
  conditions(errors, at('conditions'), list);
}

/** Nothing is the same as an empty field. */
const told = (status: Partial<PodCertificateRequestStatus> | undefined) =>
  Object.fromEntries(
    Object.entries(status ?? {}).filter(([, value]) => value !== '' && !(Array.isArray(value) && value.length === 0)),
  );

function same(errors: ErrorList, status: object, wanted: object | undefined, problem: string): void {
  if (!sameValue(told(status), told(wanted))) errors.invalidTogether(statusPath, problem);
}

function validateIssued(
  errors: ErrorList,
  { spec }: PodCertificateRequest,
  status: PodCertificateRequestStatus,
  now: number,
): void {
  const chain = status.certificateChain ?? '';
  if (Buffer.byteLength(chain) > maxChain) {
    errors.tooLong(chainPath, maxChain);
    return;
  }
  const [first, ...others] = pemBlocks(chain);
  const leaf = first && certificateOf(first);
  const problem = leafProblem(first, leaf);
  if (problem) errors.invalid(chainPath, chain, problem);
  if (!leaf || problem) return;
  const key = subjectKey(spec);
  if (key && !key.equals(leaf.publicKey)) {
    errors.invalid(chainPath, chain, 'leaf certificate was not issued to the requested public key');
    return;
  }
  const times = timesOf(errors, status);
  if (!times) return;
  const late = timesProblem(times, leaf, spec.maxExpirationSeconds ?? 0, now);
  if (late) errors.invalid(at(late[0]), late[1], late[2]);
  else
    for (const block of others) {
      const bad = otherProblem(block);
      if (!bad) continue;
      errors.invalid(chainPath, chain, bad);
      return;
    }
}

function certificateOf({ type, der }: PemBlock): X509Certificate | undefined {
  if (type !== 'CERTIFICATE') return undefined;
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

function leafProblem(block: PemBlock | undefined, leaf: X509Certificate | undefined): string | undefined {
  if (!block) return 'issued certificate chain must contain at least one certificate';
  if (block.type !== 'CERTIFICATE') return 'issued certificate chain must consist entirely of CERTIFICATE PEM blocks';
  return leaf ? undefined : 'leaf certificate does not parse as valid X.509';
}

function otherProblem(block: PemBlock): string | undefined {
  if (block.type !== 'CERTIFICATE') return 'issued certificate chain must consist entirely of CERTFICATE PEM blocks';
  return certificateOf(block) ? undefined : 'intermediate certificate does not parse as valid X.509';
}

interface Times {
  readonly notBefore: number;
  readonly notAfter: number;
  readonly beginRefreshAt: number;
}

function timesOf(errors: ErrorList, { notBefore, notAfter, beginRefreshAt }: PodCertificateRequestStatus) {
  const consistent = 'must be present and consistent with the issued certificate';
  if (!notBefore) errors.required(at('notBefore'), consistent);
  if (!notAfter) errors.required(at('notAfter'), consistent);
  if (!beginRefreshAt)
    errors.required(at('beginRefreshAt'), 'must be present and in the range [notbefore+10min, notafter-10min]');
  if (!notBefore || !notAfter || !beginRefreshAt) return undefined;
  const times: Times = {
    notBefore: Date.parse(notBefore),
    notAfter: Date.parse(notAfter),
    beginRefreshAt: Date.parse(beginRefreshAt),
  };
  return times;
}

type Finding = readonly [field: 'certificateChain' | keyof Times, shown: unknown, problem: string];

/** The first thing that is wrong with the times of a certificate. */
function timesProblem(times: Times, leaf: X509Certificate, seconds: number, now: number): Finding | undefined {
  const { notBefore, notAfter, beginRefreshAt } = times;
  const wrong = (field: keyof Times, problem: string): Finding => [
    field,
    new Date(times[field]).toISOString(),
    problem,
  ];
  const [from, to] = [leaf.validFromDate.getTime(), leaf.validToDate.getTime()];
  if (notBefore !== from)
    return wrong('notBefore', 'must be set to the NotBefore time encoded in the leaf certificate');
  if (Math.abs(notBefore - now) >= 5 * minute)
    return wrong('notBefore', "must be set to within 5 minutes of kube-apiserver's current time");
  if (notAfter !== to) return wrong('notAfter', 'must be set to the NotAfter time encoded in the leaf certificate');
  const lifetime = to - from;
  const shown = `${lifetime / 1000}s`;
  if (lifetime < hour) return ['certificateChain', shown, 'leaf certificate lifetime must be >= 1 hour'];
  if (lifetime > seconds * 1000)
    return ['certificateChain', shown, `leaf certificate lifetime must be <= spec.maxExpirationSeconds (${seconds})`];
  if (beginRefreshAt < notBefore + 10 * minute)
    return wrong('beginRefreshAt', 'must be at least 10 minutes after status.notBefore');
  if (beginRefreshAt > notAfter - 10 * minute)
    return wrong('beginRefreshAt', 'must be at least 10 minutes before status.notAfter');
  return undefined;
}
