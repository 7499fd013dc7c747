import type { Pod } from '../../api/types/core-v1.gen.ts';

/** Whether nothing that placing pods reckons with has changed: most updates are status. */
export function asksTheSame(old: Pod, pod: Pod): boolean {
  const [a, b] = [old.metadata, pod.metadata];
  return (
    a?.generation !== undefined &&
    a.generation === b?.generation &&
    a.deletionTimestamp === b.deletionTimestamp &&
    old.spec?.nodeName === pod.spec?.nodeName &&
    JSON.stringify(a.labels) === JSON.stringify(b.labels)
  );
}

/** Whether a pod uses nothing of its node any more. */
export function ended(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}
