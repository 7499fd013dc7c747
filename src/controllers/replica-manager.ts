import { isDeepStrictEqual } from 'node:util';
import { pods as podsRef } from '../api/kinds.gen.ts';
import type { AnyKind, ObjectMeta } from '../api/object.ts';
import type { ResourceRef } from '../api/resource-ref.ts';
import type { LabelSelector } from '../api/selector.ts';
import { isStatus } from '../api/status.ts';
import type { ReplicaSetCondition, ReplicaSetStatus } from '../api/types/apps-v1.gen.ts';
import type { Pod, PodTemplateSpec } from '../api/types/core-v1.gen.ts';
import { Expectations } from '../client/expectations.ts';
import { byController, byNamespace, type Informer, orphansByNamespace } from '../client/informer.ts';
import { keyOf, parseKey } from '../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../client/reconciler.ts';
import { type ControllerContext, synced } from './controller.ts';
import { errorText, isNamespaceGoing } from './namespace-going.ts';
import { claim, controllerOf, controllerReference } from './ownership.ts';
import { isActive } from './pod-state.ts';
import { podFromTemplate } from './pod-template.ts';
import { planReplicas } from './replicaset/plan.ts';
import { type Failure, nextAvailability, replicaStatus } from './replicaset/status.ts';

/** What ReplicaSets and ReplicationControllers have in common. */
export interface ReplicaParent extends AnyKind {
  readonly metadata: ObjectMeta;
  readonly spec?: {
    readonly replicas?: number;
    readonly minReadySeconds?: number;
    readonly template?: PodTemplateSpec;
  };
  readonly status?: { readonly conditions?: readonly ReplicaSetCondition[] };
}

/** In what they differ. */
export interface ReplicaKind<T extends ReplicaParent> {
  readonly ref: ResourceRef<T>;
  selectorOf(parent: T): LabelSelector;
  /** Drops from the status what the kind does not have. */
  trimStatus?(status: ReplicaSetStatus): ReplicaSetStatus;
}

/** Pods created at once: enough to share commits, few enough not to hold the event loop. */
const parallel = 50;

/**
 * Milliseconds for which changes of a parent's pods are gathered: each look goes over all of them, so that a large
 * parent must not look at every single change. Small ones look at once.
 */
export const gatherTime = (pods: number): number => (pods < 100 ? 0 : Math.min(200, pods / 10));

/** Keeps the number of pods that each parent of one kind asks for. */
export class ReplicaManager<T extends ReplicaParent> {
  readonly reconciler: Reconciler;
  readonly #context: ControllerContext;
  readonly #kind: ReplicaKind<T>;
  readonly #sets: Informer<T>;
  readonly #pods;
  readonly #expectations: Expectations;

  constructor(context: ControllerContext, kind: ReplicaKind<T>) {
    this.#context = context;
    this.#kind = kind;
    this.#sets = context.informers.of(kind.ref);
    this.#pods = context.informers.of(podsRef).index(byController).index(orphansByNamespace);
    this.#expectations = new Expectations(context.clock);
    this.reconciler = new Reconciler({
      name: context.name,
      reconcile: ({ key, signal }) => this.#reconcile(key, signal),
      clock: context.clock,
      log: context.log,
      ready: synced(this.#sets, this.#pods),
    });
    this.#sets.on({
      added: (set) => this.reconciler.add(keyOf(set)),
      updated: (old, set) => this.#setChanged(old, set),
      deleted: (set) => {
        this.#expectations.forget(keyOf(set));
        this.reconciler.add(keyOf(set));
      },
    });
    this.#pods.on({
      added: (pod) => this.#podChanged(undefined, pod),
      updated: (old, pod) => this.#podChanged(old, pod),
      deleted: (pod) => this.#podGone(pod),
    });
  }

  /** The parent that controls the pod, if it is still the one with that uid. */
  #ownerOf(pod: Pod): T | undefined {
    const reference = controllerOf(pod);
    if (reference?.kind !== this.#kind.ref.kind) return undefined;
    const set = this.#sets.get({ namespace: pod.metadata.namespace!, name: reference.name });
    return set?.metadata.uid === reference.uid ? set : undefined;
  }

  /** Our own status comes back, too: that is no reason to look sooner than the pods are. */
  #setChanged(old: T, set: T): void {
    const told = old.metadata.generation === set.metadata.generation && old.status !== set.status;
    this.reconciler.addAfter(keyOf(set), told ? this.#gatherTime(set) : 0);
  }

  #gatherTime(set: T): number {
    return gatherTime(this.#pods.count(byController, set.metadata.uid!));
  }

  #podChanged(old: Pod | undefined, pod: Pod): void {
    if (pod.metadata.deletionTimestamp) {
      this.#podGone(pod);
      return;
    }
    const moved = old && controllerOf(old)?.uid !== controllerOf(pod)?.uid;
    const former = moved && this.#ownerOf(old);
    if (former) this.reconciler.add(keyOf(former));
    const owner = this.#ownerOf(pod);
    if (owner) {
      if (!old) this.#expectations.created(keyOf(owner));
      this.reconciler.addAfter(keyOf(owner), this.#gatherTime(owner));
      return;
    }
    const relabelled = !old || moved || !isDeepStrictEqual(old.metadata.labels, pod.metadata.labels);
    if (!controllerOf(pod) && relabelled) this.#wakeAdopters(pod);
  }

  #wakeAdopters(pod: Pod): void {
    for (const set of this.#sets.by(byNamespace, pod.metadata.namespace!)) {
      if (this.#kind.selectorOf(set).matches(pod.metadata.labels)) this.reconciler.add(keyOf(set));
    }
  }

  #podGone(pod: Pod): void {
    const owner = this.#ownerOf(pod);
    if (!owner) return;
    this.#expectations.deleted(keyOf(owner), pod.metadata.uid!);
    this.reconciler.add(keyOf(owner));
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const set = this.#sets.get(key);
    if (!set) {
      this.#expectations.forget(key);
      return undefined;
    }
    const mayAct = this.#expectations.satisfied(key) && !set.metadata.deletionTimestamp;
    const owned = await this.#claim(set, signal);
    const failure = mayAct ? await this.#manage(key, set, owned, signal) : undefined;
    const now = this.#context.clock.wall();
    const minReadySeconds = set.spec?.minReadySeconds ?? 0;
    const owner = {
      generation: set.metadata.generation ?? 0,
      minReadySeconds,
      template: set.spec?.template,
      conditions: set.status?.conditions ?? [],
    };
    const full = replicaStatus(owner, owned, failure, now);
    const status = this.#kind.trimStatus?.(full) ?? full;
    if (!isDeepStrictEqual(status, set.status)) await this.#writeStatus({ ...set, status }, signal);
    if (failure) throw new Error(failure.message);
    const after = nextAvailability(owned, minReadySeconds, now);
    return after === undefined ? undefined : { after };
  }

  async #writeStatus(set: T, signal: AbortSignal): Promise<void> {
    try {
      await this.#context.client.resource(this.#kind.ref).updateStatus(set, { signal });
    } catch (error) {
      // Deleted meanwhile: nobody reads it any more.
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  #claim(set: T, signal: AbortSignal): Promise<Pod[]> {
    const { namespace, name, uid } = set.metadata;
    const sets = this.#context.client.resource(this.#kind.ref);
    const candidates = [...this.#pods.by(byController, uid!), ...this.#pods.by(orphansByNamespace, namespace!)];
    const claimant = {
      metadata: set.metadata,
      reference: controllerReference(set, this.#kind.ref),
      selector: this.#kind.selectorOf(set),
      mayAdopt: async () => {
        const fresh = await sets.get({ namespace: namespace!, name: name! }, { signal });
        return fresh.metadata.uid === uid && !fresh.metadata.deletionTimestamp;
      },
    };
    return claim(this.#context.client.resource(podsRef), candidates, claimant, signal);
  }

  async #manage(key: string, set: T, owned: readonly Pod[], signal: AbortSignal): Promise<Failure | undefined> {
    const active = owned.filter(isActive);
    const wanted = set.spec?.replicas ?? 0;
    const related = active.length > wanted ? this.#related(set) : [];
    const plan = planReplicas(active, wanted, related, this.#context.clock.wall());
    if ('create' in plan) return plan.create > 0 ? this.#create(key, set, plan.create, signal) : undefined;
    return this.#remove(key, set, plan.remove, signal);
  }

  /** The active pods of every parent under the same controller as this one. */
  #related(set: T): Pod[] {
    const owner = controllerOf(set);
    const siblings = owner ? this.#sets.by(byController, owner.uid) : [set];
    return siblings.flatMap((s) => this.#pods.by(byController, s.metadata.uid!)).filter(isActive);
  }

  async #create(key: string, set: T, total: number, signal: AbortSignal): Promise<Failure | undefined> {
    this.#expectations.expectCreations(key, total);
    let left = total;
    // After a failure begin with one, then double, so that a quota is not hit hundreds of times for nothing.
    let batch = set.status?.conditions?.some((c) => c.type === 'ReplicaFailure') ? 1 : parallel;
    while (left > 0) {
      const size = Math.min(batch, left);
      const failures = await Promise.all(Array.from({ length: size }, () => this.#createOne(set, signal)));
      left -= size;
      const failed = failures.filter((f) => f !== undefined);
      for (const _ of failed) this.#expectations.created(key);
      if (failed.length > 0) {
        for (let i = 0; i < left; i++) this.#expectations.created(key);
        return failed.find((f) => f !== 'going') as Failure | undefined;
      }
      batch = Math.min(batch * 2, parallel);
    }
    return undefined;
  }

  async #createOne(set: T, signal: AbortSignal): Promise<Failure | 'going' | undefined> {
    const { recorder, client } = this.#context;
    const { namespace, name } = set.metadata;
    const template = set.spec?.template ?? {};
    const pod = podFromTemplate(
      template,
      { name: name!, namespace: namespace! },
      controllerReference(set, this.#kind.ref),
    );
    try {
      const created = await client.resource(podsRef).create(pod, { signal });
      recorder.event(set, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
      return undefined;
    } catch (error) {
      if (isNamespaceGoing(error)) return 'going';
      const message = errorText(error);
      recorder.event(set, 'Warning', 'FailedCreate', `Error creating: ${message}`);
      return { reason: 'FailedCreate', message };
    }
  }

  async #remove(key: string, set: T, pods: readonly Pod[], signal: AbortSignal): Promise<Failure | undefined> {
    this.#expectations.expectDeletions(
      key,
      pods.map((pod) => pod.metadata.uid!),
    );
    const failures = await Promise.all(pods.map((pod) => this.#removeOne(key, set, pod, signal)));
    return failures.find((f) => f !== undefined);
  }

  async #removeOne(key: string, set: T, pod: Pod, signal: AbortSignal): Promise<Failure | undefined> {
    const { recorder, client } = this.#context;
    const { name, uid } = pod.metadata;
    try {
      await client.resource(podsRef).delete(parseKey(keyOf(pod)), { preconditions: { uid: uid! }, signal });
      recorder.event(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
      return undefined;
    } catch (error) {
      this.#expectations.deleted(key, uid!);
      if (isStatus(error, 'NotFound') || isStatus(error, 'Conflict')) return undefined;
      const message = errorText(error);
      recorder.event(set, 'Warning', 'FailedDelete', `Error deleting: ${message}`);
      return { reason: 'FailedDelete', message };
    }
  }
}
