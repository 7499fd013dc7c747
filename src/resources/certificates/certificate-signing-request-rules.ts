import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import type { CertificateSigningRequest } from '../../api/types/certificates-v1.gen.ts';
import type { UpdateRules, WriteContext } from '../resource.ts';
import { signerName } from '../rules/signer-name.ts';
import { specPath, statusPath } from '../rules/workloads.ts';

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
const block = /-----BEGIN ([A-Z0-9 ]+)-----/;

/** Who asks is what the server knows, whatever the object says. */
export function prepareRequest(object: Mutable<CertificateSigningRequest>, { user }: WriteContext): void {
  const { uid: _, extra: __, ...spec } = object.spec;
  object.spec = { ...spec, username: user.name, groups: [...user.groups] };
  object.status = {};
}

/** Nothing but metadata changes on the main resource. */
export function prepareRequestUpdate(object: Mutable<CertificateSigningRequest>, old: CertificateSigningRequest): void {
  const kept = old as Mutable<CertificateSigningRequest>;
  object.spec = kept.spec;
  object.status = kept.status ?? {};
}

function pem(errors: ErrorList, path: FieldPath, request: string): void {
  const text = Buffer.from(request, 'base64').toString();
  const type = block.exec(text)?.[1];
  const shown = Array.from(Buffer.from(request, 'base64'));
  if (type === undefined) errors.invalid(path, shown, 'PEM block type must be CERTIFICATE REQUEST');
  else if (type !== 'CERTIFICATE REQUEST') {
    errors.invalid(path, shown, 'PEM block type must be CERTIFICATE REQUEST');
  }
}

export function validateRequest({ spec }: CertificateSigningRequest, errors: ErrorList): void {
  const at = specPath.child('usages');
  if (spec?.request) pem(errors, specPath.child('request'), spec.request);
  else errors.required(specPath.child('request'));
  if (!spec?.usages?.length) errors.required(at);
  for (const [i, usage] of (spec?.usages ?? []).entries()) {
    if (!usages.includes(usage)) errors.notSupported(at.index(i), usage, usages);
    if (spec.usages!.indexOf(usage) < i) errors.duplicate(at.index(i), usage);
  }
  signerName(errors, specPath.child('signerName'), spec?.signerName);
  const lifetime = spec?.expirationSeconds;
  if (lifetime !== undefined && lifetime < minLifetime) {
    errors.invalid(
      specPath.child('expirationSeconds'),
      lifetime,
      'may not specify a duration less than 600 seconds (10 minutes)',
    );
  }
}

type Conditions = NonNullable<NonNullable<CertificateSigningRequest['status']>['conditions']>;

const conditionsOf = (object: CertificateSigningRequest): Conditions => object.status?.conditions ?? [];

function validateConditions(object: CertificateSigningRequest, errors: ErrorList): void {
  const list = conditionsOf(object);
  const at = statusPath.child('conditions');
  for (const [i, { type, status }] of list.entries()) {
    if (!type) errors.required(at.index(i).child('type'));
    else if (!['Approved', 'Denied', 'Failed'].includes(type)) continue;
    else if (status !== 'True') errors.notSupported(at.index(i).child('status'), status, ['True']);
  }
  const found = decisions.filter((decision) => list.some(({ type }) => type === decision));
  if (found.length > 1) errors.invalid(at, found[1], 'Approved and Denied conditions are mutually exclusive');
}

/** Of each half of the conditions, one endpoint writes its own: decisions are made by /approval only. */
function mergeConditions(
  object: Mutable<CertificateSigningRequest>,
  old: CertificateSigningRequest,
  isMine: (type: string) => boolean,
): void {
  const mine = conditionsOf(object as CertificateSigningRequest).filter(({ type }) => isMine(type));
  const theirs = conditionsOf(old).filter(({ type }) => !isMine(type));
  const status = (object.status ??= {});
  if (mine.length + theirs.length > 0) status.conditions = [...theirs, ...mine] as typeof status.conditions & {};
  else delete status.conditions;
}

/** Conditions get their times from the server. */
function stamp(object: Mutable<CertificateSigningRequest>, { now }: WriteContext): void {
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
  for (const condition of object.status?.conditions ?? []) {
    condition.lastUpdateTime ??= time;
    condition.lastTransitionTime ??= time;
  }
}

const validateUpdate = (object: CertificateSigningRequest, _old: unknown, errors: ErrorList): void =>
  validateConditions(object, errors);

export const requestStatus: UpdateRules<CertificateSigningRequest> = {
  prepareUpdate(object, old, context) {
    object.spec = (old as Mutable<CertificateSigningRequest>).spec;
    mergeConditions(object, old, (type) => !decisions.includes(type));
    stamp(object, context);
  },
  validateUpdate(object, old, errors) {
    validateConditions(object, errors);
    const [now, before] = [object.status?.certificate, old.status?.certificate];
    if (before && now !== before)
      errors.forbidden(FieldPath.of('status', 'certificate'), 'updates may not modify a certificate once it is set');
  },
};

export const requestApproval: UpdateRules<CertificateSigningRequest> = {
  prepareUpdate(object, old, context) {
    object.spec = (old as Mutable<CertificateSigningRequest>).spec;
    const certificate = old.status?.certificate;
    const conditions = object.status?.conditions;
    object.status = { ...(conditions && { conditions }), ...(certificate && { certificate }) };
    mergeConditions(object, old, (type) => decisions.includes(type));
    stamp(object, context);
  },
  validateUpdate,
};
