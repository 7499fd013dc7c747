import type { ClusterEvent, PodTest } from '../events/events.ts';

/** For updates that help nobody but the pod that was updated. */
export function isAboutPod({ now }: ClusterEvent): PodTest {
  const uid = now?.metadata?.uid;
  return (pod) => pod.uid === uid;
}
