import { resourceClaims } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { AllocationResult, ResourceClaim } from '../../api/types/resource-v1.gen.ts';
import { type Clock, timestamp } from '../../base/clock.ts';
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import { claimFinalizer, isReservedFor, reservation } from '../../resources/resource/pod-claims.ts';
import { onChange, settled } from '../binding/settled.ts';
import { Unfit } from '../plugin.ts';
import type { PodInfo } from '../state/pod-info.ts';
import { needsPreparing, readiness } from './readiness.ts';

/** Writing what was decided about claims. Source: dynamicresources.go (bindClaim). */

export interface ClaimTools {
  readonly client: Client;
  readonly clock: Clock;
  readonly claims: Informer<ResourceClaim>;
}

/** A claim that others keep changing is read anew this often. */
const maxAttempts = 5;

const nameOf = ({ metadata }: ResourceClaim) => `${metadata.namespace}/${metadata.name}`;
const keyIn = ({ metadata }: ResourceClaim) => ({ namespace: metadata.namespace ?? '', name: metadata.name ?? '' });

/** Writes allocation and reservation of a claim for the pod. Throws what upstream says went wrong. */
export async function bindClaim(
  { client, clock }: ClaimTools,
  pod: PodInfo,
  claim: ResourceClaim,
  allocation: AllocationResult | undefined,
  signal: AbortSignal,
): Promise<ResourceClaim> {
  const resource = client.resource(resourceClaims);
  let current = claim;
  for (let attempt = 1; ; attempt++) {
    if (current.metadata.deletionTimestamp) throw new Error(`claim ${nameOf(claim)} got deleted in the meantime`);
    if (allocation && current.status?.allocation) {
      throw new Error(`claim ${nameOf(claim)} got allocated elsewhere in the meantime`);
    }
    try {
      // Finalizers are not part of the status: two writes.
      if (allocation && !current.metadata.finalizers?.includes(claimFinalizer)) {
        const finalizers = [...(current.metadata.finalizers ?? []), claimFinalizer];
        current = await resource.update({ ...current, metadata: { ...current.metadata, finalizers } }, { signal });
      }
      const allocationTimestamp = timestamp(clock.wall());
      const status = {
        ...current.status,
        ...(allocation && { allocation: { ...allocation, allocationTimestamp } }),
        reservedFor: [...(current.status?.reservedFor ?? []), reservation(pod.pod)],
      };
      return await resource.updateStatus({ ...current, status }, { signal });
    } catch (error) {
      if (!isStatus(error, 'Conflict') || attempt === maxAttempts) {
        const what = allocation ? 'add allocation and reservation to claim' : 'add reservation to claim';
        throw new Error(`${what} ${nameOf(claim)}: ${(error as Error).message}`, { cause: error });
      }
      current = await resource.get(keyIn(claim), { signal });
    }
  }
}

/** Takes the pod off a claim's users, whatever else has become of the claim. */
export async function releaseClaim({ client }: ClaimTools, pod: PodInfo, claim: ResourceClaim): Promise<void> {
  const body = {
    metadata: { uid: claim.metadata.uid },
    status: { reservedFor: [{ $patch: 'delete', uid: pod.uid }] },
  };
  const patch = { type: 'strategic', body } as const;
  await client.resource(resourceClaims).patch(keyIn(claim), patch, { subresource: 'status' });
}

/** Deletes a claim that was made for a pod and is of no use to it any more. */
export async function deleteClaim({ client, claims }: ClaimTools, claim: ResourceClaim): Promise<void> {
  const resource = client.resource(resourceClaims);
  try {
    for (let attempt = 1, current = claims.get(keyOf(claim)) ?? claim; ; attempt++) {
      const finalizers = current.metadata.finalizers?.filter((finalizer) => finalizer !== claimFinalizer) ?? [];
      try {
        await resource.update({ ...current, metadata: { ...current.metadata, finalizers } });
        break;
      } catch (error) {
        if (!isStatus(error, 'Conflict') || attempt === maxAttempts) throw error;
        current = await resource.get(keyIn(claim));
      }
    }
    await resource.delete(keyIn(claim), { preconditions: { uid: claim.metadata.uid! } });
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error;
  }
}

/** Frees the devices of a claim that nobody uses. */
export async function deallocate({ client }: ClaimTools, claim: ResourceClaim, signal: AbortSignal): Promise<void> {
  const { allocation: _, reservedFor: __, ...status } = claim.status ?? {};
  await client.resource(resourceClaims).updateStatus({ ...claim, status }, { signal });
}

/** Resolves once drivers have prepared the devices of these claims. Throws `Unfit` when they cannot. */
export async function claimsPrepared(
  { clock, claims }: ClaimTools,
  pod: PodInfo,
  wanted: readonly ResourceClaim[],
  timeout: number,
  signal: AbortSignal,
): Promise<void> {
  const waiting = wanted.filter(needsPreparing);
  if (waiting.length === 0) return;
  const check = () => {
    let all = true;
    for (const claim of waiting) {
      const current = claims.get(keyOf(claim));
      if (!current || current.metadata.uid !== claim.metadata.uid) throw new Unfit(`claim ${nameOf(claim)} is gone`);
      // The informer may still be showing what was before.
      if (!current.status?.allocation || !isReservedFor(current, pod.pod)) all = false;
      else {
        const state = readiness(current, clock.wall(), timeout);
        if (typeof state === 'object') throw new Unfit(state.failed);
        all &&= state === 'ready';
      }
    }
    return all;
  };
  const watch = (look: () => void) => [claims.on(onChange(look))];
  try {
    await settled({ clock, check, watch, timeout, signal });
  } catch (error) {
    if (signal.aborted || error instanceof Unfit) throw error;
    throw new Unfit(`device binding timeout: ${(error as Error).message}`);
  }
}
