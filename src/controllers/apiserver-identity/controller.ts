import { leases as leasesRef } from '../../api/kinds.gen.ts';
import { type Mutable, thaw } from '../../api/object.ts';
import { isStatus } from '../../api/status.ts';
import type { Lease } from '../../api/types/coordination-v1.gen.ts';
import { microTimestamp } from '../../base/clock.ts';
import { keyText } from '../../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import { identityLabel, identityNamespace, kubeApiServer } from '../apiserver-leases.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { apiServerUser } from '../users.ts';

/** Seconds. Source: kube-apiserver's IdentityLeaseDurationSeconds. */
const duration = 3600;
/** Upstream renews every ten seconds what lasts an hour; a third of it is early enough, and lets a server rest. */
const renewal = (duration * 1000) / 3;

/** Keeps the lease by which others see that this API server is there, and whose storage versions are whose. */
export const apiServerIdentityController: ControllerDescriptor = {
  name: 'kube-apiserver-identity-lease-controller',
  account: apiServerUser,
  build({ name, informers, client, clock, ids, log, apiServer }) {
    const leases = informers.of(leasesRef);
    const key = { namespace: identityNamespace, name: apiServer.id };
    const holderIdentity = `${apiServer.id}_${ids.uid()}`;
    const renewed = (lease: Mutable<Lease>): Mutable<Lease> => ({
      ...lease,
      metadata: {
        ...lease.metadata,
        labels: {
          ...lease.metadata.labels,
          [identityLabel]: kubeApiServer,
          'kubernetes.io/hostname': apiServer.hostname,
        },
      },
      spec: {
        ...lease.spec,
        holderIdentity,
        leaseDurationSeconds: duration,
        renewTime: microTimestamp(clock.wall()),
      },
    });
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(leases),
      async reconcile({ signal }): Promise<ReconcileResult> {
        const resource = client.resource(leasesRef);
        const lease = await resource.get(key, { signal }).catch((error: unknown) => {
          if (isStatus(error, 'NotFound')) return undefined;
          throw error;
        });
        if (lease) await resource.update(renewed(thaw(lease)), { signal });
        else await resource.create(renewed({ metadata: key } as Mutable<Lease>), { signal });
        return { after: renewal };
      },
    });
    reconciler.add(keyText(key));
    leases.on({ deleted: (lease) => lease.metadata.name === key.name && reconciler.add(keyText(key)) });
    return reconciler;
  },
};
