import { horizontalPodAutoscalers as autoscalersRef, pods as podsRef } from '../../api/kinds.gen.ts';
import { sameValue } from '../../api/object-meta.ts';
import { type LabelSelector, parseLabelSelector } from '../../api/selector.ts';
import { isStatus } from '../../api/status.ts';
import type { Scale } from '../../api/types/autoscaling-v1.gen.ts';
import type { HorizontalPodAutoscaler } from '../../api/types/autoscaling-v2.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { byNamespace, type Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import { selected } from '../../client/selected.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import { errorText } from '../namespace-going.ts';
import { type History, newHistory } from './history.ts';
import { MetricsSource } from './metrics-source.ts';
import {
  able,
  byMetrics,
  type Decision,
  inactive,
  type Outcome,
  statusAfter,
  tolerancesOf,
  type Undecided,
  unable,
  withoutMetrics,
} from './plan.ts';
import { judge, MetricFailure, type Proposed } from './proposals.ts';
import { type ScaleTarget, scaleTarget } from './scale-target.ts';
import { noteChange } from './scaling-limits.ts';
import { Selectors } from './selectors.ts';

/** Keeps the number of a target's replicas where its metrics want it. Source: pkg/controller/podautoscaler. */
export const horizontalPodAutoscalerController: ControllerDescriptor = {
  name: 'horizontal-pod-autoscaler-controller',
  account: 'horizontal-pod-autoscaler',
  component: 'horizontal-pod-autoscaler',
  build: (context) => new AutoscalerController(context).reconciler,
};

/** How long after each look an autoscaler is looked at again: metrics change without an event. Source: --horizontal-pod-autoscaler-sync-period. */
const syncPeriod = 15_000;

class AutoscalerController {
  readonly reconciler: Reconciler;
  readonly #context: ControllerContext;
  readonly #autoscalers: Informer<HorizontalPodAutoscaler>;
  readonly #pods: Informer<Pod>;
  readonly #source: MetricsSource;
  readonly #selectors = new Selectors();
  readonly #histories = new Map<string, History>();

  constructor(context: ControllerContext) {
    const { name, client, catalog, clock, log, informers } = context;
    this.#context = context;
    this.#autoscalers = informers.of(autoscalersRef);
    this.#pods = informers.of(podsRef).index(byNamespace);
    this.#source = new MetricsSource(client, catalog);
    this.reconciler = new Reconciler({
      name,
      reconcile: ({ key, signal }) => this.#reconcile(key, signal),
      clock,
      log,
      ready: synced(this.#autoscalers, this.#pods, catalog),
    });
    this.#autoscalers.on({
      added: (hpa) => this.reconciler.add(keyOf(hpa)),
      updated: (old, hpa) => {
        // Its own status is no news.
        if (!sameValue(old.spec, hpa.spec)) this.reconciler.add(keyOf(hpa));
      },
      deleted: (hpa) => {
        this.#histories.delete(keyOf(hpa));
        this.#selectors.delete(hpa.metadata.namespace!, hpa.metadata.name!);
      },
    });
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const hpa = this.#autoscalers.get(key);
    if (!hpa) return undefined;
    await this.#look(hpa, key, signal);
    return { after: syncPeriod };
  }

  async #look(hpa: HorizontalPodAutoscaler, key: string, signal: AbortSignal): Promise<void> {
    let target: ScaleTarget;
    try {
      target = await scaleTarget(this.#context, hpa.metadata.namespace!, hpa.spec.scaleTargetRef, signal);
    } catch (error) {
      signal.throwIfAborted();
      const text = errorText(error);
      this.#warn(hpa, 'FailedGetScale', text);
      const message = `the HPA controller was unable to get the target's current scale: ${text}`;
      await this.#write(hpa, { findings: [unable('FailedGetScale', message)] }, signal);
      return;
    }
    const current = target.scale.spec?.replicas ?? 0;
    const known = this.#histories.get(key) ?? newHistory(current, this.#context.clock.steady());
    this.#histories.set(key, known);
    const decision = withoutMetrics(hpa, current) ?? (await this.#measure(hpa, target.scale, known, signal));
    const got = able('SucceededGetScale', "the HPA controller was able to get the target's current scale");
    const findings = [got, ...decision.findings];
    if ('failure' in decision) {
      await this.#write(hpa, { ...decision, findings, current }, signal);
      this.#warn(hpa, 'FailedComputeMetricsReplicas', decision.failure);
      return;
    }
    const { replicas } = decision;
    if (replicas === current) {
      await this.#write(hpa, { ...decision, findings, current, desired: current }, signal);
      return;
    }
    await this.#rescale(hpa, target, current, { ...decision, findings }, known, signal);
  }

  async #rescale(
    hpa: HorizontalPodAutoscaler,
    target: ScaleTarget,
    current: number,
    decision: Decision,
    history: History,
    signal: AbortSignal,
  ): Promise<void> {
    const { recorder, clock } = this.#context;
    const { replicas, reason, findings } = decision;
    try {
      await target.resize(replicas, signal);
    } catch (error) {
      signal.throwIfAborted();
      const text = errorText(error);
      this.#warn(hpa, 'FailedRescale', `New size: ${replicas}; reason: ${reason}; error: ${text}`);
      const failed = unable('FailedUpdateScale', `the HPA controller was unable to update the target scale: ${text}`);
      await this.#write(hpa, { ...decision, findings: [...findings, failed], current }, signal);
      return;
    }
    const message = `the HPA controller was able to update the target scale to ${replicas}`;
    recorder.event(hpa, 'Normal', 'SuccessfulRescale', `New size: ${replicas}; reason: ${reason}`);
    noteChange(history, current, replicas, hpa.spec.behavior, clock.steady());
    const done = { findings: [...findings, able('SucceededRescale', message)], desired: replicas, rescaled: true };
    await this.#write(hpa, { ...decision, ...done, current }, signal);
  }

  async #measure(
    hpa: HorizontalPodAutoscaler,
    { spec, status }: Scale,
    history: History,
    signal: AbortSignal,
  ): Promise<Decision | Undecided> {
    const { clock } = this.#context;
    const { namespace } = hpa.metadata;
    const found = this.#select(hpa, status?.selector ?? '');
    if ('failure' in found) return found;
    const judged = {
      ...found,
      source: this.#source,
      namespace: namespace!,
      specReplicas: spec?.replicas ?? 0,
      statusReplicas: status?.replicas ?? 0,
      tolerances: tolerancesOf(hpa),
      now: clock.wall(),
      signal,
    };
    const outcomes: (Proposed | MetricFailure)[] = [];
    for (const metric of hpa.spec.metrics ?? []) {
      try {
        outcomes.push(await judge(judged, metric));
      } catch (error) {
        if (!(error instanceof MetricFailure)) throw error;
        this.#warn(hpa, error.reason, error.message);
        outcomes.push(error);
      }
    }
    return byMetrics(hpa, judged.specReplicas, outcomes, history, clock.steady());
  }

  /** The target's pods, which must be no other autoscaler's. */
  #select(hpa: HorizontalPodAutoscaler, text: string): { selector: LabelSelector; pods: Pod[] } | Undecided {
    const { namespace, name } = hpa.metadata;
    const refuse = (reason: string, failure: string, said = failure, event = reason): Undecided => {
      this.#warn(hpa, event, failure);
      return { failure, findings: [inactive(reason, said)] };
    };
    if (text === '') {
      const said = "the HPA target's scale is missing a selector";
      return refuse('InvalidSelector', 'selector is required', said, 'SelectorRequired');
    }
    let selector: LabelSelector;
    try {
      selector = parseLabelSelector(text);
    } catch (error) {
      const failure = `couldn't convert selector into a corresponding internal selector object: ${errorText(error)}`;
      return refuse('InvalidSelector', failure);
    }
    this.#selectors.set(namespace!, name!, selector);
    const pods = selected(this.#pods, namespace!, selector);
    const sharing = this.#selectors.sharing(namespace!, selector, pods);
    if (sharing.length <= 1) return { selector, pods };
    const failure = `pods by selector ${text} are controlled by multiple HPAs: [${sharing.join(' ')}]`;
    return refuse('AmbiguousSelector', failure);
  }

  #warn(hpa: HorizontalPodAutoscaler, reason: string, message: string): void {
    this.#context.recorder.event(hpa, 'Warning', reason, message);
  }

  async #write(hpa: HorizontalPodAutoscaler, outcome: Outcome, signal: AbortSignal): Promise<void> {
    const { client, clock } = this.#context;
    const status = statusAfter(hpa, outcome, clock.wall());
    if (sameValue(status, hpa.status)) return;
    try {
      await client.resource(autoscalersRef).updateStatus({ ...hpa, status }, { signal });
    } catch (error) {
      signal.throwIfAborted();
      // It is gone, or another than was looked at: then it is looked at again.
      if (isStatus(error, 'NotFound')) return;
      if (!isStatus(error, 'Conflict')) this.#warn(hpa, 'FailedUpdateStatus', errorText(error));
      throw error;
    }
  }
}
