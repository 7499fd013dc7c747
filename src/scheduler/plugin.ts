import type { LabelSelector } from '../api/selector.ts';
import type { NodeTable } from './node-table.ts';
import type { PodInfo } from './pod-info.ts';

/** Why a plugin refuses a node. Constants, so that refusing costs nothing. */
export interface Refusal {
  /** As upstream words it in FailedScheduling. */
  readonly reasons: readonly string[];
  /** Whether no preemption on that node could help. */
  readonly unresolvable: boolean;
}

/** What happened in the cluster, as far as it may let a refused pod fit. */
export const clusterEvents = [
  'NodeAdded',
  'NodeAllocatable',
  'NodeLabels',
  'NodeTaints',
  'NodeUnschedulable',
  'PodAssigned',
  'PodGone',
  'PodLabels',
  'NamespaceLabels',
] as const;
export type ClusterEvent = (typeof clusterEvents)[number];

/** What plugins read besides the pod and the nodes. */
export interface World {
  /** What the Services and the controller of a pod select by; undefined when none has a selector. */
  spreadSelector(pod: PodInfo): LabelSelector | undefined;
  namespaceLabels(namespace: string): Readonly<Record<string, string>> | undefined;
  /** The namespaces whose labels a selector matches. */
  namespacesMatching(selector: LabelSelector): readonly string[];
  /** Whether a disruption budget allows the pod no disruption now. */
  guarded(pod: PodInfo): boolean;
}

/** Judges one node, by slot. */
export type NodeFilter = (slot: number) => Refusal | undefined;

/** One concern of placing pods. Compiles a pod to functions over slots; both may say that the pod does not concern them. */
export interface Plugin {
  readonly name: string;
  /** Share in the sum of scores, each of which goes from 0 to 100. */
  readonly weight?: number;
  filter?(pod: PodInfo, nodes: NodeTable, world: World): NodeFilter | undefined;
  /** Scores of the feasible slots, in their order. */
  score?(pod: PodInfo, nodes: NodeTable, feasible: readonly number[], world: World): Float64Array | undefined;
  /** What may let a pod fit that `filter` refused everywhere. A new node always may. */
  readonly retryOn?: readonly ClusterEvent[];
}

export const maxScore = 100;

/** Stretches scores so that the greatest is 100; `reverse` makes it the worst (helper.DefaultNormalizeScore). */
export function normalized(scores: Float64Array, reverse: boolean): Float64Array {
  let max = 0;
  for (const score of scores) if (score > max) max = score;
  for (let i = 0; i < scores.length; i++) {
    const share = max === 0 ? 0 : Math.trunc((maxScore * scores[i]!) / max);
    scores[i] = reverse ? maxScore - share : share;
  }
  return scores;
}

export function refusal(reason: string, unresolvable: boolean): Refusal {
  return { reasons: [reason], unresolvable };
}
