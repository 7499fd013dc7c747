import { forbidden, StatusError } from '../../api/status.ts';
import type { UserInfo } from '../../client/call.ts';

/** What is asked for, as authorization sees it. */
export interface Attributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Set for non-resource requests; the other fields are then empty. */
  readonly path?: string;
}

/** Rules that a user has somewhere, for SelfSubjectRulesReview. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

export interface Authorizer {
  allowed(user: UserInfo, attributes: Attributes): boolean;
  rulesFor(user: UserInfo, namespace: string): readonly PolicyRule[];
}

/** The group that may do everything. */
export const superusers = 'system:masters';

/** The 403 with upstream's text. Source: apiserver `endpoints/handlers/responsewriters/errors.go`. */
export function denied(user: UserInfo, a: Attributes): StatusError {
  if (a.path !== undefined)
    return new StatusError(
      'Forbidden',
      `forbidden: User ${JSON.stringify(user.name)} cannot ${a.verb} path ${JSON.stringify(a.path)}`,
      {},
    );
  const resource = a.subresource ? `${a.resource}/${a.subresource}` : a.resource;
  const where = a.namespace ? ` in the namespace ${JSON.stringify(a.namespace)}` : ' at the cluster scope';
  return forbidden(
    { group: a.group, resource: a.resource },
    a.name,
    `User ${JSON.stringify(user.name)} cannot ${a.verb} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(a.group)}${where}`,
  );
}
