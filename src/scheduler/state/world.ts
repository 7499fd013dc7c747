import type { LabelSelector } from '../../api/selector.ts';
import type { PodInfo } from './pod-info.ts';

/** What plugins read besides the pod and the nodes. */
export interface World {
  /** What the Services and the controller of a pod select by; undefined when none has a selector. */
  spreadSelector(pod: PodInfo): LabelSelector | undefined;
  namespaceLabels(namespace: string): Readonly<Record<string, string>> | undefined;
  /** Another number after each change of a namespace or its labels. */
  readonly namespacesVersion: number;
  /** The namespaces whose labels a selector matches. */
  namespacesMatching(selector: LabelSelector): readonly string[];
  /**
   * Begins to count evictions against disruption budgets: whether evicting a pod, after those that were asked about before
   * it, goes beyond one. Source: filterPodsWithPDBViolation.
   */
  violations(): (pod: PodInfo) => boolean;
  /** Another number after each change of a budget. */
  readonly budgetsVersion: number;
}
