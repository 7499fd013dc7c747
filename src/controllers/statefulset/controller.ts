import { isDeepStrictEqual } from 'node:util';
import { pods as podsRef, statefulSets as setsRef } from '../../api/kinds.gen.ts';
import { labelSelectorOf } from '../../api/selector.ts';
import { isStatus } from '../../api/status.ts';
import type { ControllerRevision, StatefulSet } from '../../api/types/apps-v1.gen.ts';
import type { PersistentVolumeClaim, Pod } from '../../api/types/core-v1.gen.ts';
import { byNamespace } from '../../client/informer.ts';
import { keyOf, parseKey } from '../../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import { errorText, isNamespaceGoing } from '../namespace-going.ts';
import { PodOwners } from '../pod-owners.ts';
import { nextAvailability } from '../replicaset/status.ts';
import { templateOf } from '../revision-history.ts';
import { RevisionKeeper } from '../revision-keeper.ts';
import { slowStart } from '../slow-start.ts';
import { ClaimKeeper } from './claim-keeper.ts';
import { isClaimOf } from './claims.ts';
import { missingIdentity, ordinalOf, podAt, podNameAt } from './identity.ts';
import { isGoing, planSteps, type Revisions, revisionOf, type Step } from './plan.ts';
import { setStatus } from './status.ts';

/** Keeps the pods of a StatefulSet, each with its own name and volumes, in order. */
export const statefulSetController: ControllerDescriptor = {
  name: 'statefulset-controller',
  account: 'statefulset-controller',
  build(context) {
    return new StatefulSetController(context).reconciler;
  },
};

/** The label of a ControllerRevision that carries its hash. */
const hashLabel = 'controller.kubernetes.io/hash';

/** The revisions of a set, resolved: which is left, which is rolled out to, and all of them, oldest first. */
interface History {
  readonly names: Revisions;
  readonly all: readonly ControllerRevision[];
  readonly collisions: number;
}

class StatefulSetController {
  readonly reconciler: Reconciler;
  readonly #context: ControllerContext;
  readonly #owners: PodOwners<StatefulSet>;
  readonly #revisions: RevisionKeeper;
  readonly #claims: ClaimKeeper;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#owners = new PodOwners(context, {
      ref: setsRef,
      selectorOf: (set) => labelSelectorOf(set.spec?.selector),
      couldHave: (set, pod) => ordinalOf(set, pod) !== undefined,
    });
    this.#revisions = new RevisionKeeper(context, hashLabel);
    this.#claims = new ClaimKeeper(context);
    this.reconciler = new Reconciler({
      name: context.name,
      reconcile: ({ key, signal }) => this.#reconcile(key, signal),
      clock: context.clock,
      log: context.log,
      ready: synced(this.#owners.owners, this.#owners.pods, this.#revisions.revisions, this.#claims.claims),
    });
    this.#owners.feed(this.reconciler);
    this.#revisions.feed(this.reconciler, setsRef.kind);
    this.#claims.claims.on({ deleted: (claim) => this.#claimGone(claim) });
  }

  /** A pod may have waited for its claim to go. */
  #claimGone(claim: PersistentVolumeClaim): void {
    for (const set of this.#owners.owners.by(byNamespace, claim.metadata!.namespace!)) {
      if (isClaimOf(set, claim)) this.reconciler.add(keyOf(set));
    }
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const set = this.#owners.owners.get(key);
    if (!set || labelSelectorOf(set.spec?.selector).empty) return undefined;
    try {
      return await this.#sync(set, signal);
    } catch (error) {
      // Its namespace, the set itself or what it was about to change went meanwhile: that is told by events.
      if (isNamespaceGoing(error) || isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #sync(set: StatefulSet, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const pods = await this.#owners.claim(set, signal);
    const history = await this.#history(set, signal);
    const now = this.#context.clock.wall();
    const status = setStatus(set, pods, history.names, history.collisions, now);
    let written = set;
    if (!isDeepStrictEqual(status, set.status)) {
      written = await this.#context.client.resource(setsRef).updateStatus({ ...set, status }, { signal });
    }
    if (!set.metadata.deletionTimestamp) {
      const names = { current: status.currentRevision!, update: history.names.update };
      for (const pod of pods) await this.#settle(written, pod, signal);
      const { errors } = await slowStart(planSteps(written, pods, names, now), (step) =>
        this.#take(written, step, history, signal).then(
          () => undefined,
          (error: unknown) => error,
        ),
      );
      if (errors.length > 0) throw errors[0];
      const live = new Set([names.current, names.update, ...pods.map((pod) => revisionOf(pod) ?? '')]);
      await this.#revisions.forget(history.all, live, set.spec?.revisionHistoryLimit ?? 10, signal);
    }
    const after = nextAvailability(pods, set.spec?.minReadySeconds ?? 0, now);
    return after === undefined ? undefined : { after };
  }

  async #history(set: StatefulSet, signal: AbortSignal): Promise<History> {
    const { currentRevision = '', updateRevision = '', collisionCount = 0 } = set.status ?? {};
    // The revisions of a set that is being deleted are the garbage collector's: none is made again.
    if (set.metadata.deletionTimestamp) {
      return { names: { current: currentRevision, update: updateRevision }, all: [], collisions: collisionCount };
    }
    const owner = { metadata: set.metadata, ref: setsRef, template: set.spec!.template };
    const claimant = this.#owners.claimant(set, signal);
    const resolved = await this.#revisions.resolve(owner, claimant, collisionCount, signal);
    const { update, all, collisions } = resolved;
    const current = all.find((r) => r.metadata.name === currentRevision) ?? update;
    return { names: { current: current.metadata.name!, update: update.metadata.name! }, all, collisions };
  }

  /** What a pod must have that is there: its labels, its claims, and their owners. */
  async #settle(set: StatefulSet, pod: Pod, signal: AbortSignal): Promise<void> {
    if (isGoing(pod)) return;
    // A pod that waits for a claim that somebody deleted gets it anew.
    if (pod.status?.phase === 'Pending') await this.#claims.ensure(set, ordinalOf(set, pod)!, signal);
    await this.#claims.settle(set, pod, signal);
    const labels = missingIdentity(set, pod);
    if (!labels) return;
    const body = { metadata: { uid: pod.metadata.uid, labels } };
    const { client, recorder } = this.#context;
    await client.resource(podsRef).mergePatch(parseKey(keyOf(pod)), body, { signal });
    const text = `update Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`;
    recorder.event(set, 'Normal', 'SuccessfulUpdate', text);
  }

  async #take(set: StatefulSet, step: Step, history: History, signal: AbortSignal): Promise<void> {
    if (step.do === 'create' && this.#claims.mustWait(set, step.ordinal)) return;
    const [verb, name] =
      step.do === 'create' ? ['Create', podNameAt(set, step.ordinal)] : ['Delete', step.pod.metadata.name];
    const subject = `${step.do} Pod ${name} in StatefulSet ${set.metadata.name}`;
    const { recorder } = this.#context;
    try {
      if (step.do === 'create') await this.#create(set, step.ordinal, step.revision, history, signal);
      else if (!(await this.#remove(step.pod, signal))) return;
      recorder.event(set, 'Normal', `Successful${verb}`, `${subject} successful`);
    } catch (error) {
      if (!isNamespaceGoing(error) && !isStatus(error, 'AlreadyExists')) {
        recorder.event(set, 'Warning', `Failed${verb}`, `${subject} failed error: ${errorText(error)}`);
      }
      throw error;
    }
  }

  async #create(set: StatefulSet, ordinal: number, name: string, { all }: History, signal: AbortSignal): Promise<void> {
    await this.#claims.ensure(set, ordinal, signal);
    const revision = all.find((r) => r.metadata.name === name)!;
    const pods = this.#context.client.resource(podsRef);
    const pod = await pods.create(podAt(set, templateOf(revision), name, ordinal), { signal });
    await this.#claims.settle(set, pod, signal);
  }

  /** Resolves with whether the pod was still there. */
  async #remove(pod: Pod, signal: AbortSignal): Promise<boolean> {
    try {
      const preconditions = { uid: pod.metadata.uid! };
      await this.#context.client.resource(podsRef).delete(parseKey(keyOf(pod)), { preconditions, signal });
      return true;
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
      return false;
    }
  }
}
