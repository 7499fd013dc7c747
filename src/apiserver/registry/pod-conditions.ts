import type { KubeObject, Mutable } from '../../api/object.ts';

/** Conditions that the server itself writes into a pod. */

export interface PodCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastProbeTime?: null;
  readonly lastTransitionTime: string;
}

type Stored = { type: string; status: string; lastTransitionTime?: unknown; [field: string]: unknown };

/** Puts a condition in place of the one of its type; one that only says the same again keeps its time. */
export function setPodCondition(pod: Mutable<KubeObject>, condition: PodCondition): void {
  const status = (pod['status'] ??= {}) as { conditions?: Stored[] };
  const { generation } = pod.metadata;
  const next: Stored = { ...condition, ...(generation && { observedGeneration: generation }) };
  const list = (status.conditions ??= []);
  const at = list.findIndex(({ type }) => type === condition.type);
  if (at < 0) {
    list.push(next);
    return;
  }
  const old = list[at]!;
  if (old.status === next.status && old.lastTransitionTime) next.lastTransitionTime = old.lastTransitionTime;
  list[at] = next;
}
