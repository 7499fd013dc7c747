import { isDeepStrictEqual } from 'node:util';
import { deployments as deploymentsRef, pods as podsRef, replicaSets as replicaSetsRef } from '../../api/kinds.gen.ts';
import { labelSelectorOf } from '../../api/selector.ts';
import { isStatus } from '../../api/status.ts';
import type { Deployment, ReplicaSet } from '../../api/types/apps-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { byController, byNamespace, orphansByNamespace } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import { isNamespaceGoing } from '../namespace-going.ts';
import { claim, claimantOf, controllerOf } from '../ownership.ts';
import { isScalingEvent, planRecreate, planRolling, planScale, type Scaling } from './plan.ts';
import { ReplicaSetWriter, type Rollout } from './replica-sets.ts';
import { planCleanup } from './revision.ts';
import { planRollback, wantedRevision } from './rollback.ts';
import {
  conditionOf,
  deploymentStatus,
  hasProgressDeadline,
  isComplete,
  progressDeadline,
  progressing,
  rolloutStatus,
} from './status.ts';

/** Rolls a Deployment's template out over ReplicaSets. */
export const deploymentController: ControllerDescriptor = {
  name: 'deployment-controller',
  account: 'deployment-controller',
  build(context) {
    const controller = new DeploymentController(context);
    return { run: (signal) => controller.reconciler.run(signal) };
  },
};

class DeploymentController {
  readonly reconciler: Reconciler;
  readonly #context: ControllerContext;
  readonly #deployments;
  readonly #sets;
  readonly #pods;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#deployments = context.informers.of(deploymentsRef);
    this.#sets = context.informers.of(replicaSetsRef).index(byController).index(orphansByNamespace);
    this.#pods = context.informers.of(podsRef).index(byController);
    this.reconciler = new Reconciler({
      name: context.name,
      reconcile: ({ key, signal }) => this.#reconcile(key, signal),
      clock: context.clock,
      log: context.log,
      ready: synced(this.#deployments, this.#sets, this.#pods),
    });
    const add = (deployment: Deployment) => this.reconciler.add(keyOf(deployment));
    this.#deployments.on({ added: add, updated: (_, deployment) => add(deployment), deleted: add });
    this.#sets.on({
      added: (set) => this.#setChanged(undefined, set),
      updated: (old, set) => this.#setChanged(old, set),
      deleted: (set) => this.#wake(this.#ownerOf(set)),
    });
    this.#pods.on({ deleted: (pod) => this.#podGone(pod) });
  }

  #wake(deployment: Deployment | undefined): void {
    if (deployment) this.reconciler.add(keyOf(deployment));
  }

  #ownerOf(set: ReplicaSet): Deployment | undefined {
    const reference = controllerOf(set);
    if (reference?.kind !== 'Deployment') return undefined;
    const deployment = this.#deployments.get({ namespace: set.metadata.namespace!, name: reference.name });
    return deployment?.metadata.uid === reference.uid ? deployment : undefined;
  }

  #setChanged(old: ReplicaSet | undefined, set: ReplicaSet): void {
    const moved = old && controllerOf(old)?.uid !== controllerOf(set)?.uid;
    if (moved) this.#wake(this.#ownerOf(old));
    if (controllerOf(set)) {
      this.#wake(this.#ownerOf(set));
      return;
    }
    if (old && !moved && isDeepStrictEqual(old.metadata.labels, set.metadata.labels)) return;
    for (const deployment of this.#deployments.by(byNamespace, set.metadata.namespace!)) {
      if (labelSelectorOf(deployment.spec?.selector).matches(set.metadata.labels)) this.#wake(deployment);
    }
  }

  /** A Recreate deployment goes on when the last of its old pods has gone. */
  #podGone(pod: Pod): void {
    const owner = controllerOf(pod);
    if (owner?.kind !== 'ReplicaSet') return;
    const set = this.#sets.get({ namespace: pod.metadata.namespace!, name: owner.name });
    const deployment = set?.metadata.uid === owner.uid ? this.#ownerOf(set) : undefined;
    if (deployment?.spec?.strategy?.type === 'Recreate') this.#wake(deployment);
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const deployment = this.#deployments.get(key);
    if (!deployment) return undefined;
    const writer = new ReplicaSetWriter(this.#context, signal);
    if (selectsAll(deployment)) {
      await this.#refuse(writer, deployment);
      return undefined;
    }
    try {
      return await this.#sync(writer, deployment, signal);
    } catch (error) {
      // Its namespace or the deployment itself went meanwhile.
      if (isNamespaceGoing(error) || isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #refuse(writer: ReplicaSetWriter, deployment: Deployment): Promise<void> {
    const message = 'This deployment is selecting all pods. A non-empty selector is required.';
    this.#context.recorder.event(deployment, 'Warning', 'SelectingAll', message);
    const generation = deployment.metadata.generation ?? 0;
    if ((deployment.status?.observedGeneration ?? 0) >= generation) return;
    await writer.writeStatus(deployment, { ...deployment.status, observedGeneration: generation });
  }

  async #sync(writer: ReplicaSetWriter, cached: Deployment, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const sets = await this.#claim(cached, signal);
    if (cached.metadata.deletionTimestamp) {
      return this.#record(writer, await writer.resolve(cached, sets, false), deploymentStatus);
    }
    const deployment = await this.#notePause(writer, cached);
    const rollout = await writer.resolve(deployment, sets, false);
    if (deployment.spec?.paused) {
      const settled = await this.#apply(writer, rollout, planScale(rollout.deployment, rollout.fresh, rollout.old));
      await this.#cleanup(writer, settled);
      return this.#record(writer, settled, deploymentStatus);
    }
    const revision = wantedRevision(deployment);
    if (revision !== undefined) return this.#rollBack(writer, deployment, sets, revision);
    if (isScalingEvent(rollout.deployment, rollout.fresh, rollout.old)) {
      const settled = await this.#apply(writer, rollout, planScale(rollout.deployment, rollout.fresh, rollout.old));
      return this.#record(writer, settled, deploymentStatus);
    }
    const step = deployment.spec?.strategy?.type === 'Recreate' ? this.#recreate : this.#roll;
    return this.#record(writer, await step.call(this, writer, rollout, sets), rolloutStatus);
  }

  /** Writes an earlier template into the deployment; that it changed starts the rollout. */
  async #rollBack(
    writer: ReplicaSetWriter,
    deployment: Deployment,
    sets: readonly ReplicaSet[],
    revision: number,
  ): Promise<undefined> {
    const rollout = await writer.resolve(deployment, sets, true);
    const plan = planRollback(rollout.deployment, revision, [...rollout.old, rollout.fresh!]);
    await writer.write(plan.deployment);
    this.#context.recorder.event(deployment, ...plan.event);
  }

  async #roll(writer: ReplicaSetWriter, { deployment }: Rollout, sets: readonly ReplicaSet[]): Promise<Rollout> {
    const rollout = await writer.resolve(deployment, sets, true);
    const scalings = planRolling(rollout.deployment, rollout.fresh!, rollout.old);
    if (scalings.length > 0) return this.#apply(writer, rollout, scalings);
    await this.#cleanup(writer, rollout);
    return rollout;
  }

  async #recreate(writer: ReplicaSetWriter, rollout: Rollout, sets: readonly ReplicaSet[]): Promise<Rollout> {
    const plan = planRecreate(rollout.old, (set) => this.#pods.by(byController, set.metadata.uid!));
    if (plan.step === 'empty') return this.#apply(writer, rollout, plan.scalings);
    if (plan.step === 'wait') return rollout;
    const full = rollout.fresh ? rollout : await writer.resolve(rollout.deployment, sets, true);
    const to = full.deployment.spec?.replicas ?? 1;
    if ((full.fresh!.spec?.replicas ?? 0) !== to) return this.#apply(writer, full, [{ set: full.fresh!, to }]);
    await this.#cleanup(writer, full);
    return full;
  }

  /** Scales one after the other; the result knows the sets as they now are. */
  async #apply(writer: ReplicaSetWriter, rollout: Rollout, scalings: readonly Scaling[]): Promise<Rollout> {
    let { fresh, old } = rollout;
    for (const scaling of scalings) {
      const written = await writer.scale(rollout.deployment, scaling);
      if (scaling.set === fresh) fresh = written;
      old = old.map((set) => (set === scaling.set ? written : set));
    }
    return { ...rollout, fresh, old };
  }

  async #cleanup(writer: ReplicaSetWriter, { deployment, old }: Rollout): Promise<void> {
    if (!deployment.spec?.paused && !isComplete(deployment, deployment.status ?? {})) return;
    for (const set of planCleanup(deployment, old)) await writer.remove(set);
  }

  async #record(
    writer: ReplicaSetWriter,
    { deployment, fresh, old }: Rollout,
    statusOf: typeof rolloutStatus,
  ): Promise<ReconcileResult | undefined> {
    const now = this.#context.clock.wall();
    const written = await writer.writeStatus(deployment, statusOf(deployment, fresh, old, now));
    const deadline = progressDeadline(written, written.status ?? {});
    // A second more, so that the deadline has surely passed when the status is looked at again.
    return deadline === undefined || deployment.spec?.paused
      ? undefined
      : { after: Math.max(0, deadline - now) + 1000 };
  }

  async #notePause(writer: ReplicaSetWriter, deployment: Deployment): Promise<Deployment> {
    if (!hasProgressDeadline(deployment)) return deployment;
    const conditions = deployment.status?.conditions ?? [];
    const reason = conditionOf(conditions, 'Progressing')?.reason;
    if (reason === 'ProgressDeadlineExceeded') return deployment;
    const paused = deployment.spec?.paused === true;
    if (paused === (reason === 'DeploymentPaused')) return deployment;
    const [why, message] = paused
      ? ['DeploymentPaused', 'Deployment is paused']
      : ['DeploymentResumed', 'Deployment is resumed'];
    const next = progressing(conditions, 'Unknown', why!, message!, this.#context.clock.wall());
    return writer.writeStatus(deployment, { ...deployment.status, conditions: next });
  }

  #claim(deployment: Deployment, signal: AbortSignal): Promise<ReplicaSet[]> {
    const { client } = this.#context;
    const { namespace, uid } = deployment.metadata;
    const candidates = [...this.#sets.by(byController, uid!), ...this.#sets.by(orphansByNamespace, namespace!)];
    const selector = labelSelectorOf(deployment.spec?.selector);
    const claimant = claimantOf(deployment, client.resource(deploymentsRef), selector, signal);
    return claim(client.resource(replicaSetsRef), candidates, claimant, signal);
  }
}

/** An empty selector is a mistake upstream refuses to act on. */
function selectsAll(deployment: Deployment): boolean {
  return labelSelectorOf(deployment.spec?.selector).empty;
}
