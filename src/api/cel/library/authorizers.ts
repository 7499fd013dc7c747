import { nameIsLabel, nameIsSubdomain } from '../../names.ts';
import { type Declaration, method } from '../check/declaration.ts';
import { structNamed, types } from '../check/type.ts';
import { fail } from '../values/fault.ts';
import { Opaque, type Value } from '../values/value.ts';

/** `authorizer`: what the user of a request may do. Source: apiserver `pkg/cel/library/authz.go`. */

/** A question to the caller's authorizer. */
export interface AuthorizationQuestion {
  /** Another user to ask for than that of the request. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
  readonly verb: string;
  /** For requests that are for no resource. */
  readonly path?: string;
  readonly resource?: ResourceQuestion;
}

export interface ResourceQuestion {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly fieldSelector: string;
  readonly labelSelector: string;
}

export interface AuthorizationAnswer {
  readonly allowed: boolean;
  readonly reason: string;
  /** Why there is no sure answer. */
  readonly error?: string;
}

/** Answers for the user of the request at hand. */
export type Authorize = (question: AuthorizationQuestion) => AuthorizationAnswer;

type User = AuthorizationQuestion['serviceAccount'];

const names = {
  authorizer: 'kubernetes.authorization.Authorizer',
  path: 'kubernetes.authorization.PathCheck',
  group: 'kubernetes.authorization.GroupCheck',
  resource: 'kubernetes.authorization.ResourceCheck',
  decision: 'kubernetes.authorization.Decision',
} as const;

/** One stage of a question; equal only to itself. */
abstract class Stage extends Opaque {
  equals(other: Value): boolean {
    return this === other;
  }

  toJson(): undefined {
    return undefined;
  }
}

class Authorizer extends Stage {
  readonly typeName = names.authorizer;
  readonly authorize: Authorize;
  readonly user: User;

  constructor(authorize: Authorize, user?: User) {
    super();
    this.authorize = authorize;
    this.user = user;
  }

  ask(question: AuthorizationQuestion): Decision {
    return new Decision(this.authorize(this.user ? { ...question, serviceAccount: this.user } : question));
  }
}

class PathCheck extends Stage {
  readonly typeName = names.path;
  readonly authorizer: Authorizer;
  readonly path: string;

  constructor(authorizer: Authorizer, path: string) {
    super();
    this.authorizer = authorizer;
    this.path = path;
  }
}

class GroupCheck extends Stage {
  readonly typeName = names.group;
  readonly authorizer: Authorizer;
  readonly group: string;

  constructor(authorizer: Authorizer, group: string) {
    super();
    this.authorizer = authorizer;
    this.group = group;
  }
}

class ResourceCheck extends Stage {
  readonly typeName = names.resource;
  readonly authorizer: Authorizer;
  readonly question: ResourceQuestion;

  constructor(authorizer: Authorizer, question: ResourceQuestion) {
    super();
    this.authorizer = authorizer;
    this.question = question;
  }

  with(more: Partial<ResourceQuestion>): ResourceCheck {
    return new ResourceCheck(this.authorizer, { ...this.question, ...more });
  }
}

class Decision extends Stage {
  readonly typeName = names.decision;
  readonly answer: AuthorizationAnswer;

  constructor(answer: AuthorizationAnswer) {
    super();
    this.answer = answer;
  }
}

const nothing: ResourceQuestion = {
  group: '',
  resource: '',
  subresource: '',
  namespace: '',
  name: '',
  fieldSelector: '',
  labelSelector: '',
};

/** The value of the variable `authorizer`, of type `kubernetes.authorization.Authorizer`. */
export const authorizerValue = (authorize: Authorize): unknown => new Authorizer(authorize);

/** The value of `authorizer.requestResource`, of type `kubernetes.authorization.ResourceCheck`. */
export const requestResourceValue = (authorize: Authorize, request: Partial<ResourceQuestion>): unknown =>
  new ResourceCheck(new Authorizer(authorize), { ...nothing, ...request });

function serviceAccount(authorizer: Authorizer, namespace: string, name: string): Authorizer {
  if (nameIsSubdomain(name, false).length > 0) return fail('Invalid service account name');
  if (nameIsLabel(namespace, false).length > 0) return fail('Invalid service account namespace');
  return new Authorizer(authorizer.authorize, { namespace, name });
}

function path(authorizer: Authorizer, text: string): PathCheck {
  return text.trim() === '' ? fail('path must not be empty') : new PathCheck(authorizer, text);
}

function resource({ authorizer, group }: GroupCheck, name: string): ResourceCheck {
  if (name.trim() === '') return fail('resource must not be empty');
  return new ResourceCheck(authorizer, { ...nothing, group, resource: name });
}

const { string, bool } = types;
const authorizerType = structNamed(names.authorizer);
const pathType = structNamed(names.path);
const groupType = structNamed(names.group);
const resourceType = structNamed(names.resource);
const decisionType = structNamed(names.decision);

/** A method that narrows the question. */
const narrowing = (name: keyof ResourceQuestion, id: string) =>
  method(name, id, [resourceType, string], resourceType, (check: ResourceCheck, text: string) =>
    check.with({ [name]: text }),
  );

export const authorizers: readonly Declaration[] = [
  method('path', 'authorizer_path', [authorizerType, string], pathType, path),
  method(
    'group',
    'authorizer_group',
    [authorizerType, string],
    groupType,
    (authorizer: Authorizer, group: string) => new GroupCheck(authorizer, group),
  ),
  method(
    'serviceAccount',
    'authorizer_serviceaccount',
    [authorizerType, string, string],
    authorizerType,
    serviceAccount,
  ),
  method('resource', 'groupcheck_resource', [groupType, string], resourceType, resource),
  narrowing('subresource', 'resourcecheck_subresource'),
  narrowing('namespace', 'resourcecheck_namespace'),
  narrowing('name', 'resourcecheck_name'),
  narrowing('fieldSelector', 'authorizer_fieldselector'),
  narrowing('labelSelector', 'authorizer_labelselector'),
  method('check', 'pathcheck_check', [pathType, string], decisionType, (check: PathCheck, verb: string) =>
    check.authorizer.ask({ verb, path: check.path }),
  ),
  method('check', 'resourcecheck_check', [resourceType, string], decisionType, (check: ResourceCheck, verb: string) =>
    check.authorizer.ask({ verb, resource: check.question }),
  ),
  method('errored', 'decision_errored', [decisionType], bool, ({ answer }: Decision) => answer.error !== undefined),
  method('error', 'decision_error', [decisionType], string, ({ answer }: Decision) => answer.error ?? ''),
  method('allowed', 'decision_allowed', [decisionType], bool, ({ answer }: Decision) => answer.allowed),
  method('reason', 'decision_reason', [decisionType], string, ({ answer }: Decision) => answer.reason),
];
