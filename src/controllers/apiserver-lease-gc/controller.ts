import { leases } from '../../api/kinds.gen.ts';
import { endOfLease, isIdentityLease } from '../apiserver-leases.ts';
import type { ControllerDescriptor } from '../controller.ts';
import { removeExpired } from '../expiring.ts';
import { apiServerUser } from '../users.ts';

/** Removes the leases of API servers that are no more. */
export const apiServerLeaseGarbageCollector: ControllerDescriptor = {
  name: 'kube-apiserver-identity-lease-garbage-collector',
  account: apiServerUser,
  build: (context) =>
    removeExpired(context, {
      kind: leases,
      objects: context.informers.of(leases),
      // Our own is renewed as we speak, however long we were away.
      concerns: (lease) => isIdentityLease(lease) && lease.metadata.name !== context.apiServer.id,
      expiryOf: (lease) => (isIdentityLease(lease) ? endOfLease(lease) : undefined),
    }),
};
