import {
  resourceClaims as claimsRef,
  resourcePoolStatusRequests as requestsRef,
  deviceTaintRules as rulesRef,
  resourceSlices as slicesRef,
} from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { ResourcePoolStatusRequest } from '../../api/types/resource-v1alpha3.gen.ts';
import { timestamp } from '../../base/clock.ts';
import { keyOf } from '../../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { answerTo, expiryOf, isIncomplete } from './plan.ts';

/** How often a driver that is just publishing its devices is looked at again before its pool is said to be incomplete. */
const patience = { tries: 5, ms: 1000 };

/** Answers how many devices the pools of a driver have, and removes the answers when they have served their time. */
export const resourcePoolStatusRequestController: ControllerDescriptor = {
  name: 'resourcepoolstatusrequest-controller',
  account: 'resource-pool-status-request-controller',
  needs: requestsRef,
  build({ name, informers, client, clock, log }) {
    const requests = informers.of(requestsRef);
    const slices = informers.of(slicesRef);
    const claims = informers.of(claimsRef);
    const rules = informers.serves(rulesRef) ? informers.of(rulesRef) : undefined;
    /** By uid. */
    const tries = new Map<string, number>();
    const resource = client.resource(requestsRef);
    const answer = async (request: ResourcePoolStatusRequest, signal: AbortSignal): Promise<ReconcileResult> => {
      const uid = request.metadata.uid!;
      const world = { slices: slices.list(), claims: claims.list(), rules: rules?.list() ?? [] };
      const status = answerTo(request, world, timestamp(clock.wall()));
      const tried = tries.get(uid) ?? 0;
      if (isIncomplete(status) && tried < patience.tries) {
        tries.set(uid, tried + 1);
        return { after: patience.ms };
      }
      tries.delete(uid);
      await resource.updateStatus({ ...request, status }, { signal });
      return {};
    };
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(requests, slices, claims, ...(rules ? [rules] : [])),
      async reconcile({ key, signal }): Promise<ReconcileResult> {
        const request = requests.get(key);
        if (!request) return {};
        const left = expiryOf(request) - clock.wall();
        try {
          if (left <= 0)
            await resource.delete({ name: key }, { preconditions: { uid: request.metadata.uid! }, signal });
          else return request.status ? { after: left } : await answer(request, signal);
        } catch (error) {
          // Gone, or answered by somebody else: that comes as a change.
          if (!isStatus(error, 'NotFound') && !isStatus(error, 'Conflict')) throw error;
        }
        return {};
      },
    });
    requests.on({
      added: (request) => reconciler.add(keyOf(request)),
      updated: (_, request) => reconciler.add(keyOf(request)),
      deleted: ({ metadata }) => void tries.delete(metadata.uid!),
    });
    return reconciler;
  },
};
