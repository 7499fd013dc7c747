import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import { toleratedFor } from '../taints.ts';

/** Milliseconds a pod may stay on its node from the moment its taints were seen; Infinity when nothing drives it out. */
export function stayOf(pod: Pod, node: Node | undefined): number {
  const taints = node?.spec?.taints?.filter((taint) => taint.effect === 'NoExecute') ?? [];
  return taints.length === 0 ? Number.POSITIVE_INFINITY : toleratedFor(taints, pod.spec?.tolerations ?? []);
}
