import { persistentVolumes as volumesRef } from '../../api/kinds.gen.ts';
import type { PersistentVolume } from '../../api/types/core-v1.gen.ts';
import type { ControllerContext } from '../controller.ts';
import { errorText } from '../namespace-going.ts';
import { deleterOf } from './deleters.ts';
import type { Phases } from './phases.ts';
import { Recycler } from './recycler.ts';

/** What becomes of released volumes. */
export class Reclaimer {
  readonly #context: ControllerContext;
  readonly #phases: Phases;
  readonly #recycler: Recycler;

  constructor(context: ControllerContext, phases: Phases) {
    this.#context = context;
    this.#phases = phases;
    this.#recycler = new Recycler(context, phases);
  }

  /** Does what the volume's policy says. Throws what did not work, to be tried again. */
  async reclaim(volume: PersistentVolume, signal: AbortSignal): Promise<void> {
    switch (volume.spec?.persistentVolumeReclaimPolicy) {
      case 'Delete':
        return this.#delete(volume, signal);
      case 'Recycle':
        return this.#recycler.recycle(volume, signal);
    }
  }

  async #delete(volume: PersistentVolume, signal: AbortSignal): Promise<void> {
    try {
      const deleter = deleterOf(volume);
      // Whoever has made it deletes it.
      if (deleter === 'external') return;
      await this.#context.folders?.remove(deleter.folder, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      await this.#phases.fail(volume, 'VolumeFailedDelete', errorText(error), signal);
      throw error;
    }
    const { name, uid } = volume.metadata;
    await this.#context.client.resource(volumesRef).delete({ name: name! }, { preconditions: { uid: uid! }, signal });
  }
}
