import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { nameIsPathSegment, nameIsSubdomain } from '../../api/names.ts';
import type { Mutable } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import type { ClusterRole, PolicyRule, RoleRef, Subject } from '../../api/types/rbac-v1.gen.ts';
import { labelSelector, selects } from '../rules/labels.ts';

/** Rules of roles and bindings. Source: rbac/validation. */

const group = 'rbac.authorization.k8s.io';

interface Binding {
  readonly roleRef: RoleRef;
  readonly subjects?: readonly Subject[];
}

interface MutableBinding {
  roleRef?: { apiGroup?: string };
  subjects?: { kind: string; apiGroup?: string }[];
}

export function bindingDefaults(object: Mutable<Binding>): void {
  const binding = object as unknown as MutableBinding;
  if (binding.roleRef) binding.roleRef.apiGroup ||= group;
  for (const subject of binding.subjects ?? []) {
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= group;
    if (subject.kind === 'ServiceAccount' && subject.apiGroup === '') delete subject.apiGroup;
  }
}

function policyRule(errors: ErrorList, path: FieldPath, rule: PolicyRule, namespaced: boolean): void {
  if (!rule.verbs?.length) errors.required(path.child('verbs'), 'verbs must contain at least one value');
  const urls = path.child('nonResourceURLs');
  if (rule.nonResourceURLs?.length) {
    if (namespaced) {
      errors.invalid(urls, rule.nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs');
    }
    if (rule.apiGroups?.length || rule.resources?.length || rule.resourceNames?.length) {
      const text = 'rules cannot apply to both regular resources and non-resource URLs';
      errors.invalid(urls, rule.nonResourceURLs, text);
    }
    return;
  }
  if (!rule.apiGroups?.length) {
    errors.required(path.child('apiGroups'), 'resource rules must supply at least one api group');
  }
  if (!rule.resources?.length) {
    errors.required(path.child('resources'), 'resource rules must supply at least one resource');
  }
}

export function validateRules(
  errors: ErrorList,
  object: { readonly rules?: readonly PolicyRule[] | null },
  namespaced: boolean,
): void {
  for (const [i, rule] of (object.rules ?? []).entries()) {
    policyRule(errors, FieldPath.of('rules').index(i), rule, namespaced);
  }
}

export function validateAggregation(errors: ErrorList, object: ClusterRole): void {
  if (!object.aggregationRule) return;
  const at = FieldPath.of('aggregationRule', 'clusterRoleSelectors');
  const selectors = object.aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0) {
    errors.required(at, 'at least one clusterRoleSelector required if aggregationRule is non-nil');
  }
  for (const [i, selector] of selectors.entries()) {
    labelSelector(errors, at.index(i), selector);
    if (selects(selector, {}) === undefined) errors.invalid(at.index(i), selector, 'invalid label selector.');
  }
}

const subjectKinds = ['ServiceAccount', 'User', 'Group'];

function subjectRules(errors: ErrorList, path: FieldPath, subject: Subject, namespaced: boolean): void {
  const { kind, name, namespace, apiGroup = '' } = subject;
  if (!name) errors.required(path.child('name'));
  if (kind === 'ServiceAccount') {
    if (name) for (const text of nameIsSubdomain(name, false)) errors.invalid(path.child('name'), name, text);
    if (apiGroup) errors.notSupported(path.child('apiGroup'), apiGroup, ['']);
    if (!namespaced && !namespace) errors.required(path.child('namespace'));
  } else if (kind === 'User' || kind === 'Group') {
    if (apiGroup !== group) errors.notSupported(path.child('apiGroup'), apiGroup, [group]);
  } else errors.notSupported(path.child('kind'), kind, subjectKinds, 'given');
}

/** `kinds`: a ClusterRoleBinding grants ClusterRoles only. */
export function validateBinding(errors: ErrorList, object: Binding, kinds: readonly string[]): void {
  const at = FieldPath.of('roleRef');
  const { apiGroup = '', kind = '', name = '' } = object.roleRef ?? {};
  if (apiGroup !== group) errors.notSupported(at.child('apiGroup'), apiGroup, [group]);
  if (!kinds.includes(kind)) errors.notSupported(at.child('kind'), kind, kinds, 'given');
  if (!name) errors.required(at.child('name'));
  else for (const text of nameIsPathSegment(name, false)) errors.invalid(at.child('name'), name, text);
  const namespaced = kinds.includes('Role');
  for (const [i, subject] of (object.subjects ?? []).entries()) {
    subjectRules(errors, FieldPath.of('subjects').index(i), subject, namespaced);
  }
}

/** A binding is for one role: another role is another binding. */
export function sameRole(errors: ErrorList, object: Binding, old: Binding): void {
  if (!sameValue(object.roleRef, old.roleRef)) {
    errors.invalid(FieldPath.of('roleRef'), object.roleRef, 'cannot change roleRef');
  }
}
