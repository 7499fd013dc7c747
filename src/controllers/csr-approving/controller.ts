import { certificateSigningRequests as requestsRef, subjectAccessReviews } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { CertificateSigningRequest } from '../../api/types/certificates-v1.gen.ts';
import { keyOf } from '../../client/object-key.ts';
import { Reconciler, Terminal } from '../../client/reconciler.ts';
import { BadRequestPem } from '../../pki/signing-requests.ts';
import { hasCondition, kubeletClientSigner, requestOf } from '../certificate-requests.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import { type SelfApproval, selfApprovals } from './plan.ts';

/** Approves kubelets' requests for client certificates where who asks may have them. */
export const csrApprovingController: ControllerDescriptor = {
  name: 'certificatesigningrequest-approving-controller',
  account: 'certificate-controller',
  build(context) {
    const { name, informers, clock, log } = context;
    const requests = informers.of(requestsRef);
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(requests),
      async reconcile({ key, signal }) {
        const csr = requests.get(key);
        if (!csr || isSettled(csr)) return;
        try {
          await decide(context, csr, signal);
        } catch (error) {
          if (error instanceof BadRequestPem) throw new Terminal(error);
          if (!isStatus(error, 'NotFound')) throw error;
        }
      },
    });
    const changed = (csr: CertificateSigningRequest) => {
      if (csr.spec.signerName === kubeletClientSigner) reconciler.add(keyOf(csr));
    };
    requests.on({ added: changed, updated: (_, csr) => changed(csr) });
    return reconciler;
  },
};

const isSettled = (csr: CertificateSigningRequest): boolean =>
  Boolean(csr.status?.certificate) || hasCondition(csr, 'Approved') || hasCondition(csr, 'Denied');

async function decide(context: ControllerContext, csr: CertificateSigningRequest, signal: AbortSignal): Promise<void> {
  const approvals = selfApprovals(csr, await requestOf(csr));
  for (const approval of approvals) {
    if (!(await isAllowed(context, csr, approval, signal))) continue;
    const { status } = csr;
    const condition = { type: 'Approved', status: 'True', reason: 'AutoApproved', message: approval.message };
    const body = { ...csr, status: { ...status, conditions: [...(status?.conditions ?? []), condition] } };
    await context.client.resource(requestsRef).updateSubresource({ name: keyOf(csr) }, 'approval', body, { signal });
    return;
  }
  if (approvals.length === 0) return;
  const tried = approvals.map(({ subresource }) => subresource).join(' ');
  // Asked again later: the roles may still be on their way.
  throw new Error(
    `recognized csr ${JSON.stringify(keyOf(csr))} as [${tried}] but subject access review was not approved`,
  );
}

async function isAllowed(
  { client }: ControllerContext,
  { spec }: CertificateSigningRequest,
  { subresource }: SelfApproval,
  signal: AbortSignal,
): Promise<boolean> {
  const { username, uid, groups, extra } = spec;
  const resource = {
    group: 'certificates.k8s.io',
    resource: 'certificatesigningrequests',
    verb: 'create',
    subresource,
  };
  const asked = {
    ...(username && { user: username }),
    ...(uid && { uid }),
    ...(groups && { groups }),
    ...(extra && { extra }),
    resourceAttributes: resource,
  };
  const { status } = await client.resource(subjectAccessReviews).create({ metadata: {}, spec: asked }, { signal });
  return status?.allowed ?? false;
}
