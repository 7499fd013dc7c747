import {
  persistentVolumeClaims as claimsRef,
  volumeAttributesClasses as classesRef,
  persistentVolumes as volumesRef,
} from '../../api/kinds.gen.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import { indexBy } from '../../client/index-map.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { attributesClassProtection } from '../../resources/storage/protection.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { protect } from '../protection.ts';
import { classesOfClaim, classOfVolume } from './plan.ts';

const claimsByClass = indexBy<PersistentVolumeClaim>('attributes class', classesOfClaim);
const volumesByClass = indexBy<PersistentVolume>('attributes class', classOfVolume);

/** Keeps attributes classes that are being deleted until no claim or volume has them. Source: pkg/controller/volume/vacprotection. */
export const volumeAttributesClassProtection: ControllerDescriptor = {
  name: 'volumeattributesclass-protection-controller',
  account: 'volumeattributesclass-protection-controller',
  build({ name, client, informers, clock, log }) {
    const classes = informers.of(classesRef);
    const claims = informers.of(claimsRef).index(claimsByClass);
    const volumes = informers.of(volumesRef).index(volumesByClass);
    const inUse = async (className: string, signal: AbortSignal) => {
      if (claims.count(claimsByClass, className) + volumes.count(volumesByClass, className) > 0) return true;
      // Once let go, a class cannot be kept again: what the caches have not seen yet must be asked for.
      const [allClaims, allVolumes] = await Promise.all([
        client.resource(claimsRef).list({ signal }),
        client.resource(volumesRef).list({ signal }),
      ]);
      return (
        allClaims.items.some((claim) => classesOfClaim(claim).includes(className)) ||
        allVolumes.items.some((volume) => classOfVolume(volume) === className)
      );
    };
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(classes, claims, volumes),
      async reconcile({ key, signal }) {
        const found = classes.get(key);
        if (!found) return;
        await protect(client.resource(classesRef), found, attributesClassProtection, () => inUse(key, signal), signal);
      },
    });
    const released = (className: string | undefined) => {
      if (className && classes.get(className)?.metadata?.deletionTimestamp) reconciler.add(className);
    };
    classes.on({
      added: ({ metadata }) => reconciler.add(metadata!.name!),
      updated: (_, { metadata }) => reconciler.add(metadata!.name!),
    });
    const releasedBy = (claim: PersistentVolumeClaim) => classesOfClaim(claim).forEach(released);
    claims.on({ updated: (old) => releasedBy(old), deleted: releasedBy });
    volumes.on({
      updated: (old) => released(classOfVolume(old)),
      deleted: (volume) => released(classOfVolume(volume)),
    });
    return reconciler;
  },
};
