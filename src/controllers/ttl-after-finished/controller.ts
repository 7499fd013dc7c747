import { jobs as jobsRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { Job } from '../../api/types/batch-v1.gen.ts';
import { keyOf, parseKey } from '../../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { expiryOf } from './plan.ts';

/** Removes finished jobs, with their pods, once they have outlived their `ttlSecondsAfterFinished`. */
export const ttlAfterFinishedController: ControllerDescriptor = {
  name: 'ttl-after-finished-controller',
  account: 'ttl-after-finished-controller',
  build({ name, informers, client, clock, log }) {
    const jobs = informers.of(jobsRef);
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(jobs),
      async reconcile({ key, signal }): Promise<ReconcileResult | undefined> {
        const job = jobs.get(key);
        const expiry = job && expiryOf(job);
        if (expiry === undefined) return undefined;
        const left = expiry - clock.wall();
        if (left > 0) return { after: left };
        const { uid, resourceVersion } = job!.metadata;
        // Exactly the version that was looked at: a TTL that was made longer meanwhile counts.
        const preconditions = { uid: uid!, resourceVersion: resourceVersion! };
        try {
          await client
            .resource(jobsRef)
            .delete(parseKey(key), { propagationPolicy: 'Foreground', preconditions, signal });
        } catch (error) {
          if (!isStatus(error, 'NotFound')) throw error;
        }
        return undefined;
      },
    });
    const changed = (job: Job) => {
      if (job.spec?.ttlSecondsAfterFinished !== undefined) reconciler.add(keyOf(job));
    };
    jobs.on({ added: changed, updated: (_, job) => changed(job) });
    return reconciler;
  },
};
