import { scaledValue } from '../../api/int-or-string.ts';
import { type LabelSelector, labelSelectorOf, SelectorError } from '../../api/selector.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/types/policy-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import { isReady } from '../pod-state.ts';

/** What a PodDisruptionBudget allows. Source: pkg/controller/disruption. */

type Condition = NonNullable<PodDisruptionBudgetStatus['conditions']>[number];

/** How long a pod whose eviction was granted may take to be deleted before it counts as staying. */
export const deletionTimeout = 2 * 60_000;

const selectors = new WeakMap<PodDisruptionBudget, LabelSelector>();

/** Which pods of its namespace a budget is about. Throws `SelectorError`. */
export function selectorOf(budget: PodDisruptionBudget): LabelSelector {
  const known = selectors.get(budget);
  if (known) return known;
  const selector = labelSelectorOf(budget.spec?.selector);
  selectors.set(budget, selector);
  return selector;
}

/** Whether a budget is about things with these labels; one whose selector cannot be read is about none. */
export function selects(budget: PodDisruptionBudget, labels: Readonly<Record<string, string>> | undefined): boolean {
  try {
    return selectorOf(budget).matches(labels);
  } catch (error) {
    if (error instanceof SelectorError) return false;
    throw error;
  }
}

/** Whether the budget is about a share of what the pods' owners want, not about the pods that happen to be there. */
export const asksOwners = ({ spec }: PodDisruptionBudget): boolean =>
  spec?.maxUnavailable !== undefined || typeof spec?.minAvailable === 'string';

/** How many pods there should be, and how many of them must stay healthy. */
export interface Expectation {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
}

/** `pods` are those that are there, `wanted` those that their owners ask for, which counts when `asksOwners`. */
export function expectationOf({ spec }: PodDisruptionBudget, pods: number, wanted: number): Expectation {
  const { minAvailable, maxUnavailable } = spec ?? {};
  if (maxUnavailable !== undefined) {
    const desiredHealthy = Math.max(0, wanted - scaledValue(maxUnavailable, wanted, true));
    return { expectedPods: wanted, desiredHealthy };
  }
  if (typeof minAvailable === 'number') return { expectedPods: pods, desiredHealthy: minAvailable };
  if (minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0 };
  return { expectedPods: wanted, desiredHealthy: scaledValue(minAvailable, wanted, true) };
}

/** What has become of the pods whose eviction was granted. */
export interface Disrupted {
  /** Those that will soon be deleted, with the time of the grant. */
  readonly pending: Readonly<Record<string, string>>;
  /** Those that should have been deleted by now. */
  readonly staying: readonly Pod[];
  /** Milliseconds until the next of the pending ones should be gone. */
  readonly due: number | undefined;
}

/** Deleted pods and those that are going need no entry: the API shows that they no longer count. */
export function disruptedOf({ status }: PodDisruptionBudget, pods: readonly Pod[], now: number): Disrupted {
  const granted = status?.disruptedPods ?? {};
  const pending: Record<string, string> = {};
  const staying: Pod[] = [];
  let due: number | undefined;
  for (const pod of pods) {
    const name = pod.metadata.name!;
    if (pod.metadata.deletionTimestamp !== undefined || !Object.hasOwn(granted, name)) continue;
    const left = Date.parse(granted[name]!) + deletionTimeout - now;
    if (left > 0) {
      pending[name] = granted[name]!;
      due = Math.min(due ?? left, left);
    } else staying.push(pod);
  }
  return { pending, staying, due };
}

/** The status that the pods give. */
export function budgetStatus(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  { expectedPods, desiredHealthy }: Expectation,
  { pending }: Disrupted,
  now: number,
): PodDisruptionBudgetStatus {
  const counts = ({ metadata }: Pod) =>
    metadata.deletionTimestamp === undefined && !Object.hasOwn(pending, metadata.name!);
  const currentHealthy = pods.filter((pod) => counts(pod) && isReady(pod)).length;
  // A budget without pods allows nothing, so that the first pods are safe until they are counted.
  const disruptionsAllowed = expectedPods > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0;
  const observedGeneration = budget.metadata.generation ?? 0;
  const finding = disruptionsAllowed > 0 ? sufficient : insufficient;
  return {
    observedGeneration,
    ...(Object.keys(pending).length > 0 && { disruptedPods: pending }),
    disruptionsAllowed,
    currentHealthy,
    desiredHealthy,
    expectedPods,
    conditions: withCondition(budget.status, { ...finding, message: '' }, observedGeneration, now),
  };
}

/** The status of a budget that could not be worked out: the rest stays, but nothing may be evicted. */
export function failedStatus(budget: PodDisruptionBudget, message: string, now: number): PodDisruptionBudgetStatus {
  const { status } = budget;
  const finding = { status: 'False', reason: 'SyncFailed', message };
  const conditions = withCondition(status, finding, status?.observedGeneration ?? 0, now);
  return { ...status, disruptionsAllowed: 0, conditions };
}

const sufficient = { status: 'True', reason: 'SufficientPods' };
const insufficient = { status: 'False', reason: 'InsufficientPods' };

function withCondition(
  status: PodDisruptionBudgetStatus | undefined,
  finding: { readonly status: string; readonly reason: string; readonly message: string },
  observedGeneration: number,
  now: number,
): Condition[] {
  const type = 'DisruptionAllowed';
  const conditions = status?.conditions ?? [];
  const old = conditions.find((condition) => condition.type === type);
  const lastTransitionTime = old?.status === finding.status ? old.lastTransitionTime : timestamp(now);
  const next = { type, ...finding, lastTransitionTime, ...(observedGeneration > 0 && { observedGeneration }) };
  return old ? conditions.map((condition) => (condition === old ? next : condition)) : [...conditions, next];
}
