import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, Mutable } from '../../api/object.ts';
import type { LabelSelector } from '../../api/types/meta-v1.gen.ts';
import type { Differences } from './old-version.ts';

/**
 * An empty selector selects no pods in policy/v1beta1 and all pods in v1, so each version spells the other's meaning with
 * a label that nobody has. Source: kubernetes `pkg/apis/policy/helper.go` and `v1beta1/conversion.go`.
 */
const label = 'pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match';

const empty = (): Mutable<LabelSelector> => ({});
const noneInV1 = (): Mutable<LabelSelector> => ({ matchExpressions: [{ key: label, operator: 'Exists' }] });
const allInV1beta1 = (): Mutable<LabelSelector> => ({ matchExpressions: [{ key: label, operator: 'DoesNotExist' }] });

type Selector = Mutable<LabelSelector>;
type Meaning = readonly [from: () => Selector, to: () => Selector];

/** Rewrites a selector that is exactly one of these; in any other the label has no place. */
function rewrite(object: Mutable<KubeObject>, meanings: readonly Meaning[]): void {
  const spec = object['spec'] as { selector?: Selector } | undefined;
  const selector = spec?.selector;
  if (!selector) return;
  const meaning = meanings.find(([from]) => isDeepStrictEqual(from(), selector));
  if (meaning) spec.selector = meaning[1]();
  else strip(selector);
}

function strip(selector: Selector): void {
  const kept = selector.matchExpressions?.filter((expression) => expression.key !== label);
  if (kept?.length === selector.matchExpressions?.length) return;
  if (kept?.length) selector.matchExpressions = kept;
  else delete selector.matchExpressions;
}

export const v1beta1PodDisruptionBudget: Differences = {
  toStorage: (object) =>
    rewrite(object, [
      [empty, noneInV1],
      [allInV1beta1, empty],
    ]),
  fromStorage: (object) =>
    rewrite(object, [
      [noneInV1, empty],
      [empty, allInV1beta1],
    ]),
};
