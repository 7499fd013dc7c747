import type { Attributes, PolicyRule } from './authorizer.ts';

const star = '*';
const hasOrStar = (list: readonly string[] | undefined, value: string) =>
  list !== undefined && (list.includes(value) || list.includes(star));

/** Whether a rule grants what is asked for. Source: rbac/v1 evaluation helpers. */
export function ruleAllows(rule: PolicyRule, a: Attributes): boolean {
  if (!hasOrStar(rule.verbs, a.verb)) return false;
  if (a.path !== undefined) return (rule.nonResourceURLs ?? []).some((url) => urlMatches(url, a.path!));
  return (
    hasOrStar(rule.apiGroups, a.group) &&
    resourceMatches(rule.resources, a.resource, a.subresource) &&
    (!rule.resourceNames || rule.resourceNames.length === 0 || rule.resourceNames.includes(a.name))
  );
}

function resourceMatches(resources: readonly string[] | undefined, resource: string, subresource: string): boolean {
  if (!resources) return false;
  const combined = subresource ? `${resource}/${subresource}` : resource;
  return resources.some((r) => r === star || r === combined || (subresource !== '' && r === `*/${subresource}`));
}

const urlMatches = (url: string, path: string) =>
  url === star || url === path || (url.endsWith(star) && path.startsWith(url.slice(0, -1)));
