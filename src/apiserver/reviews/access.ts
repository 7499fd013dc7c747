import type { KubeObject } from '../../api/object.ts';
import { badRequest, invalid } from '../../api/status.ts';
import type {
  LocalSubjectAccessReview,
  NonResourceAttributes,
  ResourceAttributes,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
} from '../../api/types/authorization-v1.gen.ts';
import type { UserInfo } from '../../client/call.ts';
import type { Attributes, Authorizer } from '../authz/authorizer.ts';
import type { Handler, VirtualHandlers } from '../registry/execute.ts';
import type { Operation } from '../registry/operation.ts';

/** The SubjectAccessReview family and SelfSubjectRulesReview: what `kubectl auth can-i` asks. */
export function accessReviews(authorizer: Authorizer): VirtualHandlers {
  const answer = (op: Operation, spec: object, user: UserInfo, what: Attributes): ReturnType<Handler> => {
    const allowed = authorizer.allowed(user, what);
    return review(op, spec, { allowed, ...(!allowed && { reason: '' }) });
  };
  return {
    'selfsubjectaccessreviews.authorization.k8s.io': (_registry, op) => {
      const { spec } = op.object as unknown as SelfSubjectAccessReview;
      return answer(op, spec, op.user, attributesOf(op, spec));
    },
    'subjectaccessreviews.authorization.k8s.io': (_registry, op) => {
      const { spec } = op.object as unknown as SubjectAccessReview;
      return answer(op, spec, subjectOf(op, spec), attributesOf(op, spec));
    },
    'localsubjectaccessreviews.authorization.k8s.io': (_registry, op) => {
      const { spec } = op.object as unknown as LocalSubjectAccessReview;
      if (spec.resourceAttributes?.namespace !== op.namespace)
        throw badRequest(`spec.resourceAttributes.namespace must match metadata.namespace`);
      return answer(op, spec, subjectOf(op, spec), attributesOf(op, spec));
    },
    'selfsubjectrulesreviews.authorization.k8s.io': (_registry, op) => {
      const { spec } = op.object as unknown as SelfSubjectRulesReview;
      if (!spec.namespace) throw badRequest('no namespace on request');
      const rules = authorizer.rulesFor(op.user, spec.namespace);
      return review(op, spec, {
        resourceRules: rules
          .filter((rule) => rule.resources?.length)
          .map(({ verbs, apiGroups, resources, resourceNames }) => ({
            verbs,
            apiGroups,
            resources,
            ...(resourceNames?.length && { resourceNames }),
          })),
        nonResourceRules: rules
          .filter((rule) => rule.nonResourceURLs?.length)
          .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
        incomplete: false,
      });
    },
  };
}

const review = (op: Operation, spec: object, status: object): ReturnType<Handler> => ({
  as: 'object',
  code: 201,
  object: {
    kind: op.served.kind,
    apiVersion: op.served.apiVersion,
    metadata: { creationTimestamp: null, ...(op.namespace && { namespace: op.namespace }) },
    spec,
    status,
  } as KubeObject,
});

type Asked = {
  readonly resourceAttributes?: ResourceAttributes;
  readonly nonResourceAttributes?: NonResourceAttributes;
};

function attributesOf(op: Operation, { resourceAttributes: r, nonResourceAttributes: n }: Asked): Attributes {
  if (n && r)
    throw wrong(
      op,
      'spec.nonResourceAttributes',
      'Invalid value',
      'cannot be specified in combination with resourceAttributes',
    );
  if (n)
    return {
      verb: n.verb ?? '',
      group: '',
      resource: '',
      subresource: '',
      namespace: '',
      name: '',
      path: n.path ?? '',
    };
  if (!r)
    throw wrong(
      op,
      'spec.resourceAttributes',
      'Invalid value',
      'exactly one of nonResourceAttributes or resourceAttributes must be specified',
    );
  return {
    verb: r.verb ?? '',
    group: r.group ?? '',
    resource: r.resource ?? '',
    subresource: r.subresource ?? '',
    namespace: r.namespace ?? '',
    name: r.name ?? '',
  };
}

function subjectOf(op: Operation, spec: SubjectAccessReview['spec']): UserInfo {
  if (!spec.user && !spec.groups?.length)
    throw wrong(op, 'spec.user', 'Invalid value', 'at least one of user or group must be specified');
  return { name: spec.user ?? '', groups: spec.groups ?? [], ...(spec.uid && { uid: spec.uid }) };
}

function wrong(op: Operation, field: string, what: string, why: string) {
  const body = `${what}: null: ${why}`;
  return invalid(op.served, '', [{ type: 'FieldValueInvalid', field, body, text: `${field}: ${body}` }]);
}
