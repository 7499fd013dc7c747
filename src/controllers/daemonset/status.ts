import type { DaemonSet, DaemonSetStatus } from '../../api/types/apps-v1.gen.ts';
import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import { isReady } from '../pod-state.ts';
import { placementOn } from './placement.ts';
import { isUp, podsByNode } from './pods.ts';
import { isNew, versionOf } from './version.ts';

/** The status the nodes and pods give. Of several pods on a node the oldest counts. Source: upstream's updateDaemonSetStatus. */
export function daemonStatus(
  set: DaemonSet,
  nodes: readonly Node[],
  pods: readonly Pod[],
  revision: string,
  collisions: number,
  now: number,
): DaemonSetStatus {
  const version = versionOf(set, revision);
  const byNode = podsByNode(pods, version);
  const count = { desired: 0, current: 0, misplaced: 0, ready: 0, available: 0, updated: 0 };
  for (const node of nodes) {
    const [pod] = byNode.get(node.metadata.name!) ?? [];
    if (!placementOn(set, node).run) {
      if (pod) count.misplaced++;
      continue;
    }
    count.desired++;
    if (!pod) continue;
    count.current++;
    if (isReady(pod)) count.ready++;
    if (isUp(set, pod, now)) count.available++;
    if (isNew(pod, version)) count.updated++;
  }
  const unavailable = count.desired - count.available;
  return {
    currentNumberScheduled: count.current,
    numberMisscheduled: count.misplaced,
    desiredNumberScheduled: count.desired,
    numberReady: count.ready,
    observedGeneration: set.metadata.generation ?? 0,
    ...(count.updated > 0 && { updatedNumberScheduled: count.updated }),
    ...(count.available > 0 && { numberAvailable: count.available }),
    ...(unavailable > 0 && { numberUnavailable: unavailable }),
    ...(collisions > 0 && { collisionCount: collisions }),
    ...(set.status?.conditions && { conditions: set.status.conditions }),
  };
}
