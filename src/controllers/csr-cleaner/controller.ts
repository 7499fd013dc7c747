import { certificateSigningRequests } from '../../api/kinds.gen.ts';
import type { ControllerDescriptor } from '../controller.ts';
import { removeExpired } from '../expiring.ts';
import { expiryOf } from './plan.ts';

/** Removes requests for certificates that have served their time. */
export const csrCleanerController: ControllerDescriptor = {
  name: 'certificatesigningrequest-cleaner-controller',
  account: 'certificate-controller',
  build: (context) =>
    removeExpired(context, {
      kind: certificateSigningRequests,
      objects: context.informers.of(certificateSigningRequests),
      expiryOf,
    }),
};
