import { forbidden } from '../../api/status.ts';
import type { CertificateSigningRequest } from '../../api/types/certificates-v1.gen.ts';
import type { Authorizer } from '../authz/authorizer.ts';
import { mayForSigner } from '../authz/signers.ts';
import type { AdmissionPlugin } from './admission.ts';

/** A request is approved or denied by those only who may do so for its signer. Source: plugin/pkg/admission/certificates/approval. */
export const certificateApproval = (authorizer: Authorizer): AdmissionPlugin => ({
  name: 'CertificateApproval',
  operations: new Set(['UPDATE']),
  resources: new Set(['certificatesigningrequests.certificates.k8s.io']),
  validate: ({ subresource, old, user, served, name }) => {
    if (subresource !== 'approval') return;
    // The stored signer: nobody gets around this by naming another.
    const { signerName } = (old as unknown as CertificateSigningRequest).spec;
    if (mayForSigner(authorizer, user, 'approve', signerName)) return;
    throw forbidden(
      served,
      name,
      `user not permitted to approve requests with signerName ${JSON.stringify(signerName)}`,
    );
  },
});
