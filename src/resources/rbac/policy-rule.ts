import type { PolicyRule } from '../../api/types/rbac-v1.gen.ts';

/** A rule over resources: `groups`, `resources` and `verbs` are blank-separated; "" as a group is written "core". */
export function rule(groups: string, resources: string, verbs: string, names?: readonly string[]): PolicyRule {
  return {
    apiGroups: groups.split(' ').map((g) => (g === 'core' ? '' : g)),
    resources: resources.split(' '),
    verbs: verbs.split(' '),
    ...(names && { resourceNames: [...names] }),
  };
}

/** A rule over paths that are not resources. */
export const paths = (urls: string, verbs = 'get'): PolicyRule => ({
  nonResourceURLs: urls.split(' '),
  verbs: verbs.split(' '),
});

export const read = 'get list watch';
export const write = 'create delete deletecollection patch update';

/** Events are written by every component. */
export const events: PolicyRule = rule('core events.k8s.io', 'events', 'create patch update');
