import { persistentVolumes as volumesRef } from '../../api/kinds.gen.ts';
import type { PersistentVolume, PersistentVolumePhase } from '../../api/types/core-v1.gen.ts';
import type { ControllerContext } from '../controller.ts';
import { unboundVolume, volumeStatus } from './objects.ts';

/** Writes what volumes come to. */
export class Phases {
  readonly #context: ControllerContext;

  constructor(context: ControllerContext) {
    this.#context = context;
  }

  /** Writes the phase unless the volume is in it. Returns the volume as it is then. */
  async set(
    volume: PersistentVolume,
    phase: PersistentVolumePhase,
    signal: AbortSignal,
    message?: string,
  ): Promise<PersistentVolume> {
    const status = volumeStatus(volume, phase, message);
    if (status === volume.status) return volume;
    return this.#context.client.resource(volumesRef).updateStatus({ ...volume, status: status! }, { signal });
  }

  /** Takes a binding back: the volume is to be had again. */
  async unbind(volume: PersistentVolume, signal: AbortSignal): Promise<void> {
    const free = await this.#context.client.resource(volumesRef).update(unboundVolume(volume), { signal });
    await this.set(free, 'Available', signal);
  }

  /** Says, once, why the volume could not be reclaimed. */
  async fail(volume: PersistentVolume, reason: string, message: string, signal: AbortSignal): Promise<void> {
    if (volume.status?.phase === 'Failed') return;
    await this.set(volume, 'Failed', signal, message);
    this.#context.recorder.event(volume, 'Warning', reason, message);
  }
}
