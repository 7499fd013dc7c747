import {
  resourceClaims as claimsRef,
  pods as podsRef,
  resourceClaimTemplates as templatesRef,
} from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { ResourceClaim, ResourceClaimConsumerReference } from '../../api/types/resource-v1.gen.ts';
import { byController } from '../../client/informer.ts';
import { keyOf, parseKey } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { claimFinalizer, claimNamesOf, podsByClaim, reservation } from '../../resources/resource/pod-claims.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import { errorText, isNamespaceGoing } from '../namespace-going.ts';
import { controllerOf } from '../ownership.ts';
import { type ClaimBook, claimFor, claimsToReserve, isDone, planClaim, planEntries } from './plan.ts';

/** Makes ResourceClaims for pods by their templates, and takes those out of claims that need them no more. */
export const resourceClaimController: ControllerDescriptor = {
  name: 'resourceclaim-controller',
  account: 'resource-claim-controller',
  component: 'resource_claim',
  build(context) {
    const controller = new ResourceClaimController(context);
    return { run: (signal) => controller.run(signal) };
  },
};

class ResourceClaimController {
  readonly #context: ControllerContext;
  readonly #podQueue: Reconciler;
  readonly #claimQueue: Reconciler;
  readonly #pods;
  readonly #claims;
  readonly #templates;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, name, clock, log } = context;
    this.#pods = informers.of(podsRef).index(podsByClaim);
    this.#claims = informers.of(claimsRef).index(byController);
    this.#templates = informers.of(templatesRef);
    const common = { name, clock, log, ready: synced(this.#pods, this.#claims, this.#templates) };
    this.#podQueue = new Reconciler({ ...common, reconcile: ({ key, signal }) => this.#pod(key, signal) });
    this.#claimQueue = new Reconciler({ ...common, reconcile: ({ key, signal }) => this.#claim(key, signal) });
    const looked = (pod: Pod, gone: boolean) => {
      if (!pod.spec?.resourceClaims?.length && !pod.status?.extendedResourceClaimStatus) return;
      if (gone || isDone(pod))
        for (const claim of claimNamesOf(pod)) this.#claimQueue.add(`${pod.metadata.namespace}/${claim}`);
      if (!gone) this.#podQueue.add(keyOf(pod));
    };
    this.#pods.on({
      added: (pod) => looked(pod, false),
      updated: (_, pod) => looked(pod, false),
      deleted: (pod) => looked(pod, true),
    });
    const changed = (claim: ResourceClaim, gone: boolean) => {
      if (!gone) this.#claimQueue.add(keyOf(claim));
      for (const pod of this.#pods.by(podsByClaim, keyOf(claim))) this.#podQueue.add(keyOf(pod));
    };
    this.#claims.on({
      added: (claim) => changed(claim, false),
      updated: (_, claim) => changed(claim, false),
      deleted: (claim) => changed(claim, true),
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#podQueue.run(signal), this.#claimQueue.run(signal)]);
  }

  #book(pod: Pod): ClaimBook {
    return {
      claim: (name) => this.#claims.get({ namespace: pod.metadata.namespace!, name }),
      owned: this.#claims.by(byController, pod.metadata.uid!),
    };
  }

  async #pod(key: string, signal: AbortSignal): Promise<void> {
    const pod = this.#pods.get(key);
    if (!pod || pod.metadata.deletionTimestamp || isDone(pod)) return;
    const plan = planEntries(pod, this.#book(pod));
    const made: Record<string, string> = { ...plan.found };
    for (const entry of plan.make) {
      try {
        made[entry.name] = await this.#make(pod, entry, signal);
      } catch (error) {
        if (isNamespaceGoing(error)) return;
        const text = `PodResourceClaim ${entry.name}: ${errorText(error)}`;
        this.#context.recorder.event(pod, 'Warning', 'FailedResourceClaimCreation', text);
        throw error;
      }
    }
    const statuses = Object.entries(made).map(([name, resourceClaimName]) => ({ name, resourceClaimName }));
    if (statuses.length > 0) await this.#note(pod, statuses, signal);
    for (const claim of claimsToReserve(pod, this.#book(pod))) {
      const reservedFor = [...(claim.status?.reservedFor ?? []), reservation(pod)];
      await this.#context.client
        .resource(claimsRef)
        .updateStatus({ ...claim, status: { ...claim.status, reservedFor } }, { signal });
    }
  }

  async #make(
    pod: Pod,
    entry: { readonly name: string; readonly resourceClaimTemplateName?: string },
    signal: AbortSignal,
  ): Promise<string> {
    const name = entry.resourceClaimTemplateName!;
    const template = this.#templates.get({ namespace: pod.metadata.namespace!, name });
    if (!template)
      throw new Error(
        `resource claim template ${JSON.stringify(name)}: resourceclaimtemplate.resource.k8s.io ${JSON.stringify(name)} not found`,
      );
    try {
      const claim = await this.#context.client.resource(claimsRef).create(claimFor(pod, entry, template), { signal });
      return claim.metadata!.name!;
    } catch (error) {
      if (isNamespaceGoing(error)) throw error;
      throw new Error(`create ResourceClaim : ${errorText(error)}`, { cause: error });
    }
  }

  async #note(pod: Pod, resourceClaimStatuses: readonly object[], signal: AbortSignal): Promise<void> {
    const body = { metadata: { uid: pod.metadata.uid }, status: { resourceClaimStatuses } };
    try {
      const options = { subresource: 'status', signal } as const;
      await this.#context.client.resource(podsRef).patch(parseKey(keyOf(pod)), { type: 'strategic', body }, options);
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  async #claim(key: string, signal: AbortSignal): Promise<void> {
    const claim = this.#claims.get(key);
    if (!claim) return;
    const valid: ResourceClaimConsumerReference[] = [];
    for (const user of claim.status?.reservedFor ?? []) if (await this.#needs(claim, user, signal)) valid.push(user);
    const plan = planClaim(claim, valid);
    const writer = this.#context.client.resource(claimsRef);
    let current = claim;
    try {
      if (plan.reservedFor || plan.deallocate) {
        const { allocation, ...status } = claim.status ?? {};
        const kept = allocation && !plan.deallocate && { allocation };
        const reserved = plan.reservedFor && { reservedFor: plan.reservedFor };
        current = await writer.updateStatus({ ...claim, status: { ...status, ...kept, ...reserved } }, { signal });
      }
      if (plan.release) {
        const finalizers = current.metadata!.finalizers?.filter((one) => one !== claimFinalizer) ?? [];
        await writer.update({ ...current, metadata: { ...current.metadata!, finalizers } }, { signal });
      }
      if (valid.length === 0) await this.#removeUnneeded(claim, signal);
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  /** Whether a user of a claim still needs it. One that the cache does not know may be new: the server knows. */
  async #needs(claim: ResourceClaim, user: ResourceClaimConsumerReference, signal: AbortSignal): Promise<boolean> {
    if ((user.apiGroup ?? '') !== '' || user.resource !== 'pods')
      throw new Error(`unsupported ReservedFor entry: ${JSON.stringify(user)}`);
    const at = { namespace: claim.metadata!.namespace!, name: user.name };
    const known = this.#pods.get(at);
    if (known) return known.metadata.uid === user.uid && !isDone(known);
    try {
      return (await this.#context.client.resource(podsRef).get(at, { signal })).metadata.uid === user.uid;
    } catch (error) {
      if (isStatus(error, 'NotFound')) return false;
      throw error;
    }
  }

  /** A claim that was made for a pod goes with the pod's work, which may be long before the pod itself goes. */
  async #removeUnneeded(claim: ResourceClaim, signal: AbortSignal): Promise<void> {
    const owner = controllerOf(claim);
    if (owner?.kind !== 'Pod' || owner.apiVersion !== 'v1' || claim.metadata!.deletionTimestamp) return;
    const pod = this.#pods.get({ namespace: claim.metadata!.namespace!, name: owner.name });
    // A pod that is not known may be new; the garbage collector sees to those that are gone.
    if (!pod || (pod.metadata.uid === owner.uid && !isDone(pod))) return;
    const preconditions = { uid: claim.metadata!.uid! };
    await this.#context.client.resource(claimsRef).delete(parseKey(keyOf(claim)), { preconditions, signal });
  }
}
