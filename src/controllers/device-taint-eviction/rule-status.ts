import { deviceTaintRules as rulesRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { Condition } from '../../api/types/meta-v1.gen.ts';
import type { ResourceClaim, ResourceSlice } from '../../api/types/resource-v1.gen.ts';
import type { DeviceTaintRule } from '../../api/types/resource-v1beta2.gen.ts';
import { timestamp } from '../../base/clock.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import type { ControllerContext } from '../controller.ts';
import { evictionCondition, tellsNothingNew } from './rule-condition.ts';

/** News of pods are gathered for so long before a rule tells of them, in milliseconds. */
const gathering = 1000;

interface Sources {
  readonly rules: Informer<DeviceTaintRule>;
  readonly claims: Informer<ResourceClaim>;
  readonly slices: Informer<ResourceSlice>;
  readonly pods: Informer<Pod>;
  readonly ready: (signal: AbortSignal) => Promise<void>;
}

/** Says in the status of each DeviceTaintRule whom it drives out. */
export class RuleStatus {
  readonly reconciler: Reconciler;
  readonly #context: ControllerContext;
  readonly #sources: Sources;
  /** Pods driven out since the controller runs, by the uid of the rule. */
  readonly #evicted = new Map<string, number>();

  constructor(context: ControllerContext, sources: Sources) {
    const { name, clock, log } = context;
    this.#context = context;
    this.#sources = sources;
    this.reconciler = new Reconciler({
      name: `${name}-status`,
      clock,
      log,
      ready: sources.ready,
      reconcile: ({ key, signal }) => this.#reconcile(key, signal),
    });
    sources.rules.on({
      added: (rule) => this.reconciler.add(keyOf(rule)),
      updated: (_, rule) => this.reconciler.add(keyOf(rule)),
      deleted: ({ metadata }) => void this.#evicted.delete(metadata.uid!),
    });
  }

  /** These rules have driven out a pod. */
  evicted(rules: readonly DeviceTaintRule[]): void {
    for (const { metadata } of rules) this.#evicted.set(metadata.uid!, (this.#evicted.get(metadata.uid!) ?? 0) + 1);
    this.changed(rules);
  }

  /** There may be others whom these rules drive out. */
  changed(rules: readonly DeviceTaintRule[]): void {
    for (const rule of rules) this.reconciler.addAfter(keyOf(rule), gathering);
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<void> {
    const { rules, claims, slices, pods } = this.#sources;
    const rule = rules.get(key);
    if (!rule || tellsNothingNew(rule)) return;
    const { metadata, status } = rule;
    const before = status?.conditions?.find(({ type }) => type === 'EvictionInProgress');
    const told = evictionCondition(rule, {
      claims: claims.list(),
      slices: slices.list(),
      stays: (pod) => {
        const found = pods.get(pod);
        return found !== undefined && found.metadata.deletionTimestamp === undefined;
      },
      evicted: this.#evicted.get(metadata.uid!) ?? 0,
    });
    const same = (field: keyof typeof told) => before?.[field] === told[field];
    if (same('status') && same('reason') && same('message') && same('observedGeneration')) return;
    const lastTransitionTime = same('status') ? before!.lastTransitionTime : timestamp(this.#context.clock.wall());
    const condition: Condition = { ...told, lastTransitionTime };
    const others = (status?.conditions ?? []).filter(({ type }) => type !== condition.type);
    try {
      const next = { ...rule, status: { ...status, conditions: [...others, condition] } };
      await this.#context.client.resource(rulesRef).updateStatus(next, { signal });
    } catch (error) {
      // Gone, or changed: that comes as a change.
      if (!isStatus(error, 'NotFound') && !isStatus(error, 'Conflict')) throw error;
    }
  }
}
