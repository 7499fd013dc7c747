import { isDeepStrictEqual } from 'node:util';
import {
  nodes as nodesRef,
  pods as podsRef,
  controllerRevisions as revisionsRef,
  daemonSets as setsRef,
} from '../../api/kinds.gen.ts';
import { labelSelectorOf } from '../../api/selector.ts';
import { isStatus } from '../../api/status.ts';
import type { DaemonSet } from '../../api/types/apps-v1.gen.ts';
import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import { Expectations } from '../../client/expectations.ts';
import { byController, byNamespace, orphansByNamespace } from '../../client/informer.ts';
import { keyOf, parseKey } from '../../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import { errorText, isNamespaceGoing } from '../namespace-going.ts';
import { claim, controllerOf, controllerReference } from '../ownership.ts';
import { nextAvailability } from '../replicaset/status.ts';
import { RevisionKeeper } from '../revision-keeper.ts';
import { nodeOf, podFor, revisionLabel } from './placement.ts';
import { daemonStatus, planDaemons } from './plan.ts';

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

/** Failed daemon pods of one node are replaced after 1 s, doubling to 15 min. */
const failureBackoff = { initial: 1000, max: 900_000 };

class DaemonSetController {
  readonly reconciler: Reconciler;
  readonly #context: ControllerContext;
  readonly #sets;
  readonly #pods;
  readonly #nodes;
  readonly #revisions;
  readonly #keeper: RevisionKeeper;
  readonly #expectations: Expectations;
  /** By set uid and node: how often pods failed there, and until when (steady) no new one is tried. */
  readonly #failures = new Map<string, { count: number; until: number }>();

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#sets = context.informers.of(setsRef);
    this.#pods = context.informers.of(podsRef).index(byController).index(orphansByNamespace);
    this.#nodes = context.informers.of(nodesRef);
    this.#revisions = context.informers.of(revisionsRef).index(byController);
    this.#keeper = new RevisionKeeper(context);
    this.#expectations = new Expectations(context.clock);
    this.reconciler = new Reconciler({
      name: context.name,
      reconcile: ({ key, signal }) => this.#reconcile(key, signal),
      clock: context.clock,
      log: context.log,
      ready: synced(this.#sets, this.#pods, this.#nodes, this.#revisions),
    });
    const add = (set: DaemonSet) => this.reconciler.add(keyOf(set));
    this.#sets.on({ added: add, updated: (_, set) => add(set), deleted: add });
    const wakeAll = () => {
      for (const set of this.#sets.values()) add(set);
    };
    this.#nodes.on({
      added: wakeAll,
      deleted: wakeAll,
      updated: (old, node) => {
        const relevant = (n: Node) => [n.metadata.labels, n.spec?.taints];
        if (!isDeepStrictEqual(relevant(old), relevant(node))) wakeAll();
      },
    });
    this.#pods.on({
      added: (pod) => this.#podChanged(pod, true),
      updated: (old, pod) => {
        if (controllerOf(old)?.uid !== controllerOf(pod)?.uid) this.#podChanged(old, false);
        this.#podChanged(pod, false);
      },
      deleted: (pod) => this.#podChanged(pod, false, true),
    });
  }

  #podChanged(pod: Pod, added: boolean, gone = false): void {
    const reference = controllerOf(pod);
    const namespace = pod.metadata.namespace!;
    if (reference) {
      if (reference.kind !== 'DaemonSet') return;
      const key = `${namespace}/${reference.name}`;
      if (added) this.#expectations.created(key);
      if (gone || pod.metadata.deletionTimestamp) this.#expectations.deleted(key, pod.metadata.uid!);
      this.reconciler.add(key);
      return;
    }
    for (const set of this.#sets.by(byNamespace, namespace)) {
      if (labelSelectorOf(set.spec?.selector).matches(pod.metadata.labels)) this.reconciler.add(keyOf(set));
    }
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const set = this.#sets.get(key);
    if (!set) {
      this.#expectations.forget(key);
      return undefined;
    }
    if (labelSelectorOf(set.spec?.selector).empty) {
      const text = 'This daemon set is selecting all pods. A non-empty selector is required.';
      this.#context.recorder.event(set, 'Warning', 'SelectingAll', text);
      return undefined;
    }
    try {
      return await this.#sync(key, set, signal);
    } catch (error) {
      if (isNamespaceGoing(error)) return undefined;
      throw error;
    }
  }

  async #sync(key: string, set: DaemonSet, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const pods = await this.#claim(set, signal);
    const owner = { metadata: set.metadata, ref: setsRef, template: set.spec!.template };
    const known = this.#revisions.by(byController, set.metadata.uid!);
    const history = await this.#keeper.resolve(owner, known, set.status?.collisionCount ?? 0, signal);
    const revision = history.update.metadata.labels?.['controller.kubernetes.io/hash'] ?? '';
    const nodes = this.#nodes.list();
    const now = this.#context.clock.wall();
    let after: number | undefined;
    if (this.#expectations.satisfied(key) && !set.metadata.deletionTimestamp) {
      after = await this.#manage(key, set, nodes, pods, revision, signal);
      const used = pods.map((pod) => pod.metadata.labels?.[revisionLabel]);
      const live = history.all.filter(
        (r) => r === history.update || used.includes(r.metadata.labels?.['controller.kubernetes.io/hash']),
      );
      const names = new Set(live.map((r) => r.metadata.name!));
      await this.#keeper.forget(history.all, names, set.spec?.revisionHistoryLimit ?? 10, signal);
    }
    const status = daemonStatus(set, nodes, pods, revision, history.collisions, now);
    if (!isDeepStrictEqual(status, set.status)) {
      await this.#context.client.resource(setsRef).updateStatus({ ...set, status }, { signal });
    }
    const waits = [after, nextAvailability(pods, set.spec?.minReadySeconds ?? 0, now)].filter((ms) => ms !== undefined);
    return waits.length > 0 ? { after: Math.min(...waits) } : undefined;
  }

  #claim(set: DaemonSet, signal: AbortSignal): Promise<Pod[]> {
    const { namespace, name, uid } = set.metadata;
    const candidates = [...this.#pods.by(byController, uid!), ...this.#pods.by(orphansByNamespace, namespace!)];
    const claimant = {
      metadata: set.metadata,
      reference: controllerReference(set, setsRef),
      selector: labelSelectorOf(set.spec?.selector),
      mayAdopt: async () => {
        const live = await this.#context.client
          .resource(setsRef)
          .get({ namespace: namespace!, name: name! }, { signal });
        return live.metadata.uid === uid && !live.metadata.deletionTimestamp;
      },
    };
    return claim(this.#context.client.resource(podsRef), candidates, claimant, signal);
  }

  /** Carries the plan out; returns when failed pods that must wait are to be looked at again. */
  async #manage(
    key: string,
    set: DaemonSet,
    nodes: readonly Node[],
    pods: readonly Pod[],
    revision: string,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const plan = planDaemons(set, nodes, pods, revision, this.#context.clock.wall());
    const waits = new Map<Pod, number>();
    for (const pod of plan.failed) {
      const wait = this.#backOff(set, pod);
      if (wait > 0) waits.set(pod, wait);
      else this.#tellFailed(set, pod);
    }
    const remove = [...new Set(plan.remove)].filter((pod) => !waits.has(pod)).slice(0, burst);
    const create = plan.create.slice(0, burst);
    if (create.length > 0) this.#expectations.expectCreations(key, create.length);
    await Promise.all([
      ...create.map((node) => this.#create(key, set, node, revision, signal)),
      ...remove.map((pod) => this.#remove(set, pod, signal)),
    ]);
    return waits.size > 0 ? Math.min(...waits.values()) : undefined;
  }

  /** Milliseconds to wait before this failed pod is replaced. */
  #backOff(set: DaemonSet, pod: Pod): number {
    const id = `${set.metadata.uid}/${nodeOf(pod)}`;
    const now = this.#context.clock.steady();
    const known = this.#failures.get(id) ?? { count: 0, until: 0 };
    if (now < known.until) return known.until - now;
    const delay = Math.min(failureBackoff.max, failureBackoff.initial * 2 ** known.count);
    this.#failures.set(id, { count: known.count + 1, until: now + delay });
    return 0;
  }

  #tellFailed(set: DaemonSet, pod: Pod): void {
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

  async #create(key: string, set: DaemonSet, node: string, revision: string, signal: AbortSignal): Promise<void> {
    const { client, recorder } = this.#context;
    try {
      const pod = await client.resource(podsRef).create(podFor(set, node, revision), { signal });
      recorder.event(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
    } catch (error) {
      this.#expectations.created(key);
      if (!isNamespaceGoing(error))
        recorder.event(set, 'Warning', 'FailedCreate', `Error creating: ${errorText(error)}`);
      throw error;
    }
  }

  async #remove(set: DaemonSet, pod: Pod, signal: AbortSignal): Promise<void> {
    const { client, recorder } = this.#context;
    const { name, uid } = pod.metadata;
    try {
      await client.resource(podsRef).delete(parseKey(keyOf(pod)), { preconditions: { uid: uid! }, signal });
      recorder.event(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }
}
