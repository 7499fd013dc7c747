import { isDeepStrictEqual } from 'node:util';
import {
  persistentVolumeClaims as claimsRef,
  csiDrivers as driversRef,
  pods as podsRef,
  persistentVolumes as volumesRef,
} from '../../api/kinds.gen.ts';
import type { PersistentVolumeClaim, Pod } from '../../api/types/core-v1.gen.ts';
import type { CSIDriver } from '../../api/types/storage-v1.gen.ts';
import { keyOf } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { podsByClaim } from '../../resources/storage/pod-claims.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { isTerminal } from '../pod-state.ts';
import { conflictsOf, usesOf, type VolumeUse } from './plan.ts';
import { resolveVolume, type VolumeBook } from './volumes.ts';

/** Warns of pods that could not use a volume together on one node, because their SELinux labels differ. */
export const seLinuxWarningController: ControllerDescriptor = {
  name: 'selinux-warning-controller',
  account: 'selinux-warning-controller',
  component: 'selinux_warning',
  build({ name, informers, recorder, clock, log }) {
    const pods = informers.of(podsRef).index(podsByClaim);
    const claims = informers.of(claimsRef);
    const volumes = informers.of(volumesRef);
    const drivers = informers.of(driversRef);
    const book: VolumeBook = {
      volumeOf: (claim) => volumes.get(claims.get(claim)?.spec?.volumeName ?? ''),
      driver: (driver) => drivers.get(driver),
    };
    /** By volume: the pods that use it, and how. */
    const uses = new Map<string, Map<string, VolumeUse>>();
    /** By pod: its volumes. */
    const known = new Map<string, Set<string>>();

    const forget = (pod: string, keep: ReadonlySet<string> = new Set()) => {
      for (const volume of known.get(pod) ?? []) {
        if (keep.has(volume)) continue;
        const users = uses.get(volume);
        users?.delete(pod);
        if (users?.size === 0) uses.delete(volume);
      }
      if (keep.size > 0) known.set(pod, new Set(keep));
      else known.delete(pod);
    };
    const note = (pod: string, use: VolumeUse) => {
      const { name: volume } = use.volume;
      let users = uses.get(volume);
      if (!users) uses.set(volume, (users = new Map()));
      if (isDeepStrictEqual(users.get(pod), use)) return;
      users.set(pod, use);
      for (const { pod: key, reason, message } of conflictsOf(pod, use, users)) {
        const told = pods.get(key);
        if (told) recorder.event(told, 'Normal', reason, message);
      }
    };

    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(pods, claims, volumes, drivers),
      async reconcile({ key }) {
        const pod = pods.get(key);
        if (!pod || isTerminal(pod)) {
          forget(key);
          return;
        }
        const found = usesOf(pod, (volume) => resolveVolume(pod, volume, book));
        for (const volume of found.torn) {
          const text = `Volume ${JSON.stringify(volume)} is mounted twice with different SELinux labels inside this pod`;
          recorder.event(pod, 'Warning', 'MultipleSELinuxLabels', text);
        }
        forget(key, new Set(found.uses.map((use) => use.volume.name)));
        for (const use of found.uses) note(key, use);
      },
    });
    const look = (pod: Pod) => reconciler.add(keyOf(pod));
    pods.on({
      added: (pod) => {
        if (pod.spec?.volumes?.length) look(pod);
      },
      updated: (old, pod) => {
        const relevant = (one: Pod) => [isTerminal(one), one.spec?.ephemeralContainers?.length];
        if (!isDeepStrictEqual(relevant(old), relevant(pod))) look(pod);
      },
      deleted: look,
    });
    const bound = (claim: PersistentVolumeClaim | string) => {
      for (const pod of pods.by(podsByClaim, typeof claim === 'string' ? claim : keyOf(claim))) look(pod);
    };
    claims.on({
      added: bound,
      updated: (old, claim) => {
        if (old.spec?.volumeName !== claim.spec?.volumeName) bound(claim);
      },
      deleted: bound,
    });
    volumes.on({
      added: ({ spec }) => {
        if (spec?.claimRef?.uid) bound(`${spec.claimRef.namespace}/${spec.claimRef.name}`);
      },
    });
    const changed = (driver: string) => {
      for (const users of uses.values())
        for (const [pod, { volume }] of users) if (volume.driver === driver) reconciler.add(pod);
    };
    const mounts = ({ spec }: CSIDriver) => spec.seLinuxMount ?? false;
    drivers.on({
      added: ({ metadata }) => changed(metadata!.name!),
      updated: (old, driver) => {
        if (mounts(old) !== mounts(driver)) changed(driver.metadata!.name!);
      },
      deleted: ({ metadata }) => changed(metadata!.name!),
    });
    return reconciler;
  },
};
