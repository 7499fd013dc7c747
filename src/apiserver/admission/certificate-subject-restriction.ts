import { forbidden } from '../../api/status.ts';
import type { CertificateSigningRequest } from '../../api/types/certificates-v1.gen.ts';
import { BadRequestPem, readSigningRequest } from '../../pki/signing-requests.ts';
import { superusers } from '../authz/authorizer.ts';
import type { AdmissionPlugin } from './admission.ts';

const signer = 'kubernetes.io/kube-apiserver-client';

/** Nobody asks for a client certificate that may do everything. Source: plugin/pkg/admission/certificates/subjectrestriction. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  operations: new Set(['CREATE']),
  resources: new Set(['certificatesigningrequests.certificates.k8s.io']),
  validate: ({ subresource, object, served, name }) => {
    const { spec } = object as unknown as CertificateSigningRequest;
    if (subresource !== '' || spec.signerName !== signer) return undefined;
    const refuse = (why: string) => forbidden(served, name, why);
    return readSigningRequest(Buffer.from(spec.request, 'base64').toString('latin1')).then(
      ({ subject }) => {
        if (subject.organizations?.includes(superusers))
          throw refuse(`use of ${signer} signer with ${superusers} group is not allowed`);
      },
      (error: unknown) => {
        if (error instanceof BadRequestPem) throw refuse(`failed to parse CSR: ${error.message}`);
        throw error;
      },
    );
  },
};
