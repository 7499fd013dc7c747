import { timestamp } from '../../base/clock.ts';
import type { ContainerStatus, Pod, PodCondition } from '../types.ts';
import type { Phase } from './phase.ts';
import { isSidecar } from './restart.ts';

type Verdict = Pick<PodCondition, 'status' | 'reason' | 'message'>;

const yes: Verdict = { status: 'True' };
const no = (reason: string, message?: string): Verdict => ({ status: 'False', reason, ...(message && { message }) });
const names = (list: readonly string[]): string => `[${list.join(' ')}]`;

/** What the conditions are derived from. */
export interface ConditionInput {
  readonly phase: Phase;
  readonly inits: readonly ContainerStatus[];
  readonly mains: readonly ContainerStatus[];
  readonly sandboxReady: boolean;
  /** Wall time, milliseconds. */
  readonly now: number;
}

/**
 * The conditions a kubelet owns, in the order upstream writes them. One that says the same as before keeps its
 * transition time. Source of the reasons and texts: kubelet `status/generate.go`.
 */
export function conditionsOf(pod: Pod, input: ConditionInput): PodCondition[] {
  const containersReady = readyVerdict(pod, input);
  const verdicts: readonly (readonly [string, Verdict])[] = [
    ['PodReadyToStartContainers', { status: input.sandboxReady ? 'True' : 'False' }],
    ['Initialized', initializedVerdict(pod, input)],
    ['Ready', gatesVerdict(pod, containersReady)],
    ['ContainersReady', containersReady],
    ['PodScheduled', yes],
  ];
  return verdicts.map(([type, verdict]) => transition(pod, type, verdict, input.now));
}

function transition(pod: Pod, type: string, verdict: Verdict, now: number): PodCondition {
  const before = pod.status?.conditions?.find((c) => c.type === type);
  const kept = before?.status === verdict.status && before.lastTransitionTime;
  return {
    type,
    ...(pod.metadata.generation && { observedGeneration: pod.metadata.generation }),
    ...verdict,
    lastTransitionTime: kept || timestamp(now),
  };
}

function initializedVerdict(pod: Pod, { inits, mains, phase }: ConditionInput): Verdict {
  const specs = pod.spec.initContainers ?? [];
  if (phase === 'Succeeded') return specs.length ? { ...yes, reason: 'PodCompleted' } : yes;
  if (mains.some((status) => status.state.running || status.state.terminated)) return yes;
  const open = specs.filter((spec, i) => !(isSidecar(spec) ? inits[i]?.started : inits[i]?.ready));
  if (!open.length) return yes;
  return no('ContainersNotInitialized', `containers with incomplete status: ${names(open.map((c) => c.name))}`);
}

function readyVerdict(pod: Pod, { inits, mains, phase }: ConditionInput): Verdict {
  if (phase === 'Succeeded') return no('PodCompleted');
  if (phase === 'Failed') return no('PodFailed');
  const sidecars = (pod.spec.initContainers ?? []).flatMap((spec, i) => (isSidecar(spec) ? (inits[i] ?? []) : []));
  const unready = [...sidecars, ...mains].filter((status) => !status.ready).map((status) => status.name);
  if (!unready.length) return yes;
  return no('ContainersNotReady', `containers with unready status: ${names(unready)}`);
}

function gatesVerdict(pod: Pod, containersReady: Verdict): Verdict {
  if (containersReady.status !== 'True') return containersReady;
  const open: string[] = [];
  for (const { conditionType } of pod.spec.readinessGates ?? []) {
    const condition = pod.status?.conditions?.find((c) => c.type === conditionType);
    if (!condition) open.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    else if (condition.status !== 'True') {
      open.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`);
    }
  }
  return open.length ? no('ReadinessGatesNotReady', open.join(', ')) : yes;
}
