import { certificateSigningRequests as requestsRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { CertificateSigningRequest } from '../../api/types/certificates-v1.gen.ts';
import { keyOf } from '../../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { expiryOf } from './plan.ts';

/** Removes requests for certificates that have served their time. Upstream looks every hour; here each has its own timer. */
export const csrCleanerController: ControllerDescriptor = {
  name: 'certificatesigningrequest-cleaner-controller',
  account: 'certificate-controller',
  build({ name, informers, client, clock, log }) {
    const requests = informers.of(requestsRef);
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(requests),
      async reconcile({ key, signal }): Promise<ReconcileResult | undefined> {
        const csr = requests.get(key);
        const expiry = csr && expiryOf(csr);
        if (expiry === undefined) return undefined;
        const left = expiry - clock.wall();
        if (left > 0) return { after: left };
        try {
          await client
            .resource(requestsRef)
            .delete({ name: key }, { preconditions: { uid: csr!.metadata.uid! }, signal });
        } catch (error) {
          if (!isStatus(error, 'NotFound')) throw error;
        }
        return undefined;
      },
    });
    const changed = (csr: CertificateSigningRequest) => reconciler.add(keyOf(csr));
    requests.on({ added: changed, updated: (_, csr) => changed(csr) });
    return reconciler;
  },
};
