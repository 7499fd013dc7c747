import { goLabelSelector } from '../../api/go-print.ts';
import { podDisruptionBudgets as budgetsRef, pods as podsRef } from '../../api/kinds.gen.ts';
import { sameValue } from '../../api/object-meta.ts';
import { isStatus, StatusError } from '../../api/status.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/types/policy-v1.gen.ts';
import { byNamespace } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import { selected } from '../../client/selected.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import { errorText } from '../namespace-going.ts';
import { controllerOf } from '../ownership.ts';
import { isReady } from '../pod-state.ts';
import { gatherDelay } from '../service-pods.ts';
import {
  asksOwners,
  budgetStatus,
  type Disrupted,
  disruptedOf,
  type Expectation,
  expectationOf,
  failedStatus,
  selectorOf,
  selects,
} from './plan.ts';
import { Scales } from './scale.ts';
import { staleTargets } from './stale-targets.ts';

/** Says how many pods of each PodDisruptionBudget may be evicted, and withdraws announcements of disruptions that never came. */
export const disruptionController: ControllerDescriptor = {
  name: 'disruption-controller',
  account: 'disruption-controller',
  component: 'controllermanager',
  build(context) {
    const { reconciler: budgets } = new DisruptionController(context);
    const targets = staleTargets(context);
    return {
      async run(signal) {
        await Promise.all([budgets.run(signal), targets.run(signal)]);
      },
    };
  },
};

class DisruptionController {
  readonly reconciler: Reconciler;
  readonly #context: ControllerContext;
  readonly #budgets;
  readonly #pods;
  readonly #scales: Scales;
  /** How many pods each budget had when it was last looked at. */
  readonly #sizes = new Map<string, number>();

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#budgets = context.informers.of(budgetsRef).index(byNamespace);
    this.#pods = context.informers.of(podsRef).index(byNamespace);
    this.#scales = new Scales(context);
    const caches = synced(this.#budgets, this.#pods);
    this.reconciler = new Reconciler({
      name: context.name,
      reconcile: ({ key, signal }) => this.#reconcile(key, signal),
      clock: context.clock,
      log: context.log,
      ready: async (signal) => {
        await Promise.all([caches(signal), this.#scales.ready(signal)]);
      },
    });
    const add = (budget: PodDisruptionBudget) => this.reconciler.add(keyOf(budget));
    this.#budgets.on({
      added: add,
      updated: (_, budget) => add(budget),
      deleted: (budget) => void this.#sizes.delete(keyOf(budget)),
    });
    this.#pods.on({
      // Before the first look every budget waits for it anyway.
      added: (pod, initial) => initial || this.#podChanged(pod),
      updated: (old, pod) => {
        if (!sameValue(relevant(old), relevant(pod))) this.#podChanged(pod, old);
      },
      deleted: (pod) => this.#podChanged(pod),
    });
    this.#scales.onChange((namespace, labels) => {
      for (const budget of this.#budgets.by(byNamespace, namespace)) {
        if (asksOwners(budget) && selects(budget, labels)) add(budget);
      }
    });
  }

  #podChanged(pod: Pod, old?: Pod): void {
    const { namespace, name, labels } = pod.metadata;
    const budgets = this.#budgets.by(byNamespace, namespace!);
    const now = budgets.filter((budget) => selects(budget, labels));
    const before = old ? budgets.filter((budget) => selects(budget, old.metadata.labels)) : [];
    for (const budget of new Set([...now, ...before])) {
      const key = keyOf(budget);
      this.reconciler.addAfter(key, gatherDelay(this.#sizes.get(key) ?? 0));
    }
    if (now.length < 2) return;
    const text = `Pod "${namespace}"/"${name}" matches multiple PodDisruptionBudgets.  Chose "${now[0]!.metadata.name}" arbitrarily.`;
    this.#context.recorder.event(pod, 'Warning', 'MultiplePodDisruptionBudgets', text);
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const budget = this.#budgets.get(key);
    if (!budget) return undefined;
    try {
      return await this.#update(budget, signal);
    } catch (error) {
      if (signal.aborted || isStatus(error, 'Conflict')) throw error;
      if (isStatus(error, 'NotFound')) return undefined;
      const now = this.#context.clock.wall();
      await this.#write(budget, failedStatus(budget, errorText(error), now), signal);
      // What the objects themselves make impossible can only be mended by a change of theirs.
      if (error instanceof StatusError) throw error;
      return undefined;
    }
  }

  async #update(budget: PodDisruptionBudget, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const pods = this.#podsOf(budget);
    this.#sizes.set(keyOf(budget), pods.length);
    const expectation = await this.#expectationOf(budget, pods, signal);
    const now = this.#context.clock.wall();
    const disrupted = disruptedOf(budget, pods, now);
    this.#reportStaying(budget, disrupted);
    await this.#write(budget, budgetStatus(budget, pods, expectation, disrupted, now), signal);
    return disrupted.due === undefined ? undefined : { after: disrupted.due };
  }

  #podsOf(budget: PodDisruptionBudget): Pod[] {
    const { recorder } = this.#context;
    try {
      const pods = selected(this.#pods, budget.metadata.namespace!, selectorOf(budget));
      if (pods.length === 0) recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found');
      return pods;
    } catch (error) {
      recorder.event(budget, 'Warning', 'NoPods', `Failed to get pods: ${errorText(error)}`);
      throw error;
    }
  }

  async #expectationOf(budget: PodDisruptionBudget, pods: readonly Pod[], signal: AbortSignal): Promise<Expectation> {
    const { recorder } = this.#context;
    try {
      const scales = asksOwners(budget) ? await this.#scales.of(pods, signal) : [];
      const wanted = scales.reduce((sum, { replicas }) => sum + replicas, 0);
      const expectation = expectationOf(budget, pods.length, wanted);
      if (asksOwners(budget) && !pods.every(controllerOf)) {
        recorder.event(budget, 'Warning', 'UnmanagedPods', unmanagedText(budget));
      }
      return expectation;
    } catch (error) {
      const text = `Failed to calculate the number of expected pods: ${errorText(error)}`;
      if (!signal.aborted) recorder.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', text);
      throw error;
    }
  }

  #reportStaying({ metadata }: PodDisruptionBudget, { staying }: Disrupted): void {
    const text = `Pod was expected by PDB ${metadata.namespace}/${metadata.name} to be deleted but it wasn't`;
    for (const pod of staying) this.#context.recorder.event(pod, 'Warning', 'NotDeleted', text);
  }

  async #write(budget: PodDisruptionBudget, status: PodDisruptionBudgetStatus, signal: AbortSignal): Promise<void> {
    if (sameValue(status, budget.status)) return;
    await this.#context.client.resource(budgetsRef).updateStatus({ ...budget, status }, { signal });
  }
}

/** The parts of a pod that budgets look at. */
function relevant(pod: Pod): unknown {
  const { labels, deletionTimestamp } = pod.metadata;
  return [labels, deletionTimestamp !== undefined, isReady(pod), controllerOf(pod)?.uid];
}

const unmanagedText = (budget: PodDisruptionBudget): string =>
  `Pods selected by this PodDisruptionBudget (selector: ${goLabelSelector(budget.spec?.selector)}) were found to be unmanaged. ` +
  'As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. ' +
  'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.';
