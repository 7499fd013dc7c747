import { persistentVolumes as volumesRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { PersistentVolume } from '../../api/types/core-v1.gen.ts';
import { keyOf } from '../../client/object-key.ts';
import { Reconciler, Terminal } from '../../client/reconciler.ts';
import { type ControllerContext, synced } from '../controller.ts';
import { errorText } from '../namespace-going.ts';
import { folderFinalizer, provisioner } from './provision-plan.ts';
import { reclaimStep } from './reclaim-plan.ts';

/** Removes the folders of volumes that are not needed any more, and the volumes with them. */
export function reclaiming(context: ControllerContext): Reconciler {
  const { informers, client, clock, log, recorder, folders } = context;
  const volumes = informers.of(volumesRef);
  const resource = client.resource(volumesRef);

  const setHeld = async (volume: PersistentVolume, held: boolean, signal: AbortSignal) => {
    const others = (volume.metadata.finalizers ?? []).filter((name) => name !== folderFinalizer);
    const finalizers = held ? [...others, folderFinalizer] : others;
    await resource.update({ ...volume, metadata: { ...volume.metadata, finalizers } }, { signal });
  };

  const remove = async (volume: PersistentVolume, signal: AbortSignal) => {
    const path = volume.spec?.hostPath?.path ?? volume.spec?.local?.path;
    try {
      if (path && folders) {
        // The annotation is anybody's to write: what is not a volume's folder is not removed for it.
        if (!folders.isVolume(path)) throw new Terminal(`${path} is not the folder of a volume of ${provisioner}`);
        await folders.remove(path, signal);
      }
    } catch (error) {
      if (!signal.aborted) recorder.event(volume, 'Warning', 'VolumeFailedDelete', errorText(error));
      throw error;
    }
    const { name, uid, deletionTimestamp } = volume.metadata;
    const going = deletionTimestamp
      ? volume
      : await resource.delete({ name: name! }, { preconditions: { uid: uid! }, signal });
    if ('spec' in going) await setHeld(going, false, signal);
  };

  const reconciler = new Reconciler({
    name: `${context.name}/reclaiming`,
    clock,
    log,
    workers: 16,
    ready: synced(volumes),
    async reconcile({ key, signal }) {
      const volume = volumes.get(key);
      const step = volume ? reclaimStep(volume) : 'keep';
      try {
        if (step === 'delete') await remove(volume!, signal);
        else if (step !== 'keep') await setHeld(volume!, step === 'hold', signal);
      } catch (error) {
        if (!isStatus(error, 'NotFound')) throw error;
      }
    },
  });
  const add = (volume: PersistentVolume) => {
    if (reclaimStep(volume) !== 'keep') reconciler.add(keyOf(volume));
  };
  volumes.on({ added: add, updated: (_, volume) => add(volume) });
  return reconciler;
}
