import { X509Certificate } from 'node:crypto';
import { certificateSigningRequests as requestsRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { CertificateSigningRequest } from '../../api/types/certificates-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import { keyOf } from '../../client/object-key.ts';
import { Reconciler, Terminal } from '../../client/reconciler.ts';
import type { KeyedCertificate } from '../../pki/certificates.ts';
import { BadRequestPem, signRequest } from '../../pki/signing-requests.ts';
import { requestOf } from '../certificate-requests.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import { awaitsSigning, lifetimeOf, signerProblem } from './plan.ts';

/** Signs approved requests for certificates with the cluster's own authority. */
export const csrSigningController: ControllerDescriptor = {
  name: 'certificatesigningrequest-signing-controller',
  account: 'certificate-controller',
  build(context) {
    const { name, informers, client, clock, log, authority } = context;
    const requests = informers.of(requestsRef);
    if (!authority) log.info('there is no certificate authority: requests for certificates are not signed');
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(requests),
      async reconcile({ key, signal }) {
        const csr = requests.get(key);
        if (!authority || !csr || !awaitsSigning(csr)) return;
        try {
          const status = await settledStatus(context, authority, csr);
          await client.resource(requestsRef).updateStatus({ ...csr, status }, { signal });
        } catch (error) {
          if (error instanceof BadRequestPem) throw new Terminal(error);
          if (!isStatus(error, 'NotFound')) throw error;
        }
      },
    });
    const changed = (csr: CertificateSigningRequest) => {
      if (awaitsSigning(csr)) reconciler.add(keyOf(csr));
    };
    requests.on({ added: changed, updated: (_, csr) => changed(csr) });
    return reconciler;
  },
};

/** The status with the certificate, or with the reason why there will be none. */
async function settledStatus(
  { clock, ids }: ControllerContext,
  authority: KeyedCertificate,
  csr: CertificateSigningRequest,
): Promise<NonNullable<CertificateSigningRequest['status']>> {
  const request = await requestOf(csr);
  const now = clock.wall();
  const message = signerProblem(csr, request);
  if (message !== undefined) {
    const failure = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message };
    const conditions = [...(csr.status?.conditions ?? []), { ...failure, lastUpdateTime: timestamp(now) }];
    return { ...csr.status, conditions };
  }
  const end = new X509Certificate(authority.certificatePem).validToDate.getTime();
  const valid = lifetimeOf(csr.spec.expirationSeconds, end, now);
  const pem = await signRequest(authority, request, csr.spec.usages ?? [], valid, ids);
  return { ...csr.status, certificate: Buffer.from(pem).toString('base64') };
}
