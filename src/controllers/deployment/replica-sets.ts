import { isDeepStrictEqual } from 'node:util';
import { deployments as deploymentsRef, replicaSets as replicaSetsRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../api/types/apps-v1.gen.ts';
import type { ControllerContext } from '../controller.ts';
import { errorText, isNamespaceGoing } from '../namespace-going.ts';
import { controllerOf } from '../ownership.ts';
import { sameTemplate } from '../template-hash.ts';
import { type Scaling, scaled } from './plan.ts';
import { findNewReplicaSet, newReplicaSet, newSetAnnotations, nextRevision, revisionAnnotation } from './revision.ts';
import { conditionOf, hasProgressDeadline, progressing } from './status.ts';

/** A deployment with its ReplicaSets told apart. The deployment is the newest version this reconcile has written. */
export interface Rollout {
  readonly deployment: Deployment;
  readonly fresh: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
}

/** The writes a deployment controller makes: its ReplicaSets, its revision annotation, its status. */
export class ReplicaSetWriter {
  readonly #context: ControllerContext;
  readonly #signal: AbortSignal;

  constructor(context: ControllerContext, signal: AbortSignal) {
    this.#context = context;
    this.#signal = signal;
  }

  get #sets() {
    return this.#context.client.resource(replicaSetsRef);
  }

  get #deployments() {
    return this.#context.client.resource(deploymentsRef);
  }

  /** Finds the new ReplicaSet and keeps its revision true; makes it when it is missing and `create` is set. */
  async resolve(deployment: Deployment, sets: readonly ReplicaSet[], create: boolean): Promise<Rollout> {
    const found = findNewReplicaSet(deployment, sets);
    const old = sets.filter((set) => set !== found);
    const revision = nextRevision(old);
    if (found) {
      const fresh = await this.#refresh(deployment, found, revision);
      const message = `Found new replica set "${fresh.metadata.name}"`;
      const numbered = await this.#number(deployment, fresh.metadata.annotations?.[revisionAnnotation] ?? '');
      return { deployment: await this.#note(numbered, 'FoundNewReplicaSet', message, true), fresh, old };
    }
    if (!create) return { deployment, fresh: undefined, old };
    const { fresh, made } = await this.#create(deployment, newReplicaSet(deployment, old, revision));
    const numbered = await this.#number(deployment, String(revision));
    if (!made) return { deployment: numbered, fresh, old };
    const message = `Created new replica set "${fresh.metadata.name}"`;
    return { deployment: await this.#note(numbered, 'NewReplicaSetCreated', message, false), fresh, old };
  }

  async #refresh(deployment: Deployment, set: ReplicaSet, revision: number): Promise<ReplicaSet> {
    const current = set.metadata.annotations ?? {};
    const annotations = newSetAnnotations(deployment, current, revision, true);
    const minReadySeconds = deployment.spec?.minReadySeconds ?? 0;
    if (annotations === current && (set.spec?.minReadySeconds ?? 0) === minReadySeconds) return set;
    const { minReadySeconds: _, ...spec } = set.spec!;
    const changed = {
      ...set,
      metadata: { ...set.metadata, annotations: { ...annotations } },
      spec: { ...spec, ...(minReadySeconds > 0 && { minReadySeconds }) },
    };
    return this.#sets.update(changed, { signal: this.#signal });
  }

  async #create(deployment: Deployment, wanted: ReplicaSet): Promise<{ fresh: ReplicaSet; made: boolean }> {
    const { recorder } = this.#context;
    const { namespace, name } = wanted.metadata;
    const size = wanted.spec?.replicas ?? 0;
    try {
      const fresh = await this.#sets.create(wanted, { signal: this.#signal });
      if (size > 0) {
        recorder.event(deployment, 'Normal', 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${size}`);
      }
      return { fresh, made: true };
    } catch (error) {
      if (isNamespaceGoing(error)) throw error;
      if (!isStatus(error, 'AlreadyExists')) {
        await this.#createFailed(deployment, `Failed to create new replica set "${name}": ${errorText(error)}`);
        throw error;
      }
      const there = await this.#sets.get({ namespace: namespace!, name: name! }, { signal: this.#signal });
      const ours = controllerOf(there)?.uid === deployment.metadata.uid;
      if (ours && sameTemplate(there.spec?.template ?? {}, deployment.spec!.template))
        return { fresh: there, made: false };
      // Another template hashed to this name: count the collision, which changes the hash, and try again.
      const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
      await this.writeStatus(deployment, { ...deployment.status, collisionCount });
      throw error;
    }
  }

  async #createFailed(deployment: Deployment, message: string): Promise<void> {
    this.#context.recorder.event(deployment, 'Warning', 'ReplicaSetCreateError', message);
    if (!hasProgressDeadline(deployment)) return;
    const now = this.#context.clock.wall();
    const conditions = deployment.status?.conditions ?? [];
    const next = progressing(conditions, 'False', 'ReplicaSetCreateError', message, now);
    if (next !== conditions) await this.writeStatus(deployment, { ...deployment.status, conditions: next });
  }

  /** The revision is metadata, so it is written apart from the status. */
  async #number(deployment: Deployment, revision: string): Promise<Deployment> {
    if (deployment.metadata.annotations?.[revisionAnnotation] === revision) return deployment;
    const { namespace, name, uid } = deployment.metadata;
    const body = { metadata: { uid, annotations: { [revisionAnnotation]: revision } } };
    return this.#deployments.mergePatch({ namespace: namespace!, name: name! }, body, { signal: this.#signal });
  }

  async #note(deployment: Deployment, reason: string, message: string, onlyFirst: boolean): Promise<Deployment> {
    if (!hasProgressDeadline(deployment)) return deployment;
    const conditions = deployment.status?.conditions ?? [];
    if (onlyFirst && conditionOf(conditions, 'Progressing')) return deployment;
    const next = progressing(conditions, 'True', reason, message, this.#context.clock.wall());
    if (next === conditions) return deployment;
    return this.writeStatus(deployment, { ...deployment.status, conditions: next });
  }

  /** Gives a ReplicaSet its size and what it remembers; resolves with the set as it now is. */
  async scale(deployment: Deployment, scaling: Scaling): Promise<ReplicaSet> {
    const changed = scaled(deployment, scaling);
    if (!changed) return scaling.set;
    const from = scaling.set.spec?.replicas ?? 0;
    const written = await this.#sets.update(changed, { signal: this.#signal });
    if (from !== scaling.to) {
      const direction = from < scaling.to ? 'up' : 'down';
      const text = `Scaled ${direction} replica set ${scaling.set.metadata.name} from ${from} to ${scaling.to}`;
      this.#context.recorder.event(deployment, 'Normal', 'ScalingReplicaSet', text);
    }
    return written;
  }

  async remove(set: ReplicaSet): Promise<void> {
    const { namespace, name, uid } = set.metadata;
    try {
      const options = { preconditions: { uid: uid! }, signal: this.#signal };
      await this.#sets.delete({ namespace: namespace!, name: name! }, options);
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  /** Writes the deployment itself. */
  async write(deployment: Deployment): Promise<void> {
    await this.#deployments.update(deployment, { signal: this.#signal });
  }

  /** Writes the status if it differs; resolves with the deployment as it now is. */
  async writeStatus(deployment: Deployment, status: DeploymentStatus): Promise<Deployment> {
    if (isDeepStrictEqual(status, deployment.status)) return deployment;
    return this.#deployments.updateStatus({ ...deployment, status }, { signal: this.#signal });
  }
}
