import { isDeepStrictEqual } from 'node:util';
import { pods as podsRef } from '../api/kinds.gen.ts';
import type { AnyKind, ObjectMeta } from '../api/object.ts';
import type { ResourceRef } from '../api/resource-ref.ts';
import type { LabelSelector } from '../api/selector.ts';
import type { Pod } from '../api/types/core-v1.gen.ts';
import { Expectations } from '../client/expectations.ts';
import { byController, byNamespace, type Informer, orphansByNamespace } from '../client/informer.ts';
import { keyOf } from '../client/object-key.ts';
import type { Reconciler } from '../client/reconciler.ts';
import type { ControllerContext } from './controller.ts';
import { type Claimant, claim, claimantOf, controllerOf } from './ownership.ts';

/** An object that has metadata. */
export interface Owner extends AnyKind {
  readonly metadata: ObjectMeta;
  readonly status?: unknown;
}

/** A kind that controls pods. */
export interface PodOwnerKind<T extends Owner> {
  readonly ref: ResourceRef<T>;
  /** Which pods it may adopt; those it has and that do not match are released. */
  selectorOf(owner: T): LabelSelector;
  /** Whether the pod could be one of the owner's, by its name; any could unless given. */
  couldHave?(owner: T, pod: Pod): boolean;
  /** Finalizers that come and go with the ownership. */
  readonly finalizers?: readonly string[];
}

/**
 * Milliseconds for which changes of an owner's pods are gathered: each look goes over all of them, so that a large
 * owner must not look at every single change. Small ones look at once.
 */
const gatherTime = (pods: number): number => (pods < 100 ? 0 : Math.min(200, pods / 10));

/** The owners of one kind with their pods: who owns which, who is to look when one changes, what they adopt and release. */
export class PodOwners<T extends Owner> {
  readonly owners: Informer<T>;
  readonly pods: Informer<Pod>;
  /** By the owner's key. Creations and deletions that were seen are taken off. */
  readonly expectations: Expectations;
  readonly #context: ControllerContext;
  readonly #kind: PodOwnerKind<T>;

  constructor(context: ControllerContext, kind: PodOwnerKind<T>) {
    this.#context = context;
    this.#kind = kind;
    this.owners = context.informers.of(kind.ref);
    this.pods = context.informers.of(podsRef).index(byController).index(orphansByNamespace);
    this.expectations = new Expectations(context.clock);
  }

  /** Adds the key of every owner that changes, that has a pod that changes, or that may adopt one. */
  feed(reconciler: Reconciler): void {
    this.owners.on({
      added: (owner) => reconciler.add(keyOf(owner)),
      updated: (old, owner) => this.#ownerChanged(reconciler, old, owner),
      deleted: (owner) => {
        this.expectations.forget(keyOf(owner));
        reconciler.add(keyOf(owner));
      },
    });
    this.pods.on({
      added: (pod) => this.#podChanged(reconciler, undefined, pod),
      updated: (old, pod) => this.#podChanged(reconciler, old, pod),
      deleted: (pod) => this.#podGone(reconciler, pod),
    });
  }

  /** The owner that controls the pod, if it is still the one with that uid. */
  ownerOf(pod: Pod): T | undefined {
    const reference = controllerOf(pod);
    if (reference?.kind !== this.#kind.ref.kind) return undefined;
    const owner = this.owners.get({ namespace: pod.metadata.namespace!, name: reference.name });
    return owner?.metadata.uid === reference.uid ? owner : undefined;
  }

  /** The pods that it controls, whether or not they still match. */
  podsOf(owner: T): readonly Pod[] {
    return this.pods.by(byController, owner.metadata.uid!);
  }

  /** Adopts and releases; resolves with the pods that are the owner's afterwards. */
  async claim(owner: T, signal: AbortSignal): Promise<Pod[]> {
    const orphans = this.pods.by(orphansByNamespace, owner.metadata.namespace!);
    const candidates = [...this.podsOf(owner), ...orphans];
    const accepts = (pod: AnyKind) => this.#couldHave(owner, pod as Pod);
    const claimant = { ...this.claimant(owner, signal), accepts };
    return claim(this.#context.client.resource(podsRef), candidates, claimant, signal);
  }

  /** By which rules the owner claims what is controlled by it. */
  claimant(owner: T, signal: AbortSignal): Claimant {
    const { ref, finalizers } = this.#kind;
    const owners = this.#context.client.resource(ref);
    const claimant = claimantOf(owner, owners, this.#kind.selectorOf(owner), signal);
    return finalizers ? { ...claimant, finalizers } : claimant;
  }

  #couldHave(owner: T, pod: Pod): boolean {
    return this.#kind.couldHave?.(owner, pod) ?? true;
  }

  /** Its own status comes back, too: that is no reason to look sooner than the pods are. */
  #ownerChanged(reconciler: Reconciler, old: T, owner: T): void {
    const told = old.metadata.generation === owner.metadata.generation && old.status !== owner.status;
    if (told) this.#wake(reconciler, owner);
    else reconciler.add(keyOf(owner));
  }

  #podChanged(reconciler: Reconciler, old: Pod | undefined, pod: Pod): void {
    if (pod.metadata.deletionTimestamp) {
      this.#podGone(reconciler, pod);
      return;
    }
    const moved = old && controllerOf(old)?.uid !== controllerOf(pod)?.uid;
    const former = moved && this.ownerOf(old);
    if (former) reconciler.add(keyOf(former));
    const owner = this.ownerOf(pod);
    if (owner) {
      if (!old) this.expectations.created(keyOf(owner));
      this.#wake(reconciler, owner);
      return;
    }
    const relabelled = !old || moved || !isDeepStrictEqual(old.metadata.labels, pod.metadata.labels);
    if (!controllerOf(pod) && relabelled) this.#wakeAdopters(reconciler, pod);
  }

  #podGone(reconciler: Reconciler, pod: Pod): void {
    const owner = this.ownerOf(pod);
    if (!owner) return;
    this.expectations.deleted(keyOf(owner), pod.metadata.uid!);
    this.#wake(reconciler, owner);
  }

  #wake(reconciler: Reconciler, owner: T): void {
    reconciler.addAfter(keyOf(owner), gatherTime(this.pods.count(byController, owner.metadata.uid!)));
  }

  #wakeAdopters(reconciler: Reconciler, pod: Pod): void {
    for (const owner of this.owners.by(byNamespace, pod.metadata.namespace!)) {
      const selector = this.#kind.selectorOf(owner);
      if (selector.empty || !selector.matches(pod.metadata.labels)) continue;
      if (this.#couldHave(owner, pod)) reconciler.add(keyOf(owner));
    }
  }
}
