import { nodes as nodesRef, pods as podsRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { byNode } from '../../client/informer.ts';
import { keyOf, parseKey } from '../../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import { disruptionTarget } from '../disruption-target.ts';
import { isTerminal } from '../pod-state.ts';
import { excessPods, planRemoval, type Removal, terminatedLimit } from './plan.ts';

/** Removes pods that no kubelet will: of nodes that are gone, never bound, or ended long ago. */
export const podGarbageCollector: ControllerDescriptor = {
  name: 'pod-garbage-collector-controller',
  account: 'pod-garbage-collector',
  build(context) {
    const controller = new PodGarbageCollector(context);
    return { run: (signal) => controller.reconciler.run(signal) };
  },
};

/** How long a node must be missing before its pods are taken for lost. Upstream's quarantineTime. */
const quarantineMs = 40_000;

/** The key under which the number of ended pods is looked at; no pod can have it. */
const excessKey = '*';

class PodGarbageCollector {
  readonly reconciler: Reconciler;
  readonly #context: ControllerContext;
  readonly #nodes;
  readonly #pods;
  /** Since when (steady) a node named by pods has been missing. */
  readonly #missing = new Map<string, number>();
  #ended = 0;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#nodes = context.informers.of(nodesRef);
    this.#pods = context.informers.of(podsRef).index(byNode);
    this.reconciler = new Reconciler({
      name: context.name,
      reconcile: ({ key, signal }) => (key === excessKey ? this.#trim(signal) : this.#reconcile(key, signal)),
      clock: context.clock,
      log: context.log,
      ready: synced(this.#nodes, this.#pods),
    });
    this.#pods.on({
      added: (pod) => this.#podChanged(undefined, pod),
      updated: (old, pod) => this.#podChanged(old, pod),
      deleted: (pod) => this.#count(pod, undefined),
    });
    const wake = (name: string) => {
      for (const pod of this.#pods.by(byNode, name)) this.reconciler.add(keyOf(pod));
    };
    this.#nodes.on({
      added: (node) => void this.#missing.delete(node.metadata.name!),
      updated: (_, node) => {
        if (node.spec?.taints?.some((taint) => taint.key === 'node.kubernetes.io/out-of-service'))
          wake(node.metadata.name!);
      },
      deleted: (node) => wake(node.metadata.name!),
    });
  }

  #podChanged(old: Pod | undefined, pod: Pod): void {
    this.#count(old, pod);
    if (planRemoval(pod, this.#nodes.get(pod.spec?.nodeName ?? ''))) this.reconciler.add(keyOf(pod));
  }

  #count(old: Pod | undefined, pod: Pod | undefined): void {
    this.#ended += (pod && isTerminal(pod) ? 1 : 0) - (old && isTerminal(old) ? 1 : 0);
    if (this.#ended > terminatedLimit) this.reconciler.add(excessKey);
  }

  async #trim(signal: AbortSignal): Promise<void> {
    for (const pod of excessPods([...this.#pods.values()])) await this.#remove(pod, { silent: true }, signal);
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const pod = this.#pods.get(key);
    if (!pod) return undefined;
    const name = pod.spec?.nodeName ?? '';
    const removal = planRemoval(pod, this.#nodes.get(name));
    if (!removal) return undefined;
    if ('message' in removal) {
      const left = this.#quarantine(name);
      if (left > 0) return { after: left };
      if (await this.#nodeExists(name, signal)) return undefined;
    }
    await this.#remove(pod, removal, signal);
    return undefined;
  }

  #quarantine(node: string): number {
    const now = this.#context.clock.steady();
    const since = this.#missing.get(node) ?? now;
    this.#missing.set(node, since);
    return since + quarantineMs - now;
  }

  /** The cache may be behind: ask the server before force is used. */
  async #nodeExists(name: string, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#context.client.resource(nodesRef).get({ name }, { signal });
      return true;
    } catch (error) {
      if (isStatus(error, 'NotFound')) return false;
      throw error;
    }
  }

  async #remove(pod: Pod, removal: Removal, signal: AbortSignal): Promise<void> {
    const pods = this.#context.client.resource(podsRef);
    const key = parseKey(keyOf(pod));
    const { uid } = pod.metadata;
    try {
      if (!isTerminal(pod)) {
        const now = this.#context.clock.wall();
        const conditions = 'message' in removal ? [disruptionTarget('DeletionByPodGC', removal.message, now)] : [];
        const body = { metadata: { uid }, status: { phase: 'Failed', ...(conditions.length > 0 && { conditions }) } };
        await pods.patch(key, { type: 'strategic', body }, { subresource: 'status', signal });
      }
      await pods.delete(key, { gracePeriodSeconds: 0, preconditions: { uid: uid! }, signal });
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }
}
