import type { SuccessPolicy } from '../../api/types/batch-v1.gen.ts';
import { type IndexSet, parseIndexSet, sharedSize, sizeOf } from './index-set.ts';

/** Why an indexed job has succeeded before all its indexes have, undefined when it has not. Source: upstream's success_policy. */
export function earlySuccess(
  policy: SuccessPolicy | undefined,
  completions: number,
  done: IndexSet,
): string | undefined {
  const met = policy?.rules.findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) return succeededCount !== undefined && sizeOf(done) >= succeededCount;
    const wanted = parseIndexSet(succeededIndexes, completions);
    if (wanted.length === 0) return false;
    return sharedSize(wanted, done) >= (succeededCount ?? sizeOf(wanted));
  });
  return met === undefined || met < 0 ? undefined : `Matched rules at index ${met}`;
}
