import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import { isNodeReady } from '../node-state.ts';
import { isTerminal } from '../pod-state.ts';

/** How many ended pods may lie about: --terminated-pod-gc-threshold. */
export const terminatedLimit = 12_500;

const outOfService = 'node.kubernetes.io/out-of-service';

/** Why a pod must be removed without its kubelet, undefined when it must not. The message ends up in its condition. */
export type Removal = { readonly message: string } | { readonly silent: true };

/** Whether nobody but us can remove the pod. `node` is undefined when its node does not exist. */
export function planRemoval(pod: Pod, node: Node | undefined): Removal | undefined {
  const going = pod.metadata.deletionTimestamp !== undefined;
  if (!pod.spec?.nodeName) return going ? { silent: true } : undefined;
  if (!node) return { message: 'PodGC: node no longer exists' };
  const unattended = going && !isNodeReady(node) && node.spec?.taints?.some((taint) => taint.key === outOfService);
  return unattended ? { silent: true } : undefined;
}

/** The ended pods beyond the limit: evicted ones first, then the oldest. */
export function excessPods(pods: readonly Pod[], limit = terminatedLimit): Pod[] {
  const ended = pods.filter((pod) => isTerminal(pod) && !pod.metadata.deletionTimestamp);
  if (ended.length <= limit) return [];
  const evicted = (pod: Pod) => (pod.status?.reason === 'Evicted' ? 0 : 1);
  const age = (pod: Pod) => Date.parse(pod.metadata.creationTimestamp ?? '') || 0;
  return ended.toSorted((a, b) => evicted(a) - evicted(b) || age(a) - age(b)).slice(0, ended.length - limit);
}
