import { isDeepStrictEqual } from 'node:util';
import {
  resourceClaims as claimsRef,
  pods as podsRef,
  deviceTaintRules as rulesRef,
  resourceSlices as slicesRef,
} from '../../api/kinds.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { ResourceClaim, ResourceSlice } from '../../api/types/resource-v1.gen.ts';
import type { DeviceTaintRule } from '../../api/types/resource-v1beta2.gen.ts';
import { indexBy } from '../../client/index-map.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import { type DeviceRef, ruleSelects } from '../../resources/resource/device-taints.ts';
import { claimKeysOf, podsByClaim } from '../../resources/resource/pod-claims.ts';
import { poolKey, slicesByPool } from '../../resources/resource/slice-pools.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import { evictTainted, type TaintManager } from '../taint-manager.ts';
import { endOfPod } from './plan.ts';
import { RuleStatus } from './rule-status.ts';

const manager: TaintManager = { title: 'Device Taint manager', reason: 'DeletionByDeviceTaintManager' };

/** Deletes pods whose devices are tainted so that they do not tolerate it, or no longer. */
export const deviceTaintEvictionController: ControllerDescriptor = {
  name: 'device-taint-eviction-controller',
  account: 'device-taint-eviction-controller',
  build(context) {
    const controller = new DeviceTaintEvictionController(context);
    return { run: (signal) => controller.run(signal) };
  },
};

const devicesOf = ({ status }: ResourceClaim) => status?.allocation?.devices?.results ?? [];

/** Finds claims by the pools that their devices are from. */
const byPools = indexBy<ResourceClaim>('pools', (claim) => [
  ...new Set(devicesOf(claim).map(({ driver, pool }) => poolKey(driver, pool))),
]);

class DeviceTaintEvictionController {
  readonly #reconciler: Reconciler;
  readonly #context: ControllerContext;
  readonly #pods;
  readonly #claims;
  readonly #slices;
  /** Absent where DeviceTaintRules are not served. */
  readonly #rules: Informer<DeviceTaintRule> | undefined;
  readonly #ruleStatus: RuleStatus | undefined;
  /** By key: the uid of a pod whose time runs. */
  readonly #running = new Map<string, string>();

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, name, clock, log } = context;
    this.#pods = informers.of(podsRef).index(podsByClaim);
    this.#claims = informers.of(claimsRef).index(byPools);
    this.#slices = informers.of(slicesRef).index(slicesByPool);
    this.#rules = informers.serves(rulesRef) ? informers.of(rulesRef) : undefined;
    const ready = synced(this.#pods, this.#claims, this.#slices, ...(this.#rules ? [this.#rules] : []));
    this.#reconciler = new Reconciler({
      name,
      clock,
      log,
      ready,
      reconcile: ({ key, signal }) => this.#reconcile(key, signal),
    });
    const arrived = (pod: Pod) => {
      if (pod.spec?.resourceClaims?.length) this.#reconciler.add(keyOf(pod));
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
      for (const pod of this.#pods.by(podsByClaim, keyOf(claim))) this.#reconciler.add(keyOf(pod));
    };
    const claimed = (claim: ResourceClaim) => {
      wake(claim);
      this.#ruleStatus?.changed(this.#rulesOf(claim));
    };
    this.#claims.on({ added: claimed, updated: (_, claim) => claimed(claim), deleted: claimed });
    const tainted = (...versions: ResourceSlice[]) => {
      if (!versions.some(({ spec }) => spec.devices?.some(({ taints }) => taints?.length))) return;
      for (const claim of this.#claims.by(byPools, slicesByPool(versions[0]!))) wake(claim);
    };
    this.#slices.on({ added: (slice) => tainted(slice), updated: tainted, deleted: (slice) => tainted(slice) });
    if (!this.#rules) return;
    const ruled = (...versions: DeviceTaintRule[]) => {
      const isSelected = (result: DeviceRef) => versions.some((rule) => ruleSelects(rule, result));
      for (const claim of this.#claims.list()) if (devicesOf(claim).some(isSelected)) wake(claim);
    };
    this.#rules.on({
      added: (rule) => ruled(rule),
      updated: (old, rule) => {
        if (!isDeepStrictEqual(old.spec, rule.spec)) ruled(old, rule);
      },
      deleted: (rule) => ruled(rule),
    });
    const sources = { rules: this.#rules, claims: this.#claims, slices: this.#slices, pods: this.#pods, ready };
    this.#ruleStatus = new RuleStatus(context, sources);
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#reconciler.run(signal), this.#ruleStatus?.reconciler.run(signal)]);
  }

  /** The rules that drive the users of a claim out. */
  #rulesOf(claim: ResourceClaim): DeviceTaintRule[] {
    const drives = (rule: DeviceTaintRule) =>
      rule.spec.taint.effect === 'NoExecute' && devicesOf(claim).some((result) => ruleSelects(rule, result));
    return this.#rules?.list().filter(drives) ?? [];
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const pod = this.#pods.get(key);
    if (!pod || pod.metadata.deletionTimestamp) return undefined;
    const end = endOfPod(
      pod,
      (name) => this.#claims.get({ namespace: pod.metadata.namespace!, name }),
      (driver, pool) => this.#slices.by(slicesByPool, poolKey(driver, pool)),
      this.#rules?.list(),
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
    const marked = () => void this.#running.delete(key);
    if (await evictTainted(this.#context, manager, pod, marked, signal)) this.#evicted(pod);
    return undefined;
  }

  /** The rules that drove a pod out count it. */
  #evicted(pod: Pod): void {
    const claims = claimKeysOf(pod).flatMap((key) => this.#claims.get(key) ?? []);
    this.#ruleStatus?.evicted([...new Set(claims.flatMap((claim) => this.#rulesOf(claim)))]);
  }

  #tell(pod: Pod, message: string): void {
    this.#context.recorder.event(pod, 'Normal', 'DeviceTaintManagerEviction', message);
  }
}
