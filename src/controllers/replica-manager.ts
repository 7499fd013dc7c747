import { isDeepStrictEqual } from 'node:util';
import { pods as podsRef } from '../api/kinds.gen.ts';
import { isStatus } from '../api/status.ts';
import type { ReplicaSetCondition, ReplicaSetStatus } from '../api/types/apps-v1.gen.ts';
import type { Pod, PodTemplateSpec } from '../api/types/core-v1.gen.ts';
import { byController } from '../client/informer.ts';
import { keyOf, parseKey } from '../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../client/reconciler.ts';
import { type ControllerContext, synced } from './controller.ts';
import { errorText, isNamespaceGoing } from './namespace-going.ts';
import { controllerOf, controllerReference } from './ownership.ts';
import { type Owner, type PodOwnerKind, PodOwners } from './pod-owners.ts';
import { isActive } from './pod-state.ts';
import { podFromTemplate } from './pod-template.ts';
import { planReplicas } from './replicaset/plan.ts';
import { type Failure, nextAvailability, replicaStatus } from './replicaset/status.ts';
import { slowStart } from './slow-start.ts';

/** What ReplicaSets and ReplicationControllers have in common. */
export interface ReplicaParent extends Owner {
  readonly spec?: {
    readonly replicas?: number;
    readonly minReadySeconds?: number;
    readonly template?: PodTemplateSpec;
  };
  readonly status?: { readonly conditions?: readonly ReplicaSetCondition[] };
}

/** In what they differ. */
export interface ReplicaKind<T extends ReplicaParent> extends PodOwnerKind<T> {
  /** Drops from the status what the kind does not have. */
  trimStatus?(status: ReplicaSetStatus): ReplicaSetStatus;
}

/** Keeps the number of pods that each parent of one kind asks for. */
export class ReplicaManager<T extends ReplicaParent> {
  readonly reconciler: Reconciler;
  readonly #context: ControllerContext;
  readonly #kind: ReplicaKind<T>;
  readonly #owners: PodOwners<T>;

  constructor(context: ControllerContext, kind: ReplicaKind<T>) {
    this.#context = context;
    this.#kind = kind;
    this.#owners = new PodOwners(context, kind);
    this.reconciler = new Reconciler({
      name: context.name,
      reconcile: ({ key, signal }) => this.#reconcile(key, signal),
      clock: context.clock,
      log: context.log,
      ready: synced(this.#owners.owners, this.#owners.pods),
    });
    this.#owners.feed(this.reconciler);
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const set = this.#owners.owners.get(key);
    if (!set) return undefined;
    const mayAct = this.#owners.expectations.satisfied(key) && !set.metadata.deletionTimestamp;
    const owned = await this.#owners.claim(set, signal);
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
    const siblings = owner ? this.#owners.owners.by(byController, owner.uid) : [set];
    return siblings.flatMap((sibling) => this.#owners.podsOf(sibling)).filter(isActive);
  }

  async #create(key: string, set: T, total: number, signal: AbortSignal): Promise<Failure | undefined> {
    this.#owners.expectations.expectCreations(key, total);
    const pods = new Array<undefined>(total).fill(undefined);
    const { done, errors } = await slowStart(pods, () => this.#createOne(set, signal));
    for (let i = done; i < total; i++) this.#owners.expectations.created(key);
    return errors.find((error) => error !== 'going') as Failure | undefined;
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
    this.#owners.expectations.expectDeletions(
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
      this.#owners.expectations.deleted(key, uid!);
      if (isStatus(error, 'NotFound') || isStatus(error, 'Conflict')) return undefined;
      const message = errorText(error);
      recorder.event(set, 'Warning', 'FailedDelete', `Error deleting: ${message}`);
      return { reason: 'FailedDelete', message };
    }
  }
}
