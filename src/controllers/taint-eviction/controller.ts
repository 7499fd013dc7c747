import { isDeepStrictEqual } from 'node:util';
import { nodes as nodesRef, pods as podsRef } from '../../api/kinds.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { byNode } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import { evictTainted, type TaintManager } from '../taint-manager.ts';
import { stayOf } from './plan.ts';

const manager: TaintManager = { title: 'Taint manager', reason: 'DeletionByTaintManager' };

/** Deletes pods from nodes with NoExecute taints when they do not tolerate them, or no longer. */
export const taintEvictionController: ControllerDescriptor = {
  name: 'taint-eviction-controller',
  account: 'node-controller',
  component: 'taint-eviction-controller',
  build(context) {
    const controller = new TaintEvictionController(context);
    return { run: (signal) => controller.reconciler.run(signal) };
  },
};

class TaintEvictionController {
  readonly reconciler: Reconciler;
  readonly #context: ControllerContext;
  readonly #nodes;
  readonly #pods;
  /** By pod uid: since when (steady) the pod's time on its node runs. */
  readonly #since = new Map<string, number>();

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#nodes = context.informers.of(nodesRef);
    this.#pods = context.informers.of(podsRef).index(byNode);
    this.reconciler = new Reconciler({
      name: context.name,
      reconcile: ({ key, signal }) => this.#reconcile(key, signal),
      clock: context.clock,
      log: context.log,
      ready: synced(this.#nodes, this.#pods),
      workers: 20,
    });
    this.#pods.on({
      added: (pod) => this.#podChanged(pod),
      updated: (old, pod) => {
        const relevant = (p: Pod) => [p.spec?.nodeName, p.spec?.tolerations];
        if (!isDeepStrictEqual(relevant(old), relevant(pod))) this.#podChanged(pod);
      },
      deleted: (pod) => this.#cancel(pod),
    });
    const wake = (node: string) => {
      for (const pod of this.#pods.by(byNode, node)) this.reconciler.add(keyOf(pod));
    };
    this.#nodes.on({
      added: (node) => {
        if (node.spec?.taints?.length) wake(node.metadata.name!);
      },
      updated: (old, node) => {
        if (!isDeepStrictEqual(old.spec?.taints, node.spec?.taints)) wake(node.metadata.name!);
      },
    });
  }

  #podChanged(pod: Pod): void {
    const node = this.#nodes.get(pod.spec?.nodeName ?? '');
    if (node?.spec?.taints?.some((taint) => taint.effect === 'NoExecute')) this.reconciler.add(keyOf(pod));
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const pod = this.#pods.get(key);
    if (!pod?.spec?.nodeName || pod.metadata.deletionTimestamp) return undefined;
    const uid = pod.metadata.uid!;
    const stay = stayOf(pod, this.#nodes.get(pod.spec.nodeName));
    if (stay === Number.POSITIVE_INFINITY || stay === 0) this.#cancel(pod);
    if (stay === Number.POSITIVE_INFINITY) return undefined;
    if (stay > 0) {
      const now = this.#context.clock.steady();
      const since = this.#since.get(uid) ?? now;
      this.#since.set(uid, since);
      const left = since + stay - now;
      if (left > 0) return { after: left };
    }
    this.#tell(pod, 'Marking for deletion Pod');
    await evictTainted(this.#context, manager, pod, () => void this.#since.delete(pod.metadata.uid!), signal);
    return undefined;
  }

  /** The pod's time runs no longer: it may stay, goes at once, or has gone by itself. */
  #cancel(pod: Pod): void {
    if (this.#since.delete(pod.metadata.uid!)) this.#tell(pod, 'Cancelling deletion of Pod');
  }

  #tell(pod: Pod, what: string): void {
    this.#context.recorder.event(pod, 'Normal', 'TaintManagerEviction', `${what} ${keyOf(pod)}`);
  }
}
