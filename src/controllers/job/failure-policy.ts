import type {
  PodFailurePolicy,
  PodFailurePolicyAction,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
} from '../../api/types/batch-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';

/** What a pod's failure means for its job. */
export interface FailureVerdict {
  /** Whether it counts towards the limits. */
  readonly counts: boolean;
  /** What the first rule that matched asks for, undefined when none did. */
  readonly action?: PodFailurePolicyAction;
  /** Why the whole job fails, when it does. */
  readonly message?: string;
}

/** Judges a failed pod by the first rule that matches it. Source: upstream's pod_failure_policy. */
export function judgeFailure(policy: PodFailurePolicy | undefined, pod: Pod): FailureVerdict {
  for (const [at, { action, onExitCodes, onPodConditions }] of (policy?.rules ?? []).entries()) {
    const cause = onExitCodes ? exitCause(pod, onExitCodes) : conditionCause(pod, onPodConditions ?? []);
    if (cause === undefined) continue;
    if (action !== 'FailJob') return { counts: action !== 'Ignore', action };
    return { counts: true, action, message: `${cause} matching ${action} rule at index ${at}` };
  }
  return { counts: true };
}

function exitCause(pod: Pod, rule: PodFailurePolicyOnExitCodesRequirement): string | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  for (const { name, state } of [...containerStatuses, ...initContainerStatuses]) {
    const code = state?.terminated?.exitCode;
    if (code === undefined || code === 0) continue;
    if (rule.containerName !== undefined && rule.containerName !== name) continue;
    if (rule.values.includes(code) !== (rule.operator === 'In')) continue;
    return `Container ${name} for pod ${pod.metadata.namespace}/${pod.metadata.name} failed with exit code ${code}`;
  }
  return undefined;
}

function conditionCause(pod: Pod, patterns: readonly PodFailurePolicyOnPodConditionsPattern[]): string | undefined {
  const found = pod.status?.conditions?.find((c) =>
    patterns.some((pattern) => pattern.type === c.type && (pattern.status ?? 'True') === c.status),
  );
  return found && `Pod ${pod.metadata.namespace}/${pod.metadata.name} has condition ${found.type}`;
}
