import type {
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../../api/types/flowcontrol-v1.gen.ts';
import type { UserInfo } from '../../client/call.ts';
import type { RequestInfo } from '../request-info.ts';

/** Which requests a flow schema's rules are about. Source: apiserver `util/flowcontrol/rule.go`. */

/** A star stands alone: validation sees to it. */
const has = (list: readonly string[] | undefined, value: string): boolean =>
  list !== undefined && (list[0] === '*' || list.includes(value));

export function isSubject(user: UserInfo, { kind, user: named, group, serviceAccount }: Subject): boolean {
  switch (kind) {
    case 'User':
      return named !== undefined && (named.name === '*' || named.name === user.name);
    case 'Group':
      return group !== undefined && (group.name === '*' || user.groups.includes(group.name));
    case 'ServiceAccount': {
      if (!serviceAccount) return false;
      const accounts = `system:serviceaccount:${serviceAccount.namespace}:`;
      return serviceAccount.name === '*'
        ? user.name.startsWith(accounts)
        : user.name === `${accounts}${serviceAccount.name}`;
    }
    default:
      return false;
  }
}

/** Whether a request is one of a rule's, given that its user is one of the rule's subjects. */
export function ruleMatches({ resourceRules, nonResourceRules }: PolicyRulesWithSubjects, info: RequestInfo): boolean {
  return info.isResource
    ? (resourceRules?.some((rule) => matchesResource(rule, info)) ?? false)
    : (nonResourceRules?.some((rule) => has(rule.verbs, info.verb) && matchesPath(rule, info.path)) ?? false);
}

function matchesResource(rule: ResourcePolicyRule, info: RequestInfo): boolean {
  const { resource, subresource, namespace } = info;
  return (
    has(rule.verbs, info.verb) &&
    has(rule.resources, subresource ? `${resource}/${subresource}` : resource) &&
    has(rule.apiGroups, info.group) &&
    (namespace ? has(rule.namespaces, namespace) : (rule.clusterScope ?? false))
  );
}

function matchesPath({ nonResourceURLs }: NonResourcePolicyRule, path: string): boolean {
  return (nonResourceURLs ?? []).some((url) => {
    if (url === '*' || url === path) return true;
    const prefix = url.endsWith('*') ? url.slice(0, -1) : url;
    return path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
  });
}
