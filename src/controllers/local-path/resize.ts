import { persistentVolumeClaims as claimsRef, persistentVolumes as volumesRef } from '../../api/kinds.gen.ts';
import { compareQuantities } from '../../api/quantity.ts';
import { isStatus } from '../../api/status.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import { keyOf } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { capacityOf, requestOf } from '../../resources/storage/volume-match.ts';
import { type ControllerContext, synced } from '../controller.ts';
import { resizedStatus, resizingStatus, wantsGrowth } from './resize-plan.ts';

/** Lets volumes grow as their claims ask: a folder has no size, so that only the objects need be told. */
export function resizing(context: ControllerContext): Reconciler {
  const { informers, client, clock, log, recorder } = context;
  const claims = informers.of(claimsRef);
  const volumes = informers.of(volumesRef);
  const volumeOf = (claim: PersistentVolumeClaim) => volumes.get(claim.spec?.volumeName ?? '');

  const grow = async (claim: PersistentVolumeClaim, volume: PersistentVolume, signal: AbortSignal) => {
    const resource = client.resource(claimsRef);
    const storage = requestOf(claim);
    const started = await resource.updateStatus({ ...claim, status: resizingStatus(claim, clock.wall()) }, { signal });
    recorder.event(claim, 'Normal', 'Resizing', `External resizer is resizing volume ${volume.metadata.name}`);
    if (compareQuantities(capacityOf(volume), storage) < 0) {
      const spec = { ...volume.spec, capacity: { ...volume.spec?.capacity, storage } };
      await client.resource(volumesRef).update({ ...volume, spec }, { signal });
    }
    await resource.updateStatus({ ...started, status: resizedStatus(started, storage) }, { signal });
    recorder.event(claim, 'Normal', 'VolumeResizeSuccessful', 'Resize volume succeeded');
  };

  const reconciler = new Reconciler({
    name: `${context.name}/resizing`,
    clock,
    log,
    ready: synced(claims, volumes),
    async reconcile({ key, signal }) {
      const claim = claims.get(key);
      const volume = claim && volumeOf(claim);
      if (!claim || !wantsGrowth(claim, volume)) return;
      try {
        await grow(claim, volume!, signal);
      } catch (error) {
        if (!isStatus(error, 'NotFound')) throw error;
      }
    },
  });
  const add = (claim: PersistentVolumeClaim) => {
    if (wantsGrowth(claim, volumeOf(claim))) reconciler.add(keyOf(claim));
  };
  // A claim becomes bound after its volume is, so that its volume is known by then; both first lists are waited for.
  claims.on({ added: (claim) => reconciler.add(keyOf(claim)), updated: (_, claim) => add(claim) });
  return reconciler;
}
