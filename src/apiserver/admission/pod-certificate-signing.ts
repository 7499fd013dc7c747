import { forbidden } from '../../api/status.ts';
import type { PodCertificateRequest } from '../../api/types/certificates-v1beta1.gen.ts';
import type { Authorizer } from '../authz/authorizer.ts';
import { mayForSigner } from '../authz/signers.ts';
import type { AdmissionPlugin } from './admission.ts';

/** A pod's request is answered by those only who may sign for its signer. Upstream: the strategy of podcertificaterequest. */
export const podCertificateSigning = (authorizer: Authorizer): AdmissionPlugin => ({
  name: 'PodCertificateSigning',
  operations: new Set(['UPDATE']),
  resources: new Set(['podcertificaterequests.certificates.k8s.io']),
  validate: ({ subresource, old, user, served, name }) => {
    if (subresource !== 'status') return;
    const { signerName } = (old as unknown as PodCertificateRequest).spec;
    if (mayForSigner(authorizer, user, 'sign', signerName)) return;
    throw forbidden(served, name, `User "${user.name}" is not permitted to "sign" for signer "${signerName}"`);
  },
});
