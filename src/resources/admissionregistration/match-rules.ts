import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { nameIsPathSegment } from '../../api/names.ts';
import type {
  MatchCondition,
  MatchResources,
  NamedRuleWithOperations,
  RuleWithOperations,
} from '../../api/types/admissionregistration-v1.gen.ts';
import { distinctValues, named, optionalOneOf, qualifiedName } from '../rules/check.ts';
import { labelSelector } from '../rules/labels.ts';
import { compiles } from './compiles.ts';
import type { Expressions } from './expressions.ts';

/** Which requests a webhook or policy is asked about. Source: admissionregistration/validation. */

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const scopes = ['*', 'Cluster', 'Namespaced'];
export const failurePolicies = ['Fail', 'Ignore'];
export const matchPolicies = ['Equivalent', 'Exact'];
export const reinvocationPolicies = ['IfNeeded', 'Never'];
const maxConditions = 64;

function alone(errors: ErrorList, path: FieldPath, list: readonly string[], what: string): void {
  if (list.length > 1 && list.includes('*')) {
    errors.invalid(path, list, `if '*' is present, must not specify other ${what}`);
  }
}

/** Names like "pods" or "pods/log", with stars for any; what an earlier star covers must not be named again. */
function resources(errors: ErrorList, path: FieldPath, list: readonly string[]): void {
  if (list.length === 0) errors.required(path);
  const wholes = new Set<string>();
  const parts = new Set<string>();
  let plain = false;
  for (const [i, name] of list.entries()) {
    const at = path.index(i);
    if (name === '') errors.required(at);
    const slash = name.indexOf('/');
    if (slash < 0) {
      // As upstream, only the last name without a subresource decides.
      if (name !== '') plain = name !== '*';
      continue;
    }
    const [resource, part] = [name.slice(0, slash), name.slice(slash + 1)];
    if (wholes.has(resource)) errors.invalid(at, name, `if '${resource}/*' is present, must not specify ${name}`);
    if (parts.has(part)) errors.invalid(at, name, `if '*/${part}' is present, must not specify ${name}`);
    if (part === '*') wholes.add(resource);
    if (resource === '*') parts.add(part);
  }
  if (list.length > 1 && list.includes('*/*')) {
    errors.invalid(path, list, "if '*/*' is present, must not specify other resources");
  }
  if (list.includes('*') && plain) {
    errors.invalid(path, list, "if '*' is present, must not specify other resources without subresources");
  }
}

export function rule(errors: ErrorList, path: FieldPath, value: RuleWithOperations): void {
  const verbs = value.operations ?? [];
  const at = path.child('operations');
  if (verbs.length === 0) errors.required(at);
  alone(errors, at, verbs, 'operations');
  for (const [i, verb] of verbs.entries()) optionalOneOf(errors, at.index(i), verb, operations);
  const groups = value.apiGroups ?? [];
  if (groups.length === 0) errors.required(path.child('apiGroups'));
  alone(errors, path.child('apiGroups'), groups, 'API groups');
  const versions = value.apiVersions ?? [];
  if (versions.length === 0) errors.required(path.child('apiVersions'));
  alone(errors, path.child('apiVersions'), versions, 'API versions');
  for (const [i, version] of versions.entries()) {
    if (version === '') errors.required(path.child('apiVersions').index(i));
  }
  resources(errors, path.child('resources'), value.resources ?? []);
  optionalOneOf(errors, path.child('scope'), value.scope, scopes);
}

function namedRule(errors: ErrorList, path: FieldPath, value: NamedRuleWithOperations): void {
  const at = path.child('resourceNames');
  for (const [i, name] of (value.resourceNames ?? []).entries()) {
    named(errors, at.index(i), name, (text) => nameIsPathSegment(text, false));
  }
  distinctValues(errors, at, value.resourceNames);
  rule(errors, path, value);
}

/** Something a policy must have by now: given, or by default. */
export function needed(errors: ErrorList, path: FieldPath, value: string | undefined, list: readonly string[]): void {
  if (value === undefined) errors.required(path);
  else optionalOneOf(errors, path, value, list);
}

export function matchResources(errors: ErrorList, path: FieldPath, value: MatchResources): void {
  needed(errors, path.child('matchPolicy'), value.matchPolicy, matchPolicies);
  for (const field of ['namespaceSelector', 'objectSelector'] as const) {
    if (value[field]) labelSelector(errors, path.child(field), value[field]);
    else errors.required(path.child(field));
  }
  for (const field of ['resourceRules', 'excludeResourceRules'] as const) {
    for (const [i, item] of (value[field] ?? []).entries()) namedRule(errors, path.child(field).index(i), item);
  }
}

const mutable = ['CREATE', 'UPDATE'];

/** Only objects that are being written can be changed on their way. */
export function mutableOnly(errors: ErrorList, path: FieldPath, value: MatchResources): void {
  const at = path.child('resourceRules', 'operations');
  for (const { operations: verbs } of value.resourceRules ?? []) {
    for (const verb of verbs ?? []) optionalOneOf(errors, at, verb, mutable);
  }
}

export function matchConditions(
  errors: ErrorList,
  path: FieldPath,
  list: readonly MatchCondition[],
  expressions: Expressions,
): void {
  if (list.length > maxConditions) errors.tooMany(path, list.length, maxConditions);
  const names = new Set<string>();
  for (const [i, { name, expression }] of list.entries()) {
    const at = path.index(i);
    const text = expression.trim();
    if (text) compiles(errors, at.child('expression'), expressions, 'condition', text);
    else errors.required(at.child('expression'));
    if (!name) {
      errors.required(at.child('name'));
      continue;
    }
    qualifiedName(errors, at.child('name'), name);
    if (names.has(name)) errors.duplicate(at.child('name'), name);
    names.add(name);
  }
}
