import { persistentVolumeClaims as claimsRef, pods as podsRef } from '../../api/kinds.gen.ts';
import type { PersistentVolumeClaim, Pod } from '../../api/types/core-v1.gen.ts';
import { keyOf } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { claimKeys, podsByClaim } from '../../resources/storage/pod-claims.ts';
import { claimProtection } from '../../resources/storage/protection.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { protect } from '../protection.ts';
import { keepsClaim, mayRelease } from './plan.ts';

/** Keeps claims that are being deleted until no pod uses them. Source: pkg/controller/volume/pvcprotection. */
export const persistentVolumeClaimProtection: ControllerDescriptor = {
  name: 'persistentvolumeclaim-protection-controller',
  account: 'pvc-protection-controller',
  build({ name, client, informers, clock, log }) {
    const claims = informers.of(claimsRef);
    const pods = informers.of(podsRef).index(podsByClaim);
    const inUse = async (claim: PersistentVolumeClaim, signal: AbortSignal) => {
      if (pods.by(podsByClaim, keyOf(claim)).some((pod) => keepsClaim(pod, claim))) return true;
      // Once let go, a claim cannot be kept again: a pod that the cache has not seen yet must be asked for.
      const { items } = await client.resource(podsRef).list({ namespace: claim.metadata.namespace!, signal });
      return items.some((pod) => keepsClaim(pod, claim));
    };
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(claims, pods),
      async reconcile({ key, signal }) {
        const claim = claims.get(key);
        if (!claim) return;
        await protect(client.resource(claimsRef), claim, claimProtection, () => inUse(claim, signal), signal);
      },
    });
    const isGoing = (key: string) => claims.get(key)?.metadata.deletionTimestamp !== undefined;
    const released = (pod: Pod) => {
      for (const key of claimKeys(pod)) if (isGoing(key)) reconciler.add(key);
    };
    claims.on({
      added: (claim) => reconciler.add(keyOf(claim)),
      updated: (_, claim) => reconciler.add(keyOf(claim)),
    });
    pods.on({
      updated: (_, pod) => {
        if (mayRelease(pod)) released(pod);
      },
      deleted: released,
    });
    return reconciler;
  },
};
