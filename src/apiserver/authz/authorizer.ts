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
  /** What a list, a watch or the deletion of many selects by. */
  readonly fieldSelector?: string;
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
  /** Why it is allowed, or what went wrong where it is not; "" when there is nothing to say. Costs more than the decision. */
  reason(user: UserInfo, attributes: Attributes): string;
  rulesFor(user: UserInfo, namespace: string): readonly PolicyRule[];
}

/** The group that may do everything. */
export const superusers = 'system:masters';

/** Refuses what the authorizer does not allow. Throws the 403. */
export function authorize(authorizer: Authorizer, user: UserInfo, attributes: Attributes): void {
  if (!authorizer.allowed(user, attributes)) throw denied(user, attributes, authorizer.reason(user, attributes));
}

/** The 403 with upstream's text. Source: apiserver `endpoints/handlers/responsewriters/errors.go`. */
function denied(user: UserInfo, a: Attributes, reason: string): StatusError {
  const why = reason && `: ${reason}`;
  if (a.path !== undefined)
    return new StatusError(
      'Forbidden',
      `forbidden: User ${JSON.stringify(user.name)} cannot ${a.verb} path ${JSON.stringify(a.path)}${why}`,
      {},
    );
  const resource = a.subresource ? `${a.resource}/${a.subresource}` : a.resource;
  const where = a.namespace ? ` in the namespace ${JSON.stringify(a.namespace)}` : ' at the cluster scope';
  return forbidden(
    { group: a.group, resource: a.resource },
    a.name,
    `User ${JSON.stringify(user.name)} cannot ${a.verb} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(a.group)}${where}${why}`,
  );
}
