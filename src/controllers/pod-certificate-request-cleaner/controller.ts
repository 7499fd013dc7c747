import { podCertificateRequests } from '../../api/kinds.gen.ts';
import type { ControllerDescriptor } from '../controller.ts';
import { removeExpired } from '../expiring.ts';

/** How long a request is kept: who made it has read the answer by then, or never will. Source: kube-controller-manager. */
const keptFor = 15 * 60_000;

/** Removes pods' requests for certificates that have served their time. */
export const podCertificateRequestCleaner: ControllerDescriptor = {
  name: 'podcertificaterequest-cleaner-controller',
  account: 'podcertificaterequestcleaner',
  needs: podCertificateRequests,
  build: (context) =>
    removeExpired(context, {
      kind: podCertificateRequests,
      objects: context.informers.of(podCertificateRequests),
      expiryOf: ({ metadata }) => Date.parse(metadata.creationTimestamp!) + keptFor,
    }),
};
