import { sameValue } from '../../api/object-meta.ts';
import { labelSelectorOf } from '../../api/selector.ts';
import type { ClusterRole, PolicyRule } from '../../api/types/rbac-v1.gen.ts';

/**
 * The rules of an aggregated role, each once: for every selector of the role those of the other roles that it selects,
 * in the order of their names. Undefined when the role has them already, or takes its rules from nobody. Throws
 * `SelectorError`. Source: pkg/controller/clusterroleaggregation.
 */
export function planRules(role: ClusterRole, roles: readonly ClusterRole[]): PolicyRule[] | undefined {
  if (!role.aggregationRule) return undefined;
  const byName = roles.toSorted((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1));
  const rules: PolicyRule[] = [];
  for (const selector of (role.aggregationRule.clusterRoleSelectors ?? []).map(labelSelectorOf)) {
    for (const { metadata, rules: more = [] } of byName) {
      if (metadata.name === role.metadata.name || !selector.matches(metadata.labels)) continue;
      for (const rule of more) if (!rules.some((known) => sameValue(known, rule))) rules.push(rule);
    }
  }
  return sameValue(rules, role.rules) ? undefined : rules;
}
