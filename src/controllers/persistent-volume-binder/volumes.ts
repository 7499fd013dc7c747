import { persistentVolumeClaims as claimsRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import { keyOf } from '../../client/object-key.ts';
import { matchingVolume, offersModes, volumeClass } from '../../resources/storage/volume-match.ts';
import type { ControllerContext } from '../controller.ts';
import { type Caches, isFree } from './caches.ts';
import type { Offers } from './offers.ts';
import { Phases } from './phases.ts';
import { Reclaimer } from './reclaim.ts';
import { planVolume } from './volume-plan.ts';

/** Takes volumes one step further. */
export class VolumeSync {
  readonly #context: ControllerContext;
  readonly #caches: Caches;
  readonly #offers: Offers;
  readonly #wake: (claim: string) => void;
  readonly #phases: Phases;
  readonly #reclaimer: Reclaimer;

  constructor(context: ControllerContext, caches: Caches, offers: Offers, wake: (claim: string) => void) {
    this.#context = context;
    this.#caches = caches;
    this.#offers = offers;
    this.#wake = wake;
    this.#phases = new Phases(context);
    this.#reclaimer = new Reclaimer(context, this.#phases);
  }

  async reconcile(key: string, signal: AbortSignal): Promise<void> {
    const volume = this.#caches.volumes.get(key);
    // One that is just being bound is in its claim's hands.
    if (!volume || this.#caches.taken.has(key)) return;
    try {
      await this.#sync(volume, signal);
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  async #sync(volume: PersistentVolume, signal: AbortSignal): Promise<void> {
    const ref = volume.spec?.claimRef;
    const claimKey = ref ? `${ref.namespace}/${ref.name}` : '';
    const plan = planVolume(volume, this.#caches.claims.get(claimKey));
    switch (plan.step) {
      case 'available':
        await this.#phases.set(volume, 'Available', signal);
        if (isFree(volume)) this.#offer(volume);
        return;
      case 'bound':
        await this.#phases.set(volume, 'Bound', signal);
        return;
      case 'finish':
        this.#wake(claimKey);
        return;
      case 'mismatch':
        this.#tellMismatch(volume, plan.claim);
        return;
      case 'unbind':
        await this.#phases.unbind(volume, signal);
        return;
      case 'release':
        return this.#release(volume, signal);
    }
  }

  /** Wakes the first who waits for such a volume, unless the scheduler chooses. */
  #offer(volume: PersistentVolume): void {
    const name = volume.metadata.name!;
    const className = volumeClass(volume);
    if (this.#caches.classNamed(className)?.volumeBindingMode === 'WaitForFirstConsumer') return;
    for (const claim of this.#caches.openClaims(className)) {
      const suits = offersModes(volume, claim.spec) && matchingVolume(claim, [volume]) !== undefined;
      if (!suits || !this.#offers.make(keyOf(claim), name)) continue;
      this.#wake(keyOf(claim));
      return;
    }
  }

  #tellMismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): void {
    const { recorder } = this.#context;
    const why = 'due to incompatible volumeMode.';
    const [its, name] = [claim.metadata.name, volume.metadata.name];
    const about = `Cannot bind PersistentVolume to requested PersistentVolumeClaim "${its}" ${why}`;
    recorder.event(volume, 'Warning', 'VolumeMismatch', about);
    const told = `Cannot bind PersistentVolume "${name}" to requested PersistentVolumeClaim ${why}`;
    recorder.event(claim, 'Warning', 'VolumeMismatch', told);
  }

  async #release(volume: PersistentVolume, signal: AbortSignal): Promise<void> {
    const phase = volume.status?.phase;
    if (phase === 'Released' || phase === 'Failed') return this.#reclaimer.reclaim(volume, signal);
    // Data may be deleted for this: the cache is not enough. When it is behind, it will tell of the claim.
    if (await this.#isClaimed(volume, signal)) return;
    return this.#reclaimer.reclaim(await this.#phases.set(volume, 'Released', signal), signal);
  }

  /** Whether the API has a claim that has, or may yet get, this volume. */
  async #isClaimed({ metadata, spec }: PersistentVolume, signal: AbortSignal): Promise<boolean> {
    const { name, namespace, uid } = spec!.claimRef!;
    try {
      const key = { name: name!, namespace: namespace! };
      const claim = await this.#context.client.resource(claimsRef).get(key, { signal });
      return claim.metadata.uid === uid && [undefined, '', metadata.name].includes(claim.spec?.volumeName);
    } catch (error) {
      if (isStatus(error, 'NotFound')) return false;
      throw error;
    }
  }
}
