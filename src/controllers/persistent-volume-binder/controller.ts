import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/types/core-v1.gen.ts';
import { keyOf } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { claimKeys } from '../../resources/storage/pod-claims.ts';
import { claimClass } from '../../resources/storage/volume-match.ts';
import type { ControllerDescriptor } from '../controller.ts';
import { Caches } from './caches.ts';
import { ClaimSync } from './claims.ts';
import { Offers } from './offers.ts';
import { recycledBy } from './recycler.ts';
import { VolumeSync } from './volumes.ts';

/** A binding is three writes one after the other: those of many claims share commits. Upstream has one worker. */
const workers = 32;

/** Brings claims and volumes together, and does with released volumes what their reclaim policy says. */
export const persistentVolumeBinder: ControllerDescriptor = {
  name: 'persistentvolume-binder-controller',
  account: 'persistent-volume-binder',
  component: 'persistentvolume-controller',
  build(context) {
    const caches = new Caches(context.informers);
    const offers = new Offers();
    const { name, clock, log } = context;
    const claims = new Reconciler({
      name: `${name}/claims`,
      clock,
      log,
      workers,
      ready: caches.ready,
      reconcile: ({ key, signal }) => claimSync.reconcile(key, signal),
    });
    const volumes = new Reconciler({
      name: `${name}/volumes`,
      clock,
      log,
      workers,
      ready: caches.ready,
      reconcile: ({ key, signal }) => volumeSync.reconcile(key, signal),
    });
    const claimSync = new ClaimSync(context, caches, offers, (volume) => volumes.add(volume));
    const volumeSync = new VolumeSync(context, caches, offers, (claim) => claims.add(claim));
    watchVolumes(caches, claims, volumes);
    watchClaims(caches, claims, volumes);
    watchClasses(caches, claims);
    watchPods(caches, claims, volumes);
    return {
      async run(signal) {
        await Promise.all([claims.run(signal), volumes.run(signal)]);
      },
    };
  },
};

function watchVolumes(caches: Caches, claims: Reconciler, volumes: Reconciler): void {
  const changed = (volume: PersistentVolume) => {
    volumes.add(keyOf(volume));
    for (const claim of caches.claimsOf(volume.metadata.name!)) claims.add(keyOf(claim));
    const ref = volume.spec?.claimRef;
    if (ref) claims.add(`${ref.namespace}/${ref.name}`);
  };
  caches.volumes.on({ added: changed, updated: (_, volume) => changed(volume), deleted: changed });
}

function watchClaims(caches: Caches, claims: Reconciler, volumes: Reconciler): void {
  const itsVolumes = (claim: PersistentVolumeClaim) => {
    for (const volume of caches.volumesOf(keyOf(claim))) volumes.add(keyOf(volume));
    if (claim.spec?.volumeName) volumes.add(claim.spec.volumeName);
  };
  const changed = (claim: PersistentVolumeClaim) => {
    claims.add(keyOf(claim));
    itsVolumes(claim);
  };
  caches.claims.on({ added: changed, updated: (_, claim) => changed(claim), deleted: changed });
}

/** A class that comes or changes concerns those who wait for it, and perhaps those who named none. */
function watchClasses(caches: Caches, claims: Reconciler): void {
  const changed = (name: string) => {
    for (const claim of [...caches.openClaims(name), ...caches.classlessClaims()]) claims.add(keyOf(claim));
  };
  caches.storageClasses.on({
    added: ({ metadata }) => changed(metadata!.name!),
    updated: (_, { metadata }) => changed(metadata!.name!),
  });
}

/** A claim that waits for its first consumer says so differently when there is one; recyclers come to an end. */
function watchPods(caches: Caches, claims: Reconciler, volumes: Reconciler): void {
  const recycled = (pod: Pod) => {
    const volume = recycledBy(pod);
    if (volume !== undefined) volumes.add(volume);
  };
  caches.pods.on({
    added(pod) {
      recycled(pod);
      if (pod.spec?.nodeName) return;
      for (const key of claimKeys(pod)) {
        const claim = caches.claims.get(key);
        const itsClass = claim && caches.classNamed(claimClass(claim));
        if (itsClass?.volumeBindingMode === 'WaitForFirstConsumer' && !claim?.spec?.volumeName) claims.add(key);
      }
    },
    updated: (_, pod) => recycled(pod),
    deleted: recycled,
  });
}
