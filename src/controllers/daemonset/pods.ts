import type { DaemonSet } from '../../api/types/apps-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { isAvailable, isTerminal } from '../pod-state.ts';
import { nodeOf } from './placement.ts';
import { isNew, type Version } from './version.ts';

/** How the pods of a DaemonSet are looked at. */

export const isGoing = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;

export const isUp = (set: DaemonSet, pod: Pod, now: number): boolean =>
  isAvailable(pod, set.spec?.minReadySeconds ?? 0, now);

/** The set's pods by the node they are for, whether or not there is one; without those that have ended and are going. */
export function podsByNode(pods: readonly Pod[], version: Version): Map<string, Pod[]> {
  const byNode = new Map<string, Pod[]>();
  for (const pod of pods) {
    const node = nodeOf(pod);
    if (node === undefined || (isTerminal(pod) && isGoing(pod))) continue;
    const list = byNode.get(node);
    if (list) list.push(pod);
    else byNode.set(node, [pod]);
  }
  for (const list of byNode.values()) list.sort((a, b) => oldestFirst(a, b, version));
  return byNode;
}

/** Pods that are bound first, then the older ones; times are whole seconds, so that the revision tells more than a name. */
function oldestFirst(a: Pod, b: Pod, version: Version): number {
  const unbound = (pod: Pod) => (pod.spec?.nodeName ? 0 : 1);
  const fresh = (pod: Pod) => (isNew(pod, version) ? 1 : 0);
  const created = (pod: Pod) => Date.parse(pod.metadata.creationTimestamp ?? '') || 0;
  return (
    unbound(a) - unbound(b) ||
    created(a) - created(b) ||
    fresh(a) - fresh(b) ||
    ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1)
  );
}
