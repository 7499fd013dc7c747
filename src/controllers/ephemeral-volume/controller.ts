import { persistentVolumeClaims as claimsRef, pods as podsRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { PersistentVolumeClaim, Pod } from '../../api/types/core-v1.gen.ts';
import { keyOf } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { podsByClaim } from '../../resources/storage/pod-claims.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { errorText, isNamespaceGoing } from '../namespace-going.ts';
import { ephemeralClaims } from './plan.ts';

/** Makes the claims of pods that have volumes of their own. Source: pkg/controller/volume/ephemeral. */
export const ephemeralVolumeController: ControllerDescriptor = {
  name: 'ephemeral-volume-controller',
  account: 'ephemeral-volume-controller',
  component: 'ephemeral_volume',
  build({ name, client, informers, recorder, clock, log }) {
    const pods = informers.of(podsRef).index(podsByClaim);
    const claims = informers.of(claimsRef);

    const make = async (pod: Pod, volume: string, claim: PersistentVolumeClaim, signal: AbortSignal) => {
      try {
        await client.resource(claimsRef).create(claim, { signal });
      } catch (error) {
        // The next look tells whose it is.
        if (isNamespaceGoing(error)) return;
        if (!isStatus(error, 'AlreadyExists')) tell(pod, volume, errorText(error));
        throw error;
      }
    };
    const tell = (pod: Pod, volume: string, why: string) =>
      recorder.event(pod, 'Warning', 'FailedBinding', `ephemeral volume ${volume}: ${why}`);

    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(pods, claims),
      async reconcile({ key, signal }) {
        const pod = pods.get(key);
        if (!pod || pod.metadata.deletionTimestamp) return;
        for (const step of ephemeralClaims(pod, (claimKey) => claims.get(claimKey))) {
          if ('create' in step) await make(pod, step.volume, step.create, signal);
          else {
            tell(pod, step.volume, step.foreign);
            throw new Error(step.foreign);
          }
        }
      },
    });
    const hasOwn = ({ spec }: Pod) => spec?.volumes?.some((volume) => volume.ephemeral) ?? false;
    pods.on({
      added: (pod) => {
        if (hasOwn(pod)) reconciler.add(keyOf(pod));
      },
    });
    claims.on({
      deleted: (claim) => {
        for (const pod of pods.by(podsByClaim, keyOf(claim))) if (hasOwn(pod)) reconciler.add(keyOf(pod));
      },
    });
    return reconciler;
  },
};
