import { forbidden } from '../../api/status.ts';
import type { CertificateSigningRequest } from '../../api/types/certificates-v1.gen.ts';
import type { Authorizer } from '../authz/authorizer.ts';
import { mayForSigner } from '../authz/signers.ts';
import { sameTree } from '../registry/equality.ts';
import type { AdmissionPlugin } from './admission.ts';

/** A certificate is put into a request, or refused, by those only who may sign for its signer. Source: plugin/pkg/admission/certificates/signing. */
export const certificateSigning = (authorizer: Authorizer): AdmissionPlugin => ({
  name: 'CertificateSigning',
  operations: new Set(['UPDATE']),
  resources: new Set(['certificatesigningrequests.certificates.k8s.io']),
  validate: ({ subresource, object, old, user, served, name }) => {
    if (subresource !== 'status') return;
    const before = old as unknown as CertificateSigningRequest;
    const now = object as unknown as CertificateSigningRequest;
    const sameConditions = sameTree(before.status?.conditions ?? [], now.status?.conditions ?? []);
    if (sameConditions && (before.status?.certificate ?? '') === (now.status?.certificate ?? '')) return;
    const { signerName } = before.spec;
    if (mayForSigner(authorizer, user, 'sign', signerName)) return;
    throw forbidden(served, name, `user not permitted to sign requests with signerName ${JSON.stringify(signerName)}`);
  },
});
