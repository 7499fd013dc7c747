import { persistentVolumeClaims as claimsRef, persistentVolumes as volumesRef } from '../../api/kinds.gen.ts';
import { compareQuantities } from '../../api/quantity.ts';
import type { PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import { keyOf } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { requestOf } from '../../resources/storage/volume-match.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';

/**
 * Tells of claims that want to grow. No volume type that is left in Kubernetes can be grown from here: who made the
 * volume does it. Source: pkg/controller/volume/expand.
 */
export const persistentVolumeExpander: ControllerDescriptor = {
  name: 'persistentvolume-expander-controller',
  account: 'expand-controller',
  component: 'volume_expand',
  build({ name, informers, recorder, clock, log }) {
    const claims = informers.of(claimsRef);
    const volumes = informers.of(volumesRef);
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(claims, volumes),
      async reconcile({ key }) {
        const claim = claims.get(key);
        if (!claim || !wantsMore(claim)) return;
        if (volumes.get(claim.spec?.volumeName ?? '')?.spec?.claimRef?.uid !== claim.metadata.uid) return;
        const why = 'waiting for an external controller to expand this PVC';
        recorder.event(claim, 'Normal', 'ExternalExpanding', why);
      },
    });
    claims.on({
      added: (claim) => reconciler.add(keyOf(claim)),
      updated: (old, claim) => {
        if (compareQuantities(requestOf(claim), requestOf(old)) > 0) reconciler.add(keyOf(claim));
      },
    });
    return reconciler;
  },
};

const wantsMore = (claim: PersistentVolumeClaim): boolean =>
  claim.status?.phase === 'Bound' && compareQuantities(requestOf(claim), claim.status.capacity?.['storage'] ?? '0') > 0;
