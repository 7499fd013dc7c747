import type { KubeObject, Mutable } from '../../api/object.ts';
import { type LabelSelectorLike, labelSelectorOf, SelectorError } from '../../api/selector.ts';
import { forbidden, StatusError, timeoutError } from '../../api/status.ts';
import { timestamp } from '../../base/clock.ts';
import { RevisionMismatch } from '../../store/store.ts';
import { own } from './equality.ts';
import type { Registry } from './operation.ts';

/** What evictions ask of disruption budgets. Source: registry/core/pod/storage/eviction.go. */

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

interface BudgetStatus {
  readonly observedGeneration?: number;
  readonly disruptionsAllowed?: number;
  readonly currentHealthy?: number;
  readonly desiredHealthy?: number;
  readonly disruptedPods?: Readonly<Record<string, string>>;
  readonly conditions?: readonly Condition[];
}

export interface Budget extends KubeObject {
  readonly spec?: {
    readonly selector?: LabelSelectorLike;
    readonly unhealthyPodEvictionPolicy?: 'IfHealthyBudget' | 'AlwaysAllow';
  };
  readonly status?: BudgetStatus;
}

const resource = 'poddisruptionbudgets.policy';
/** Evictions whose pods the disruption controller has not seen go. */
const maxDisrupted = 2000;
const attempts = 20;
const refusal = "Cannot evict pod as it would violate the pod's disruption budget.";
/** Seconds to wait for the controller. */
const processing = 10;

function selects(budget: Budget, pod: KubeObject): boolean {
  try {
    return labelSelectorOf(budget.spec?.selector).matches(pod.metadata.labels);
  } catch (error) {
    // A selector that cannot be read finds no pods.
    if (error instanceof SelectorError) return false;
    throw error;
  }
}

export const budgetsOf = (registry: Registry, pod: KubeObject): Budget[] =>
  registry.store
    .list(resource, { namespace: pod.metadata.namespace ?? '' })
    .entries.map((entry) => entry.object as Budget)
    .filter((budget) => selects(budget, pod));

/** The refusal that asks to try again when the controller has caught up. */
export function stillProcessing(budget: string): StatusError {
  const message = `The disruption budget ${budget} is still being processed by the server.`;
  return refuse(message, processing);
}

const refuse = (message: string, retryAfterSeconds: number): StatusError =>
  new StatusError('TooManyRequests', refusal, {
    causes: [{ reason: 'DisruptionBudget', message }],
    ...(retryAfterSeconds > 0 && { retryAfterSeconds }),
  });

const named = { group: 'policy', resource: 'poddisruptionbudget' };

const allowed = 'DisruptionAllowed';

/** Why no disruption is allowed. The counts mean nothing when the controller failed to make them. */
function whyNone({ conditions = [], desiredHealthy = 0, currentHealthy = 0 }: BudgetStatus): string {
  const cannot = 'does not allow evicting pods currently';
  const said = conditions.find(({ type, status, message }) => type === allowed && status === 'False' && message);
  if (said?.reason === 'SyncFailed') return `${cannot} because it failed sync: ${said.message}`;
  if (currentHealthy <= desiredHealthy) {
    return `needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  }
  return said ? `${cannot} (${said.reason}): ${said.message}` : cannot;
}

/** Throws unless the budget allows one more disruption. */
function refuseExhausted({ metadata, status = {} }: Budget): void {
  const { name = '', generation = 0 } = metadata;
  const { disruptionsAllowed = 0, disruptedPods = {} } = status;
  if ((status.observedGeneration ?? 0) < generation) throw stillProcessing(name);
  if (disruptionsAllowed < 0) throw forbidden(named, name, 'pdb disruptions allowed is negative');
  if (Object.keys(disruptedPods).length > maxDisrupted) {
    const text = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
    throw forbidden(named, name, text);
  }
  if (disruptionsAllowed > 0) return;
  throw refuse(`The disruption budget ${name} ${whyNone(status)}`, 0);
}

function exhaustedCondition(status: BudgetStatus, now: string): readonly Condition[] {
  const old = status.conditions?.find((condition) => condition.type === allowed);
  const condition: Condition = {
    type: allowed,
    status: 'False',
    reason: 'InsufficientPods',
    message: '',
    lastTransitionTime: old?.status === 'False' ? old.lastTransitionTime : now,
    ...(status.observedGeneration && { observedGeneration: status.observedGeneration }),
  };
  const others = status.conditions ?? [];
  return old ? others.map((other) => (other === old ? condition : other)) : [...others, condition];
}

/** The status with one disruption used up, and the pod noted until the controller has seen it go. */
function disrupted(status: BudgetStatus, pod: string, now: string): BudgetStatus {
  const left = (status.disruptionsAllowed ?? 0) - 1;
  return {
    ...status,
    disruptionsAllowed: left,
    disruptedPods: { ...status.disruptedPods, [pod]: now },
    ...(left === 0 && { conditions: exhaustedCondition(status, now) }),
  };
}

/** Uses up one disruption. Throws TooManyRequests when there is none left, Timeout when others always come first. */
export async function useDisruption(registry: Registry, budget: Budget, pod: string, dryRun: boolean): Promise<void> {
  const { namespace = '', name = '' } = budget.metadata;
  const key = { resource, namespace, name };
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const head = registry.store.head(key);
    // Deleted meanwhile: there is nothing to keep to any more.
    if (!head) return;
    refuseExhausted(head.object as Budget);
    if (dryRun) return;
    const next = own(head.object) as Mutable<KubeObject>;
    const now = timestamp(registry.clock.wall());
    next['status'] = disrupted((head.object as Budget).status ?? {}, pod, now) as unknown;
    try {
      await registry.store.update(key, next, head.revision);
      return;
    } catch (error) {
      if (!(error instanceof RevisionMismatch)) throw error;
    }
  }
  throw timeoutError(`couldn't update PodDisruptionBudget ${JSON.stringify(name)} due to conflicts`, 10);
}
