import { persistentVolumeClaims as claimsRef, persistentVolumes as volumesRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import type { ControllerContext } from '../controller.ts';
import type { Caches } from './caches.ts';
import { type ClaimStep, planClaim } from './claim-plan.ts';
import { addressedClaim, boundClaim, boundStatus, boundVolume, unboundStatus, volumeStatus } from './objects.ts';
import type { Offers } from './offers.ts';

/** Takes claims one step further. */
export class ClaimSync {
  readonly #context: ControllerContext;
  readonly #caches: Caches;
  readonly #offers: Offers;
  readonly #look: (volume: string) => void;

  /** `look` has a volume looked at that was offered and not taken, or whose binding has come to an end. */
  constructor(context: ControllerContext, caches: Caches, offers: Offers, look: (volume: string) => void) {
    this.#context = context;
    this.#caches = caches;
    this.#offers = offers;
    this.#look = look;
  }

  async reconcile(key: string, signal: AbortSignal): Promise<void> {
    const offered = this.#offers.take(key);
    const claim = this.#caches.claims.get(key);
    const step = claim && planClaim(claim, this.#caches);
    const chosen = step?.step === 'bind' ? step.volume.metadata.name! : undefined;
    // From here to the binding others must not choose the same volume.
    if (chosen) this.#caches.taken.add(chosen);
    try {
      if (step) await this.#act(claim, step, signal);
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    } finally {
      if (chosen) this.#caches.taken.delete(chosen);
      if (chosen) this.#look(chosen);
      // One that was passed over is for somebody else; one that did not suit does not by being offered again.
      if (offered && offered !== chosen && (chosen || !claim)) this.#look(offered);
    }
  }

  async #act(claim: PersistentVolumeClaim, step: ClaimStep, signal: AbortSignal): Promise<void> {
    const { recorder, client } = this.#context;
    switch (step.step) {
      case 'bind':
        return this.#bind(claim, step.volume, signal);
      case 'wait':
        if (step.told) recorder.event(claim, step.told.type, step.told.reason, step.told.message);
        await this.#setStatus(claim, unboundStatus(claim, 'Pending'), signal);
        return;
      case 'lose':
        if (await this.#setStatus(claim, unboundStatus(claim, 'Lost'), signal)) {
          recorder.event(claim, step.told.type, step.told.reason, step.told.message);
        }
        return;
      case 'default':
        await client
          .resource(claimsRef)
          .update({ ...claim, spec: { ...claim.spec, storageClassName: step.className } }, { signal });
        return;
      case 'provision':
        await this.#save(claim, addressedClaim(claim, step.provisioner), signal);
        recorder.event(claim, step.told.type, step.told.reason, step.told.message);
        return;
      case 'fail':
        recorder.event(claim, 'Warning', 'FailedBinding', step.why);
        throw new Error(step.why);
    }
  }

  /** The volume is written first: it says whose it is, whatever else does not come to pass. */
  async #bind(claim: PersistentVolumeClaim, volume: PersistentVolume, signal: AbortSignal): Promise<void> {
    const volumes = this.#context.client.resource(volumesRef);
    const wanted = boundVolume(volume, claim);
    const bound = wanted === volume ? volume : await volumes.update(wanted, { signal });
    const status = volumeStatus(bound, 'Bound');
    const settled =
      status === bound.status ? undefined : volumes.updateStatus({ ...bound, status: status! }, { signal });
    const named = this.#save(claim, boundClaim(claim, bound), signal).then((saved) =>
      this.#setStatus(saved, boundStatus(saved, bound), signal),
    );
    const results = await Promise.allSettled([settled, named]);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  async #save(
    claim: PersistentVolumeClaim,
    wanted: PersistentVolumeClaim,
    signal: AbortSignal,
  ): Promise<PersistentVolumeClaim> {
    return wanted === claim ? claim : this.#context.client.resource(claimsRef).update(wanted, { signal });
  }

  /** Returns whether there was anything to write. */
  async #setStatus(
    claim: PersistentVolumeClaim,
    status: PersistentVolumeClaim['status'],
    signal: AbortSignal,
  ): Promise<boolean> {
    if (status === claim.status) return false;
    await this.#context.client.resource(claimsRef).updateStatus({ ...claim, status: status! }, { signal });
    return true;
  }
}
