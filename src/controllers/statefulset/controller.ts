import { isDeepStrictEqual } from 'node:util';
import {
  persistentVolumeClaims as claimsRef,
  pods as podsRef,
  controllerRevisions as revisionsRef,
  statefulSets as setsRef,
} from '../../api/kinds.gen.ts';
import { labelSelectorOf } from '../../api/selector.ts';
import { isStatus } from '../../api/status.ts';
import type { ControllerRevision, StatefulSet } from '../../api/types/apps-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { byController, byNamespace, orphansByNamespace } from '../../client/informer.ts';
import { keyOf, parseKey } from '../../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import { errorText, isNamespaceGoing } from '../namespace-going.ts';
import { claim, controllerOf, controllerReference } from '../ownership.ts';
import { nextAvailability } from '../replicaset/status.ts';
import { templateOf } from '../revision-history.ts';
import { RevisionKeeper } from '../revision-keeper.ts';
import { claimsAt, ordinalOf, podAt, revisionLabel } from './identity.ts';
import { planSteps, type Revisions, type Step, setStatus } from './plan.ts';

/** Keeps the pods of a StatefulSet, each with its own name and volumes, in order. */
export const statefulSetController: ControllerDescriptor = {
  name: 'statefulset-controller',
  account: 'statefulset-controller',
  build(context) {
    return new StatefulSetController(context).reconciler;
  },
};

/** The revisions of a set, resolved: which is left, which is rolled out to, and all of them, oldest first. */
interface History {
  readonly names: Revisions;
  readonly all: readonly ControllerRevision[];
  readonly collisions: number;
}

class StatefulSetController {
  readonly reconciler: Reconciler;
  readonly #context: ControllerContext;
  readonly #sets;
  readonly #pods;
  readonly #revisions;
  readonly #claims;
  readonly #keeper: RevisionKeeper;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#sets = context.informers.of(setsRef);
    this.#pods = context.informers.of(podsRef).index(byController).index(orphansByNamespace);
    this.#revisions = context.informers.of(revisionsRef).index(byController);
    this.#claims = context.informers.of(claimsRef);
    this.#keeper = new RevisionKeeper(context);
    this.reconciler = new Reconciler({
      name: context.name,
      reconcile: ({ key, signal }) => this.#reconcile(key, signal),
      clock: context.clock,
      log: context.log,
      ready: synced(this.#sets, this.#pods, this.#revisions, this.#claims),
    });
    const add = (set: StatefulSet) => this.reconciler.add(keyOf(set));
    this.#sets.on({ added: add, updated: (_, set) => add(set), deleted: add });
    this.#pods.on({
      added: (pod) => this.#podChanged(pod),
      updated: (old, pod) => {
        if (controllerOf(old)?.uid !== controllerOf(pod)?.uid) this.#podChanged(old);
        this.#podChanged(pod);
      },
      deleted: (pod) => this.#podChanged(pod),
    });
  }

  #podChanged(pod: Pod): void {
    const reference = controllerOf(pod);
    if (reference) {
      if (reference.kind === 'StatefulSet') this.reconciler.add(`${pod.metadata.namespace}/${reference.name}`);
      return;
    }
    for (const set of this.#sets.by(byNamespace, pod.metadata.namespace!)) {
      if (ordinalOf(set, pod) !== undefined && labelSelectorOf(set.spec?.selector).matches(pod.metadata.labels)) {
        this.reconciler.add(keyOf(set));
      }
    }
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const set = this.#sets.get(key);
    if (!set || labelSelectorOf(set.spec?.selector).empty) return undefined;
    try {
      return await this.#sync(set, signal);
    } catch (error) {
      if (isNamespaceGoing(error)) return undefined;
      throw error;
    }
  }

  async #sync(set: StatefulSet, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const pods = await this.#claim(set, signal);
    const history = await this.#history(set, signal);
    const { clock, client } = this.#context;
    const now = clock.wall();
    const status = setStatus(set, pods, history.names, history.collisions, now);
    let written = set;
    if (!isDeepStrictEqual(status, set.status)) {
      written = await client.resource(setsRef).updateStatus({ ...set, status }, { signal });
    }
    if (!set.metadata.deletionTimestamp) {
      const names = { current: status.currentRevision!, update: history.names.update };
      const steps = planSteps(written, pods, names, now);
      await Promise.all(steps.map((step) => this.#take(written, step, history, signal)));
      // A pod that waits for a claim that somebody deleted gets it anew.
      const waiting = pods.filter((pod) => pod.status?.phase === 'Pending' && !pod.metadata.deletionTimestamp);
      for (const pod of waiting) await this.#ensureClaims(set, ordinalOf(set, pod)!, signal);
      await this.#forget(set, pods, history, names, signal);
    }
    const after = nextAvailability(pods, set.spec?.minReadySeconds ?? 0, now);
    return after === undefined ? undefined : { after };
  }

  async #claim(set: StatefulSet, signal: AbortSignal): Promise<Pod[]> {
    const { namespace, name, uid } = set.metadata;
    const orphans = this.#pods.by(orphansByNamespace, namespace!).filter((pod) => ordinalOf(set, pod) !== undefined);
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
    const candidates = [...this.#pods.by(byController, uid!), ...orphans];
    const pods = await claim(this.#context.client.resource(podsRef), candidates, claimant, signal);
    return pods.filter((pod) => ordinalOf(set, pod) !== undefined);
  }

  async #history(set: StatefulSet, signal: AbortSignal): Promise<History> {
    const known = this.#revisions.by(byController, set.metadata.uid!);
    const owner = { metadata: set.metadata, ref: setsRef, template: set.spec!.template };
    const collisions = set.status?.collisionCount ?? 0;
    const { update, all, collisions: count } = await this.#keeper.resolve(owner, known, collisions, signal);
    const current = all.find((r) => r.metadata.name === set.status?.currentRevision) ?? update;
    return { names: { current: current.metadata.name!, update: update.metadata.name! }, all, collisions: count };
  }

  async #take(set: StatefulSet, step: Step, history: History, signal: AbortSignal): Promise<void> {
    if (step.do === 'delete') return this.#remove(set, step.pod, step.why, signal);
    const revision = history.all.find((r) => r.metadata.name === step.revision)!;
    await this.#ensureClaims(set, step.ordinal, signal);
    const pod = podAt(set, templateOf(revision), step.revision, step.ordinal);
    const { name } = pod.metadata;
    const { client, recorder } = this.#context;
    try {
      await client.resource(podsRef).create(pod, { signal });
      recorder.event(
        set,
        'Normal',
        'SuccessfulCreate',
        `create Pod ${name} in StatefulSet ${set.metadata.name} successful`,
      );
    } catch (error) {
      const text = `create Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${errorText(error)}`;
      if (!isNamespaceGoing(error)) recorder.event(set, 'Warning', 'FailedCreate', text);
      throw error;
    }
  }

  async #ensureClaims(set: StatefulSet, ordinal: number, signal: AbortSignal): Promise<void> {
    const { client, recorder } = this.#context;
    for (const wanted of claimsAt(set, ordinal)) {
      if (this.#claims.get(keyOf(wanted))) continue;
      const { name } = wanted.metadata;
      const subject = `Claim ${name} Pod ${set.metadata.name}-${ordinal} in StatefulSet ${set.metadata.name}`;
      try {
        await client.resource(claimsRef).create(wanted, { signal });
        recorder.event(set, 'Normal', 'SuccessfulCreate', `create ${subject} success`);
      } catch (error) {
        if (isStatus(error, 'AlreadyExists')) continue;
        recorder.event(set, 'Warning', 'FailedCreate', `create ${subject} failed error: ${errorText(error)}`);
        throw error;
      }
    }
  }

  async #remove(set: StatefulSet, pod: Pod, why: 'failed' | 'scale' | 'update', signal: AbortSignal): Promise<void> {
    const { client, recorder } = this.#context;
    const { namespace, name, uid } = pod.metadata;
    if (why === 'failed') {
      const text = `StatefulSet ${namespace}/${set.metadata.name} is recreating ${pod.status?.phase === 'Failed' ? 'failed' : 'terminated'} Pod ${name}`;
      recorder.event(
        set,
        'Warning',
        pod.status?.phase === 'Failed' ? 'RecreatingFailedPod' : 'RecreatingTerminatedPod',
        text,
      );
    }
    try {
      if (why === 'scale') await this.#handOverClaims(set, pod, signal);
      await client.resource(podsRef).delete(parseKey(keyOf(pod)), { preconditions: { uid: uid! }, signal });
      recorder.event(
        set,
        'Normal',
        'SuccessfulDelete',
        `delete Pod ${name} in StatefulSet ${set.metadata.name} successful`,
      );
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  /** Where claims go with a scale-down, the pod becomes their owner: they are collected when it is gone. */
  async #handOverClaims(set: StatefulSet, pod: Pod, signal: AbortSignal): Promise<void> {
    if (set.spec?.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') return;
    const reference = { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name!, uid: pod.metadata.uid! };
    for (const { metadata } of claimsAt(set, ordinalOf(set, pod)!)) {
      const current = this.#claims.get({ namespace: metadata.namespace!, name: metadata.name! });
      if (!current || current.metadata?.ownerReferences?.some((o) => o.uid === reference.uid)) continue;
      // The set itself is no owner any more: one living owner would keep the claim.
      const changed = { ...current, metadata: { ...current.metadata, ownerReferences: [reference] } };
      await this.#context.client.resource(claimsRef).update(changed, { signal });
    }
  }

  async #forget(
    set: StatefulSet,
    pods: readonly Pod[],
    history: History,
    names: Revisions,
    signal: AbortSignal,
  ): Promise<void> {
    const used = pods.map((pod) => pod.metadata.labels?.[revisionLabel] ?? '');
    const live = new Set([names.current, names.update, ...used]);
    await this.#keeper.forget(history.all, live, set.spec?.revisionHistoryLimit ?? 10, signal);
  }
}
