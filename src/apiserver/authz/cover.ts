import type { PolicyRule } from './authorizer.ts';
import { ruleAllows } from './rules.ts';

/** Single grants of `wanted` that no rule of `held` covers. Source: component-helpers `auth/rbac/validation`. */
export function uncovered(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  return wanted.flatMap((rule) => [...singles(rule)].filter((single) => !held.some((h) => covers(h, single))));
}

/** A rule taken apart into rules of one verb, group, resource and name each. */
function* singles(rule: PolicyRule): Iterable<PolicyRule> {
  for (const verb of rule.verbs) {
    for (const url of rule.nonResourceURLs ?? []) yield { verbs: [verb], nonResourceURLs: [url] };
    for (const group of rule.apiGroups ?? [])
      for (const resource of rule.resources ?? []) {
        const one = { verbs: [verb], apiGroups: [group], resources: [resource] };
        if (!rule.resourceNames?.length) yield one;
        for (const name of rule.resourceNames ?? []) yield { ...one, resourceNames: [name] };
      }
  }
}

/** Whether a rule grants a single one. A star is only covered by a star. */
function covers(rule: PolicyRule, single: PolicyRule): boolean {
  const verb = single.verbs[0]!;
  const url = single.nonResourceURLs?.[0];
  const base = { verb, group: '', resource: '', subresource: '', namespace: '', name: '' };
  if (url !== undefined) return ruleAllows(rule, { ...base, path: url });
  const [resource = '', subresource = ''] = single.resources![0]!.split('/');
  const name = single.resourceNames?.[0] ?? '';
  // A rule limited to names does not cover one that is not.
  if (!name && rule.resourceNames?.length) return false;
  return ruleAllows(rule, { ...base, group: single.apiGroups![0]!, resource, subresource, name });
}
