import type { CertificateSigningRequest } from '../../api/types/certificates-v1.gen.ts';
import type { DecodedRequest } from '../../pki/signing-requests.ts';
import { kubeletClientProblem, kubeletClientSigner } from '../certificate-requests.ts';

/** A kind of request that is approved of itself, for those who may create this subresource. */
export interface SelfApproval {
  readonly subresource: 'selfnodeclient' | 'nodeclient';
  readonly message: string;
}

const renewal: SelfApproval = {
  subresource: 'selfnodeclient',
  message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
};
const first: SelfApproval = {
  subresource: 'nodeclient',
  message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
};

/**
 * By which rules a request may be approved without a person, in the order in which they are tried: a node renews its own
 * certificate, or whoever brings nodes in asks for one. Source: pkg/controller/certificates/approver.
 */
export function selfApprovals({ spec }: CertificateSigningRequest, request: DecodedRequest): readonly SelfApproval[] {
  if (spec.signerName !== kubeletClientSigner || kubeletClientProblem(request, spec.usages ?? [])) return [];
  return spec.username === request.subject.commonName ? [renewal, first] : [first];
}
