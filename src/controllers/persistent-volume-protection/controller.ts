import { persistentVolumes as volumesRef } from '../../api/kinds.gen.ts';
import { keyOf } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { volumeProtection } from '../../resources/storage/protection.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { protect } from '../protection.ts';

/** Keeps volumes that are being deleted until no claim has them. Source: pkg/controller/volume/pvprotection. */
export const persistentVolumeProtection: ControllerDescriptor = {
  name: 'persistentvolume-protection-controller',
  account: 'pv-protection-controller',
  build({ name, client, informers, clock, log }) {
    const volumes = informers.of(volumesRef);
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(volumes),
      async reconcile({ key, signal }) {
        const volume = volumes.get(key);
        if (!volume) return;
        const inUse = async () => volume.status?.phase === 'Bound';
        await protect(client.resource(volumesRef), volume, volumeProtection, inUse, signal);
      },
    });
    volumes.on({
      added: (volume) => reconciler.add(keyOf(volume)),
      updated: (_, volume) => reconciler.add(keyOf(volume)),
    });
    return reconciler;
  },
};
