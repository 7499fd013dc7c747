import { sameValue } from '../../api/object-meta.ts';
import type { Toleration } from '../../api/types/core-v1.gen.ts';

/** Whether what the second tolerates, the first tolerates, too. Source: pkg/util/tolerations, isSuperset. */
export function includesToleration(first: Toleration, second: Toleration): boolean {
  if (sameValue(first, second)) return true;
  const operator = first.operator || 'Equal';
  const everyKey = !first.key && operator === 'Exists';
  if (first.key !== second.key && !everyKey) return false;
  if (first.effect && first.effect !== second.effect) return false;
  if (first.effect === 'NoExecute' && first.tolerationSeconds !== undefined) {
    if (second.tolerationSeconds === undefined || second.tolerationSeconds > first.tolerationSeconds) return false;
  }
  if (operator === 'Exists') return true;
  return operator === 'Equal' && second.operator === 'Equal' && first.value === second.value;
}

/** Both lists as one, without what another toleration of them includes; of equal ones the first stays. */
export function mergeTolerations(first: readonly Toleration[], second: readonly Toleration[]): Toleration[] {
  const merged: Toleration[] = [];
  const all = [...first, ...second];
  for (const [i, one] of all.entries()) {
    const before = merged.some((other) => includesToleration(other, one));
    const after = all.slice(i + 1).some((other) => !sameValue(other, one) && includesToleration(other, one));
    if (!before && !after) merged.push(one);
  }
  return merged;
}
