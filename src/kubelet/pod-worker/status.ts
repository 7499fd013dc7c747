import { timestamp } from '../../base/clock.ts';
import type { Pod, PodCondition, PodStatus } from '../types.ts';
import { conditionsOf } from './conditions.ts';
import { containerStatuses, type RuntimeName } from './container-status.ts';
import type { Plan } from './draft.ts';
import { anyAlive, type Observed } from './observed.ts';
import { type Phase, phaseOf } from './phase.ts';
import type { Termination } from './termination.ts';

export interface StatusInput {
  readonly plan: Plan;
  readonly observed: Observed;
  readonly runtime: RuntimeName;
  readonly hostIPs: readonly string[];
  readonly termination?: Termination | undefined;
  /** Wall time, milliseconds. */
  readonly now: number;
}

/** The status the kubelet reports for a pod. Fields it does not own keep what the pod has. */
export function statusOf(pod: Pod, input: StatusInput): PodStatus {
  const { observed, plan, runtime, hostIPs } = input;
  const context = { runtime, plan, ending: plan.done || input.termination !== undefined };
  const inits = containerStatuses(pod, pod.spec.initContainers ?? [], 'init', observed, context);
  const mains = containerStatuses(pod, pod.spec.containers, 'main', observed, context);
  const ephemerals = containerStatuses(pod, pod.spec.ephemeralContainers ?? [], 'ephemeral', observed, context);
  const before = pod.status ?? {};
  const settled = !anyAlive(observed);
  const told = endedBy(input) ? 'Failed' : phaseOf(pod, inits, mains, plan.done);
  const phase = finalPhase(before.phase) ?? (settled ? told : delayed(told, before.phase));
  const podIP = observed.sandbox?.address || (pod.spec.hostNetwork ? hostIPs[0] : before.podIP);
  const sandboxReady = observed.sandbox?.running === true;
  const reason = (settled && input.termination?.reason) || before.reason;
  const message = (settled && input.termination?.message) || before.message;
  return {
    ...(pod.metadata.generation && { observedGeneration: pod.metadata.generation }),
    phase,
    conditions: conditionsOf(pod, { phase, inits, mains, sandboxReady, now: input.now }),
    ...(message && { message }),
    ...(reason && { reason }),
    ...(hostIPs[0] && { hostIP: hostIPs[0], hostIPs: hostIPs.map((ip) => ({ ip })) }),
    ...(podIP && { podIP, podIPs: [{ ip: podIP }] }),
    startTime: before.startTime ?? timestamp(input.now),
    ...(inits.length && { initContainerStatuses: inits }),
    containerStatuses: mains,
    ...(ephemerals.length && { ephemeralContainerStatuses: ephemerals }),
    qosClass: before.qosClass ?? qosClass(pod),
  };
}

/** A pod is not over while one of its containers (a sidecar, say) still runs. */
const delayed = (phase: Phase, before: string | undefined): Phase =>
  finalPhase(phase) ? (before === 'Pending' ? 'Pending' : 'Running') : phase;

/** Succeeded and Failed are never left again. */
const finalPhase = (phase: string | undefined) => (phase === 'Succeeded' || phase === 'Failed' ? phase : undefined);

/** The kubelet itself ended the pod (deadline, eviction): Failed as soon as it decides so. */
const endedBy = (input: StatusInput): boolean => input.termination?.reason !== undefined;

/** Guaranteed, Burstable or BestEffort, from cpu and memory alone. */
export function qosClass(pod: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const kinds = ['cpu', 'memory'] as const;
  let any = false;
  let guaranteed = true;
  for (const { resources } of containers) {
    for (const kind of kinds) {
      const limit = resources?.limits?.[kind];
      const request = resources?.requests?.[kind] ?? limit;
      if (limit !== undefined || request !== undefined) any = true;
      if (limit === undefined || request !== limit) guaranteed = false;
    }
  }
  return guaranteed ? 'Guaranteed' : any ? 'Burstable' : 'BestEffort';
}

/** The conditions other parts write (readiness gates, DisruptionTarget) are not the kubelet's to compare. */
const owned = new Set(['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled']);

/** Lists a strategic patch would merge by key, where the new one must replace the old. */
const mergedLists = new Set(['podIPs', 'hostIPs']);

/** Optional fields of a condition, cleared: a merge would leave what it says no more. */
const cleared = (was: PodCondition | undefined) => ({
  ...(was?.reason !== undefined && { reason: null }),
  ...(was?.message !== undefined && { message: null }),
});

/**
 * What to send so that `before` becomes `after`: a strategic merge patch of the status with only changed fields, or
 * undefined when nothing changed.
 */
export function statusPatch(before: PodStatus | undefined, after: PodStatus): Record<string, unknown> | undefined {
  const old = (before ?? {}) as Record<string, unknown>;
  const patch: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(after)) {
    if (field === 'conditions') {
      const changed = (value as readonly PodCondition[]).flatMap((wanted) => {
        const was = before?.conditions?.find((c) => c.type === wanted.type);
        // The newest known transition counts, whatever the pod said that the status was made from.
        const kept = was?.status === wanted.status ? (was?.lastTransitionTime ?? null) : null;
        const condition = kept === null ? wanted : { ...wanted, lastTransitionTime: kept };
        return !owned.has(condition.type) || same(was, condition) ? [] : [{ ...cleared(was), ...condition }];
      });
      if (changed.length) patch.conditions = changed;
    } else if (field === 'startTime' && old.startTime) {
      // A pod starts once.
    } else if (mergedLists.has(field)) {
      if (same(old[field], value)) continue;
      patch[field] = isEmpty(old[field]) ? value : [...(value as unknown[]), { $patch: 'replace' }];
    } else if (!same(old[field], value)) patch[field] = value;
  }
  return Object.keys(patch).length ? patch : undefined;
}

/** Deep equality of JSON trees where an absent field, null and an empty object or list are the same. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isEmpty(a) && isEmpty(b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a) && a.length !== (b as unknown[]).length) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key in left) if (!same(left[key], right[key])) return false;
  for (const key in right) if (!(key in left) && !isEmpty(right[key])) return false;
  return true;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value !== 'object') return false;
  for (const _ in value) return false;
  return true;
}
