import { isDeepStrictEqual } from 'node:util';
import { resourceClaims as claimsRef, pods as podsRef, resourceSlices as slicesRef } from '../../api/kinds.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { ResourceClaim, ResourceSlice } from '../../api/types/resource-v1.gen.ts';
import { indexBy } from '../../client/index-map.ts';
import { keyOf } from '../../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import { podsByClaim } from '../../resources/resource/pod-claims.ts';
import { poolKey, slicesByPool } from '../../resources/resource/slice-pools.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import { evictTainted, type TaintManager } from '../taint-manager.ts';
import { endOfPod } from './plan.ts';

const manager: TaintManager = { title: 'Device Taint manager', reason: 'DeletionByDeviceTaintManager' };

/** Deletes pods whose devices are tainted so that they do not tolerate it, or no longer. */
export const deviceTaintEvictionController: ControllerDescriptor = {
  name: 'device-taint-eviction-controller',
  account: 'device-taint-eviction-controller',
  build(context) {
    const controller = new DeviceTaintEvictionController(context);
    return { run: (signal) => controller.reconciler.run(signal) };
  },
};

/** Finds claims by the pools that their devices are from. */
const byPools = indexBy<ResourceClaim>('pools', ({ status }) => [
  ...new Set((status?.allocation?.devices?.results ?? []).map(({ driver, pool }) => poolKey(driver, pool))),
]);

class DeviceTaintEvictionController {
  readonly reconciler: Reconciler;
  readonly #context: ControllerContext;
  readonly #pods;
  readonly #claims;
  readonly #slices;
  /** By key: the uid of a pod whose time runs. */
  readonly #running = new Map<string, string>();

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, name, clock, log } = context;
    this.#pods = informers.of(podsRef).index(podsByClaim);
    this.#claims = informers.of(claimsRef).index(byPools);
    this.#slices = informers.of(slicesRef).index(slicesByPool);
    this.reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(this.#pods, this.#claims, this.#slices),
      reconcile: ({ key, signal }) => this.#reconcile(key, signal),
    });
    const arrived = (pod: Pod) => {
      if (pod.spec?.resourceClaims?.length) this.reconciler.add(keyOf(pod));
    };
    this.#pods.on({
      added: arrived,
      updated: (old, pod) => {
        const relevant = ({ spec, status }: Pod) => [spec?.nodeName, status?.resourceClaimStatuses];
        if (!isDeepStrictEqual(relevant(old), relevant(pod))) arrived(pod);
      },
      deleted: (pod) => void this.#running.delete(keyOf(pod)),
    });
    const wake = (claim: ResourceClaim) => {
      for (const pod of this.#pods.by(podsByClaim, keyOf(claim))) this.reconciler.add(keyOf(pod));
    };
    this.#claims.on({ added: wake, updated: (_, claim) => wake(claim), deleted: wake });
    const tainted = (...versions: ResourceSlice[]) => {
      if (!versions.some(({ spec }) => spec.devices?.some(({ taints }) => taints?.length))) return;
      for (const claim of this.#claims.by(byPools, slicesByPool(versions[0]!))) wake(claim);
    };
    this.#slices.on({ added: (slice) => tainted(slice), updated: tainted, deleted: (slice) => tainted(slice) });
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const pod = this.#pods.get(key);
    if (!pod || pod.metadata.deletionTimestamp) return undefined;
    const end = endOfPod(
      pod,
      (name) => this.#claims.get({ namespace: pod.metadata.namespace!, name }),
      (driver, pool) => this.#slices.by(slicesByPool, poolKey(driver, pool)),
    );
    if (end === undefined) {
      if (this.#running.delete(key)) this.#tell(pod, 'Cancelling deletion');
      return undefined;
    }
    const left = end - this.#context.clock.wall();
    if (left > 0) {
      this.#running.set(key, pod.metadata.uid!);
      return { after: left };
    }
    this.#tell(pod, 'Marking for deletion');
    await evictTainted(this.#context, manager, pod, () => void this.#running.delete(keyOf(pod)), signal);
    return undefined;
  }

  #tell(pod: Pod, message: string): void {
    this.#context.recorder.event(pod, 'Normal', 'DeviceTaintManagerEviction', message);
  }
}
