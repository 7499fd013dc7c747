import type { Node, Taint } from '../../api/types/core-v1.gen.ts';
import type { ClusterEvent, EventHint, PodTest } from '../events/events.ts';
import { tolerates } from '../rules/tolerations.ts';
import type { PodInfo } from '../state/pod-info.ts';
import { isAboutPod } from './own-update.ts';

/** What a pod that tolerates no node's taints waits for (TaintToleration.EventsToRegister). */
export const taintTolerationEvents: readonly EventHint[] = [
  { resource: 'Node', actions: ['Add', 'UpdateNodeTaint'], hint: nodeTolerableNow },
  { resource: 'Pod', actions: ['UpdatePodToleration'], hint: isAboutPod },
];

function nodeTolerableNow({ old, now }: ClusterEvent): PodTest {
  const after = hardTaints(now as Node);
  const before = old && hardTaints(old as Node);
  return (pod) => toleratesAll(pod, after) && !(before && toleratesAll(pod, before));
}

const hardTaints = ({ spec }: Node) => spec?.taints?.filter(({ effect }) => effect !== 'PreferNoSchedule') ?? [];

const toleratesAll = ({ pod }: PodInfo, taints: readonly Taint[]) =>
  taints.every((taint) => tolerates(pod.spec?.tolerations, taint));
