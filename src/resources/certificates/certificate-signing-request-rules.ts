import type { ErrorList } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import type { CertificateSigningRequest } from '../../api/types/certificates-v1.gen.ts';
import { certificatesProblem, requestProblem } from '../../pki/pem-checks.ts';
import type { UpdateRules, WriteContext } from '../resource.ts';
import { distinctValues } from '../rules/check.ts';
import { signerName } from '../rules/signer-name.ts';
import { timeOf } from '../rules/status.ts';
import { specPath, statusPath } from '../rules/workloads.ts';

/** Rules of CertificateSigningRequests. Source: certificates/validation and its strategies. */

const usages = [
  'signing',
  'digital signature',
  'content commitment',
  'key encipherment',
  'key agreement',
  'data encipherment',
  'cert sign',
  'crl sign',
  'encipher only',
  'decipher only',
  'any',
  'server auth',
  'client auth',
  'code signing',
  'email protection',
  's/mime',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'timestamping',
  'ocsp signing',
  'microsoft sgc',
  'netscape sgc',
];

const minLifetime = 600;
const decisions = ['Approved', 'Denied'];
/** Conditions that are a fact once they are there. */
const facts = [...decisions, 'Failed'];
const statuses = ['False', 'True', 'Unknown'];
const exclusive = 'Approved and Denied conditions are mutually exclusive';

const decoded = (base64: string): string => Buffer.from(base64, 'base64').toString('latin1');

/** Who asks is what the server knows, whatever the object says. */
export function prepareRequest(object: Mutable<CertificateSigningRequest>, { user }: WriteContext): void {
  const { uid: _, extra: __, ...spec } = object.spec;
  const { name: username, uid, groups, extra } = user;
  object.spec = {
    ...spec,
    username,
    ...(uid && { uid }),
    groups: [...groups],
    ...(extra && { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) }),
  };
  object.status = {};
}

/** Nothing but metadata changes on the main resource. */
export function prepareRequestUpdate(object: Mutable<CertificateSigningRequest>, old: CertificateSigningRequest): void {
  const kept = old as Mutable<CertificateSigningRequest>;
  object.spec = kept.spec;
  object.status = kept.status ?? {};
}

export function validateRequest({ spec }: CertificateSigningRequest, errors: ErrorList): void {
  const problem = requestProblem(decoded(spec.request ?? ''));
  if (problem) errors.invalid(specPath.child('request'), spec.request ?? '', problem);
  const at = specPath.child('usages');
  if (!spec.usages?.length) errors.required(at);
  for (const [i, usage] of (spec.usages ?? []).entries()) {
    if (!usages.includes(usage)) errors.notSupported(at.index(i), usage, usages);
  }
  distinctValues(errors, at, spec.usages);
  const signer = specPath.child('signerName');
  if (spec.signerName === 'kubernetes.io/legacy-unknown') {
    errors.invalid(signer, spec.signerName, 'the legacy signerName is not allowed via this API version');
  } else signerName(errors, signer, spec.signerName);
  const lifetime = spec.expirationSeconds;
  if (lifetime !== undefined && lifetime < minLifetime) {
    const text = 'may not specify a duration less than 600 seconds (10 minutes)';
    errors.invalid(specPath.child('expirationSeconds'), lifetime, text);
  }
}

type Condition = NonNullable<NonNullable<CertificateSigningRequest['status']>['conditions']>[number];

const conditionsPath = statusPath.child('conditions');

const conditionsOf = (object: CertificateSigningRequest): readonly Condition[] => object.status?.conditions ?? [];

const ofType = (object: CertificateSigningRequest, type: string): readonly Condition[] =>
  conditionsOf(object).filter((condition) => condition.type === type);

/** What a stored request breaks already, an update need not mend. */
function tolerated(old: CertificateSigningRequest) {
  const types = conditionsOf(old).map(({ type }) => type);
  return {
    empty: types.includes(''),
    repeated: new Set(types).size < types.length,
    both: decisions.every((type) => types.includes(type)),
  };
}

function conditions(object: CertificateSigningRequest, old: CertificateSigningRequest, errors: ErrorList): void {
  const stored = tolerated(old);
  const seen = new Set<string>();
  for (const [i, { type, status }] of conditionsOf(object).entries()) {
    const at = conditionsPath.index(i);
    if (!type && !stored.empty) errors.required(at.child('type'));
    const allowed = facts.includes(type) ? ['True'] : statuses;
    if (!status) errors.required(at.child('status'));
    else if (!allowed.includes(status)) errors.notSupported(at.child('status'), status, allowed);
    const contrary = decisions.find((other) => other !== type);
    if (!stored.both && decisions.includes(type) && seen.has(contrary!)) {
      errors.invalid(at.child('type'), type, exclusive);
    }
    if (!stored.repeated && seen.has(type)) errors.duplicate(at.child('type'), type);
    seen.add(type);
  }
}

function certificate(object: CertificateSigningRequest, old: CertificateSigningRequest, errors: ErrorList): void {
  const [now, before] = [object.status?.certificate, old.status?.certificate];
  if (!now || now === before || (before && certificatesProblem(decoded(before)))) return;
  const problem = certificatesProblem(decoded(now));
  if (problem) errors.invalid(statusPath.child('certificate'), '<certificate data>', problem);
}

function removals(object: CertificateSigningRequest, old: CertificateSigningRequest, errors: ErrorList): void {
  for (const type of facts) {
    if (ofType(object, type).length >= ofType(old, type).length) continue;
    errors.forbidden(conditionsPath, `updates may not remove a condition of type "${type}"`);
  }
}

/** Conditions get their times from the server; one that stays as it was keeps the time it came about. */
function stamp(
  object: Mutable<CertificateSigningRequest>,
  old: CertificateSigningRequest,
  context: WriteContext,
): void {
  const time = timeOf(context);
  for (const condition of object.status?.conditions ?? []) {
    condition.lastUpdateTime ??= time;
    const same = ofType(old, condition.type).find(({ status, lastTransitionTime }) => {
      return status === condition.status && lastTransitionTime;
    });
    condition.lastTransitionTime ??= same?.lastTransitionTime ?? time;
  }
}

/** Decisions are made by /approval: as many as there were stay as they were, and more or fewer are refused. */
function keepDecisions(object: Mutable<CertificateSigningRequest>, old: CertificateSigningRequest): void {
  const list = object.status?.conditions;
  for (const type of decisions) {
    const stored = ofType(old, type);
    const places = (list ?? []).flatMap((condition, i) => (condition.type === type ? [i] : []));
    if (places.length !== stored.length) continue;
    for (const [i, place] of places.entries()) list![place] = { ...stored[i]! };
  }
}

export const requestStatus: UpdateRules<CertificateSigningRequest> = {
  prepareUpdate(object, old, context) {
    object.spec = (old as Mutable<CertificateSigningRequest>).spec;
    keepDecisions(object, old);
    stamp(object, old, context);
  },
  validateUpdate(object, old, errors) {
    conditions(object, old, errors);
    certificate(object, old, errors);
    removals(object, old, errors);
    for (const type of decisions) {
      if (ofType(object, type).length <= ofType(old, type).length) continue;
      errors.forbidden(conditionsPath, `updates may not add a condition of type "${type}"`);
    }
    const [now, before] = [object.status?.certificate, old.status?.certificate];
    if (before && !sameValue(now, before)) {
      errors.forbidden(statusPath.child('certificate'), 'updates may not modify existing certificate content');
    }
  },
};

/** /approval writes conditions and nothing else. */
export const requestApproval: UpdateRules<CertificateSigningRequest> = {
  prepareUpdate(object, old, context) {
    object.spec = (old as Mutable<CertificateSigningRequest>).spec;
    const { conditions: list } = object.status ?? {};
    const { conditions: _, ...rest } = old.status ?? {};
    object.status = { ...rest, ...(list && { conditions: list }) };
    stamp(object, old, context);
  },
  validateUpdate(object, old, errors) {
    conditions(object, old, errors);
    removals(object, old, errors);
  },
};
