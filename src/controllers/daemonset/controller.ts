import { isDeepStrictEqual } from 'node:util';
import {
  nodes as nodesRef,
  pods as podsRef,
  controllerRevisions as revisionsRef,
  daemonSets as setsRef,
} from '../../api/kinds.gen.ts';
import { labelSelectorOf } from '../../api/selector.ts';
import { isStatus } from '../../api/status.ts';
import type { ControllerRevision, DaemonSet } from '../../api/types/apps-v1.gen.ts';
import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import { keyOf, parseKey } from '../../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import { errorText, isNamespaceGoing } from '../namespace-going.ts';
import { PodOwners } from '../pod-owners.ts';
import { nextAvailability } from '../replicaset/status.ts';
import { duplicatesOf, revisionLabel } from '../revision-history.ts';
import { type ResolvedRevisions, RevisionKeeper } from '../revision-keeper.ts';
import { slowStart } from '../slow-start.ts';
import { FailureBackoff } from './failure-backoff.ts';
import { nodeOf, nowhere, placementOn, podFor } from './placement.ts';
import { planDaemons } from './plan.ts';
import { daemonStatus } from './status.ts';

/** Keeps one pod of a DaemonSet on every node that fits. */
export const daemonSetController: ControllerDescriptor = {
  name: 'daemonset-controller',
  account: 'daemon-set-controller',
  build(context) {
    return new DaemonSetController(context).reconciler;
  },
};

/** How many pods one reconcile creates or deletes. Upstream's BurstReplicas. */
const burst = 250;

/** The hash of a revision, by which pods tell that they are of it. */
const hashOf = (revision: ControllerRevision): string => revision.metadata.labels?.[revisionLabel] ?? '';

/** What came of a plan. */
interface Managed {
  /** The first write that failed: thrown once the status is written. */
  readonly error?: unknown;
  /** Milliseconds until failed pods that must wait are to be looked at again. */
  readonly after?: number;
}

class DaemonSetController {
  readonly reconciler: Reconciler;
  readonly #context: ControllerContext;
  readonly #owners: PodOwners<DaemonSet>;
  readonly #nodes;
  readonly #revisions: RevisionKeeper;
  readonly #failures = new FailureBackoff();

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#owners = new PodOwners(context, {
      ref: setsRef,
      selectorOf: (set) => labelSelectorOf(set.spec?.selector),
    });
    this.#nodes = context.informers.of(nodesRef);
    this.#revisions = new RevisionKeeper(context, revisionLabel);
    this.reconciler = new Reconciler({
      name: context.name,
      reconcile: ({ key, signal }) => this.#reconcile(key, signal),
      clock: context.clock,
      log: context.log,
      ready: synced(this.#owners.owners, this.#owners.pods, this.#nodes, this.#revisions.revisions),
    });
    this.#owners.feed(this.reconciler);
    this.#revisions.feed(this.reconciler, setsRef.kind);
    this.#owners.owners.on({ deleted: (set) => this.#failures.forget(set.metadata.uid!) });
    this.#nodes.on({
      added: (node) => this.#nodeChanged(undefined, node),
      deleted: (node) => this.#nodeChanged(node, undefined),
      updated: (old, node) => {
        const relevant = (n: Node) => [n.metadata.labels, n.spec?.taints];
        if (!isDeepStrictEqual(relevant(old), relevant(node))) this.#nodeChanged(old, node);
      },
    });
  }

  /** Only the sets that want something else of the node than before are to look. */
  #nodeChanged(old: Node | undefined, node: Node | undefined): void {
    for (const set of this.#owners.owners.values()) {
      const [before, after] = [old, node].map((one) => (one ? placementOn(set, one) : nowhere));
      if (before!.run !== after!.run || before!.stay !== after!.stay) this.reconciler.add(keyOf(set));
    }
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const set = this.#owners.owners.get(key);
    // What is left of one that is being deleted is the garbage collector's.
    if (!set || set.metadata.deletionTimestamp) return undefined;
    if (labelSelectorOf(set.spec?.selector).empty) {
      const text = 'This daemon set is selecting all pods. A non-empty selector is required.';
      this.#context.recorder.event(set, 'Warning', 'SelectingAll', text);
      return undefined;
    }
    try {
      return await this.#sync(key, set, signal);
    } catch (error) {
      // Its namespace, the set itself or what it was about to change went meanwhile: that is told by events.
      if (isNamespaceGoing(error) || isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #sync(key: string, set: DaemonSet, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const pods = await this.#owners.claim(set, signal);
    const history = await this.#resolve(set, signal);
    const revision = hashOf(history.update);
    const nodes = this.#nodes.list();
    const now = this.#context.clock.wall();
    const mayAct = this.#owners.expectations.satisfied(key);
    // Its own changes bring it back.
    if (mayAct && (await this.#merge(pods, history, signal))) return undefined;
    const done = mayAct ? await this.#manage(key, set, nodes, pods, revision, signal) : {};
    if (mayAct && !done.error) await this.#forget(set, pods, history, signal);
    const counted = daemonStatus(set, nodes, pods, revision, history.collisions, now);
    // A generation that was not acted on has not been seen.
    const { observedGeneration = 0 } = set.status ?? {};
    const status = mayAct ? counted : { ...counted, observedGeneration };
    if (!isDeepStrictEqual(status, set.status)) {
      await this.#context.client.resource(setsRef).updateStatus({ ...set, status }, { signal });
    }
    if (done.error) throw done.error;
    const soonest = nextAvailability(pods, set.spec?.minReadySeconds ?? 0, now);
    const waits = [done.after, soonest].filter((ms) => ms !== undefined);
    return waits.length > 0 ? { after: Math.min(...waits) } : undefined;
  }

  #resolve(set: DaemonSet, signal: AbortSignal): Promise<ResolvedRevisions> {
    const owner = { metadata: set.metadata, ref: setsRef, template: set.spec!.template };
    const claimant = this.#owners.claimant(set, signal);
    return this.#revisions.resolve(owner, claimant, set.status?.collisionCount ?? 0, signal);
  }

  /**
   * Makes one of several revisions of the current template, and tells the pods of the others so: they need no restart.
   * Resolves with whether there were any.
   */
  async #merge(pods: readonly Pod[], { update, all }: ResolvedRevisions, signal: AbortSignal): Promise<boolean> {
    const duplicates = duplicatesOf(update, all);
    const hashes = new Set(duplicates.map(hashOf));
    const { client } = this.#context;
    for (const pod of pods.filter(({ metadata }) => hashes.has(metadata.labels?.[revisionLabel] ?? ''))) {
      const body = { metadata: { uid: pod.metadata.uid, labels: { [revisionLabel]: hashOf(update) } } };
      await client.resource(podsRef).mergePatch(parseKey(keyOf(pod)), body, { signal });
    }
    for (const duplicate of duplicates) {
      await client.resource(revisionsRef).delete(parseKey(keyOf(duplicate)), { signal });
    }
    return duplicates.length > 0;
  }

  async #forget(
    set: DaemonSet,
    pods: readonly Pod[],
    { update, all }: ResolvedRevisions,
    signal: AbortSignal,
  ): Promise<void> {
    const used = new Set(pods.map((pod) => pod.metadata.labels?.[revisionLabel]));
    const live = all.filter((revision) => revision === update || used.has(hashOf(revision)));
    const names = new Set(live.map((revision) => revision.metadata.name!));
    await this.#revisions.forget(all, names, set.spec?.revisionHistoryLimit ?? 10, signal);
  }

  /** Carries the plan out. */
  async #manage(
    key: string,
    set: DaemonSet,
    nodes: readonly Node[],
    pods: readonly Pod[],
    revision: string,
    signal: AbortSignal,
  ): Promise<Managed> {
    const plan = planDaemons(set, nodes, pods, revision, this.#context.clock.wall());
    const going = new Set(plan.remove);
    const waits: number[] = [];
    for (const pod of plan.ended) {
      const wait = this.#backOff(set, pod);
      if (wait === 0) {
        this.#tellEnded(set, pod);
        going.add(pod);
      } else if (!going.has(pod)) waits.push(wait);
    }
    const create = plan.create.slice(0, burst);
    const remove = [...going].slice(0, burst);
    const uids = remove.map((pod) => pod.metadata.uid!);
    if (create.length + remove.length > 0) this.#owners.expectations.expect(key, create.length, uids);
    const [made, ...removed] = await Promise.all([
      this.#createAll(key, set, create, revision, signal),
      ...remove.map((pod) => this.#remove(key, set, pod, signal)),
    ]);
    const error = [...made.errors, ...removed].find((one) => one !== undefined);
    return { error, ...(waits.length > 0 && { after: Math.min(...waits) }) };
  }

  /** Milliseconds to wait before this pod, which has ended, is replaced. */
  #backOff(set: DaemonSet, pod: Pod): number {
    // One that has succeeded need not wait.
    if (pod.status?.phase !== 'Failed') return 0;
    const { uid, generation = 0 } = set.metadata;
    return this.#failures.next(uid!, generation, nodeOf(pod) ?? '', this.#context.clock.steady());
  }

  #tellEnded(set: DaemonSet, pod: Pod): void {
    const failed = pod.status?.phase === 'Failed';
    const { namespace, name } = pod.metadata;
    const text = `Found ${failed ? 'failed' : 'succeeded'} daemon pod ${namespace}/${name} on node ${nodeOf(pod)}, will try to ${failed ? 'kill' : 'delete'} it`;
    this.#context.recorder.event(
      set,
      failed ? 'Warning' : 'Normal',
      failed ? 'FailedDaemonPod' : 'SucceededDaemonPod',
      text,
    );
  }

  async #createAll(key: string, set: DaemonSet, nodes: readonly string[], revision: string, signal: AbortSignal) {
    const made = await slowStart(nodes, (node) => this.#create(set, node, revision, signal));
    for (let i = made.done; i < nodes.length; i++) this.#owners.expectations.created(key);
    return made;
  }

  /** Resolves with the error of a pod that could not be made. */
  async #create(set: DaemonSet, node: string, revision: string, signal: AbortSignal): Promise<unknown> {
    const { client, recorder } = this.#context;
    try {
      const pod = await client.resource(podsRef).create(podFor(set, node, revision), { signal });
      recorder.event(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
      return undefined;
    } catch (error) {
      if (!isNamespaceGoing(error)) {
        recorder.event(set, 'Warning', 'FailedCreate', `Error creating: ${errorText(error)}`);
      }
      return error;
    }
  }

  /** Resolves with the error of a pod that could not be removed. */
  async #remove(key: string, set: DaemonSet, pod: Pod, signal: AbortSignal): Promise<unknown> {
    const { client, recorder } = this.#context;
    const { name, uid } = pod.metadata;
    try {
      await client.resource(podsRef).delete(parseKey(keyOf(pod)), { preconditions: { uid: uid! }, signal });
      recorder.event(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
      return undefined;
    } catch (error) {
      this.#owners.expectations.deleted(key, uid!);
      if (isStatus(error, 'NotFound')) return undefined;
      recorder.event(set, 'Warning', 'FailedDelete', `Error deleting: ${errorText(error)}`);
      return error;
    }
  }
}
