import { persistentVolumeClaims as claimsRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { StatefulSet } from '../../api/types/apps-v1.gen.ts';
import type { PersistentVolumeClaim, Pod } from '../../api/types/core-v1.gen.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import type { ControllerContext } from '../controller.ts';
import { errorText } from '../namespace-going.ts';
import { claimsAt, isStale, ownersByPolicy } from './claims.ts';
import { ordinalOf, podNameAt } from './identity.ts';

/** Makes the claims of StatefulSets, and says who owns them. */
export class ClaimKeeper {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly #context: ControllerContext;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.claims = context.informers.of(claimsRef);
  }

  /** Whether an ordinal must wait for claims of its last pod to go with that. */
  mustWait(set: StatefulSet, ordinal: number): boolean {
    return this.#known(set, ordinal).some((claim) => isStale(set, podNameAt(set, ordinal), claim));
  }

  /** Makes the claims that an ordinal lacks. Throws while one of them is being deleted. */
  async ensure(set: StatefulSet, ordinal: number, signal: AbortSignal): Promise<void> {
    for (const wanted of claimsAt(set, ordinal)) {
      const known = this.claims.get(keyOf(wanted));
      if (known?.metadata?.deletionTimestamp) throw new Error(`pvc ${wanted.metadata.name} is being deleted`);
      if (!known) await this.#create(set, ordinal, wanted, signal);
    }
  }

  async #create(
    set: StatefulSet,
    ordinal: number,
    wanted: ReturnType<typeof claimsAt>[number],
    signal: AbortSignal,
  ): Promise<void> {
    const { client, recorder } = this.#context;
    const subject = `Claim ${wanted.metadata.name} Pod ${podNameAt(set, ordinal)} in StatefulSet ${set.metadata.name}`;
    try {
      await client.resource(claimsRef).create(wanted, { signal });
      recorder.event(set, 'Normal', 'SuccessfulCreate', `create ${subject} success`);
    } catch (error) {
      if (isStatus(error, 'AlreadyExists')) return;
      recorder.event(set, 'Warning', 'FailedCreate', `create ${subject} failed error: ${errorText(error)}`);
      throw error;
    }
  }

  /** Gives the claims of a pod the owners that the set's retention policy wants. */
  async settle(set: StatefulSet, pod: Pod, signal: AbortSignal): Promise<void> {
    for (const claim of this.#known(set, ordinalOf(set, pod)!)) {
      const owners = ownersByPolicy(set, pod, claim);
      if (!owners) continue;
      const { ownerReferences: _, ...metadata } = claim.metadata!;
      const changed = { ...claim, metadata: { ...metadata, ...(owners.length > 0 && { ownerReferences: owners }) } };
      await this.#context.client.resource(claimsRef).update(changed, { signal });
    }
  }

  #known(set: StatefulSet, ordinal: number): PersistentVolumeClaim[] {
    return claimsAt(set, ordinal).flatMap((wanted) => this.claims.get(keyOf(wanted)) ?? []);
  }
}
