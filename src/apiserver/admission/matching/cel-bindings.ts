import { cel } from '../../../api/cel/cel.ts';
import type { AuthorizationAnswer, Authorize } from '../../../api/cel/library/authorizers.ts';
import type { UserInfo } from '../../../client/call.ts';
import type { Authorizer } from '../../authz/authorizer.ts';
import type { Served } from '../../registry/served.ts';
import type { AdmissionRequest } from '../admission.ts';
import { described } from './described.ts';
import { nameOf, namespaceOf } from './target.ts';
import type { VersionedObjects } from './versioned.ts';

/**
 * What expressions of webhooks and policies see of a write. CEL must have been loaded (`cel.ready`).
 * Source: apiserver `admission/plugin/cel/activation.go`.
 */
export function celBindings(
  request: AdmissionRequest,
  shown: Served,
  { object, old }: VersionedObjects,
  authorizer: Authorizer,
): Readonly<Record<string, unknown>> {
  const { asked, subresource, user } = request;
  const authorize = authorizeFor(authorizer, user);
  const requestResource = {
    group: asked.group,
    resource: asked.resource,
    subresource,
    namespace: namespaceOf(request),
    name: nameOf(request),
  };
  return {
    object: object ?? null,
    oldObject: old ?? null,
    request: described(request, shown),
    namespaceObject: null,
    authorizer: cel.value.authorizerValue(authorize),
    'authorizer.requestResource': cel.value.requestResourceValue(authorize, requestResource),
  };
}

const nowhere = { group: '', resource: '', subresource: '', namespace: '', name: '' };

/** Answers for the user of a request, or for a service account an expression asks about. */
const authorizeFor =
  (authorizer: Authorizer, user: UserInfo): Authorize =>
  ({ serviceAccount, verb, path, resource }) => {
    const who = serviceAccount ? accountUser(serviceAccount.namespace, serviceAccount.name) : user;
    const attributes = { ...nowhere, verb, ...resource, ...(path !== undefined && { path }) };
    return new Answer(authorizer.allowed(who, attributes), () => authorizer.reason(who, attributes));
  };

/** An answer whose reason is worked out when an expression asks for it, which few do. */
class Answer implements AuthorizationAnswer {
  readonly allowed: boolean;
  readonly #reason: () => string;

  constructor(allowed: boolean, reason: () => string) {
    this.allowed = allowed;
    this.#reason = reason;
  }

  get reason(): string {
    return this.#reason();
  }
}

/** Source: apiserver `authentication/serviceaccount`, UserInfo. */
const accountUser = (namespace: string, name: string): UserInfo => ({
  name: `system:serviceaccount:${namespace}:${name}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
});
