import { leases as leasesRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { Lease } from '../../api/types/coordination-v1.gen.ts';
import { keyOf, parseKey } from '../../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import { endOfLease, isIdentityLease } from '../apiserver-leases.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { apiServerUser } from '../users.ts';

/** Removes the leases of API servers that are no more. Upstream looks every hour; here each has its own timer. */
export const apiServerLeaseGarbageCollector: ControllerDescriptor = {
  name: 'kube-apiserver-identity-lease-garbage-collector',
  account: apiServerUser,
  build({ name, informers, client, clock, log, apiServer }) {
    const leases = informers.of(leasesRef);
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(leases),
      async reconcile({ key, signal }): Promise<ReconcileResult | undefined> {
        const lease = leases.get(key);
        if (!lease || !isIdentityLease(lease)) return undefined;
        const left = endOfLease(lease) - clock.wall();
        if (left > 0) return { after: left };
        try {
          const { uid, resourceVersion } = lease.metadata;
          const preconditions = { uid: uid!, resourceVersion: resourceVersion! };
          await client.resource(leasesRef).delete(parseKey(key), { preconditions, signal });
        } catch (error) {
          // Gone, or renewed: that comes as a change.
          if (!isStatus(error, 'NotFound') && !isStatus(error, 'Conflict')) throw error;
        }
        return undefined;
      },
    });
    // Our own is renewed as we speak, however long we were away.
    const changed = (lease: Lease) => {
      if (isIdentityLease(lease) && lease.metadata.name !== apiServer.id) reconciler.add(keyOf(lease));
    };
    leases.on({ added: changed, updated: (_, lease) => changed(lease) });
    return reconciler;
  },
};
