import type { KubeObject } from '../../api/object.ts';
import type { ResourceQuota, ScopedResourceSelectorRequirement } from '../../api/types/core-v1.gen.ts';
import type { Evaluator } from './evaluator.ts';

/** Which objects a quota is for. Source: apiserver `quota/v1/generic`, Matches. */

const scopesOf = ({ spec }: ResourceQuota): readonly ScopedResourceSelectorRequirement[] => [
  ...(spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' }) as ScopedResourceSelectorRequirement),
  ...(spec?.scopeSelector?.matchExpressions ?? []),
];

/** Whether an object is in all scopes of a quota. */
export const inScopes = (quota: ResourceQuota, evaluator: Evaluator, object: KubeObject): boolean =>
  scopesOf(quota).every((scope) => evaluator.inScope?.(object, scope) ?? false);

/** Whether one of the values an object has for a scope (it may have none) is what the scope asks for. */
export function selects({ operator, values = [] }: ScopedResourceSelectorRequirement, has: readonly string[]): boolean {
  switch (operator) {
    case 'Exists':
      return has.length > 0;
    case 'DoesNotExist':
      return has.length === 0;
    case 'In':
      return has.some((value) => values.includes(value));
    case 'NotIn':
      return has.length === 0 || has.some((value) => !values.includes(value));
    default:
      return false;
  }
}
