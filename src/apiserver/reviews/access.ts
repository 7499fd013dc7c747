import type { KubeObject, Mutable } from '../../api/object.ts';
import { badRequest } from '../../api/status.ts';
import type {
  FieldSelectorAttributes,
  SelfSubjectAccessReviewSpec,
  SelfSubjectRulesReviewSpec,
  SubjectAccessReviewSpec,
} from '../../api/types/authorization-v1.gen.ts';
import type { UserInfo } from '../../client/call.ts';
import type { Attributes, Authorizer } from '../authz/authorizer.ts';
import { nodeOf } from '../authz/node/identity.ts';
import type { Handler, VirtualHandlers } from '../registry/execute.ts';
import { settleNamespace } from '../registry/metadata.ts';
import type { Operation } from '../registry/operation.ts';
import { type Asked, checkLocalReview, checkReview, checkSelfReview } from './access-rules.ts';

/** The SubjectAccessReview family and SelfSubjectRulesReview: what `kubectl auth can-i` asks. */
export function accessReviews(authorizer: Authorizer): VirtualHandlers {
  const answer = (op: Operation, spec: Asked, user: UserInfo): ReturnType<Handler> => {
    const attributes = attributesOf(spec);
    const reason = authorizer.reason(user, attributes);
    return review(op, spec, { allowed: authorizer.allowed(user, attributes), ...(reason && { reason }) });
  };
  return {
    'selfsubjectaccessreviews.authorization.k8s.io': (_registry, op) => {
      const { object, spec } = bodyOf<SelfSubjectAccessReviewSpec>(op);
      checkSelfReview(op.served, object, spec);
      return answer(op, spec, op.user);
    },
    'subjectaccessreviews.authorization.k8s.io': (_registry, op) => {
      const { object, spec } = bodyOf<SubjectAccessReviewSpec>(op);
      checkReview(op.served, object, spec);
      return answer(op, spec, subjectOf(spec));
    },
    'localsubjectaccessreviews.authorization.k8s.io': (_registry, op) => {
      const { object, spec } = bodyOf<SubjectAccessReviewSpec>(op);
      settleNamespace(op, object);
      checkLocalReview(op.served, object, spec, op.namespace);
      return answer(op, spec, subjectOf(spec));
    },
    'selfsubjectrulesreviews.authorization.k8s.io': (_registry, op) => {
      const { spec } = bodyOf<SelfSubjectRulesReviewSpec>(op);
      if (!spec.namespace) throw badRequest('no namespace on request');
      const rules = authorizer.rulesFor(op.user, spec.namespace);
      const resourceRules = rules
        .filter((rule) => rule.resources?.length)
        .map(({ verbs, apiGroups, resources, resourceNames }) => ({
          verbs,
          apiGroups,
          resources,
          ...(resourceNames?.length && { resourceNames }),
        }));
      const nonResourceRules = rules
        .filter((rule) => rule.nonResourceURLs?.length)
        .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs }));
      // Upstream's answer does not repeat what was asked.
      return review(op, {}, { resourceRules, nonResourceRules, ...unlisted(op.user) });
    },
  };
}

/** What nodes may do cannot be listed. */
const unlisted = (user: UserInfo) =>
  nodeOf(user) === undefined
    ? { incomplete: false }
    : { incomplete: true, evaluationError: 'node authorizer does not support user rule resolution' };

const review = (op: Operation, spec: object, status: object): ReturnType<Handler> => ({
  as: 'object',
  code: 201,
  object: {
    kind: op.served.kind,
    apiVersion: op.served.apiVersion,
    metadata: { ...(op.namespace && { namespace: op.namespace }) },
    spec,
    status,
  } as KubeObject,
});

/** The body; one without a spec asks nothing. */
function bodyOf<T extends object>(op: Operation): { object: Mutable<KubeObject>; spec: T } {
  const { object } = op;
  if (!object) throw badRequest('the request body is empty');
  return { object, spec: (object['spec'] ?? {}) as T };
}

const nowhere = { verb: '', group: '', resource: '', subresource: '', namespace: '', name: '' };

/** One of the two is there: the review has been checked. */
function attributesOf({ resourceAttributes: resource, nonResourceAttributes: other }: Asked): Attributes {
  if (other) return { ...nowhere, verb: other.verb ?? '', path: other.path ?? '' };
  const { verb = '', group = '', resource: plural = '', subresource = '', namespace = '', name = '' } = resource ?? {};
  const fieldSelector = resource?.fieldSelector && selectorText(resource.fieldSelector);
  return { verb, group, resource: plural, subresource, namespace, name, ...(fieldSelector && { fieldSelector }) };
}

/** Requirements that a field has one value, as a selector says them; others do not narrow what is asked for. */
const selectorText = ({ rawSelector, requirements = [] }: FieldSelectorAttributes): string =>
  rawSelector ??
  requirements
    .filter(({ operator, values = [] }) => operator === 'In' && values.length === 1)
    .map(({ key, values }) => `${key}=${values![0]!.replace(/[\\,=]/g, '\\$&')}`)
    .join(',');

const subjectOf = ({ user = '', groups = [], uid, extra }: SubjectAccessReviewSpec): UserInfo => ({
  name: user,
  groups,
  ...(uid && { uid }),
  ...(extra && { extra }),
});
