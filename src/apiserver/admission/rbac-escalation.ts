import type { KubeObject } from '../../api/object.ts';
import { forbidden } from '../../api/status.ts';
import type { Store } from '../../store/store.ts';
import type { Authorizer, PolicyRule } from '../authz/authorizer.ts';
import { uncovered } from '../authz/cover.ts';
import { sameTree } from '../registry/equality.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

const rbacGroup = 'rbac.authorization.k8s.io';
const roles: ReadonlySet<string> = new Set(['roles', 'clusterroles']);
const bindings: ReadonlySet<string> = new Set(['rolebindings', 'clusterrolebindings']);

interface Role extends KubeObject {
  readonly rules?: readonly PolicyRule[] | null;
}

interface Binding extends KubeObject {
  readonly roleRef?: { readonly kind?: string; readonly name?: string };
}

/**
 * Nobody grants rights they do not have: roles need their rules or the verb `escalate`, bindings the role's rules or
 * the verb `bind`. Upstream does this in the registries of the RBAC kinds (policybased/storage.go).
 */
export function rbacEscalation(store: Store, authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'RbacEscalation',
    operations: new Set(['CREATE', 'UPDATE']),
    validate: (request) => {
      if (request.served.group !== rbacGroup || !request.object) return;
      if (roles.has(request.served.resource)) checkRole(authorizer, request);
      else if (bindings.has(request.served.resource)) checkBinding(store, authorizer, request);
    },
  };
}

function checkRole(authorizer: Authorizer, request: AdmissionRequest): void {
  const role = request.object as Role;
  if (request.old && sameTree(role.rules, (request.old as Role).rules)) return;
  if (may(authorizer, request, 'escalate', request.served.resource, request.name)) return;
  refuseUncovered(authorizer, request, role.rules ?? []);
}

function checkBinding(store: Store, authorizer: Authorizer, request: AdmissionRequest): void {
  const binding = request.object as Binding;
  const { kind = '', name = '' } = binding.roleRef ?? {};
  const resource = kind === 'ClusterRole' ? 'clusterroles' : 'roles';
  if (may(authorizer, request, 'bind', resource, name)) return;
  const namespace = resource === 'roles' ? request.namespace : '';
  const role = store.head({ resource: `${resource}.${rbacGroup}`, namespace, name })?.object as Role | undefined;
  // A role that is not there yet could come to mean anything.
  if (!role)
    throw forbidden(request.served, request.name, `${resource}.${rbacGroup} ${JSON.stringify(name)} not found`);
  refuseUncovered(authorizer, request, role.rules ?? []);
}

const may = (authorizer: Authorizer, request: AdmissionRequest, verb: string, resource: string, name: string) =>
  authorizer.allowed(request.user, {
    verb,
    group: rbacGroup,
    resource,
    subresource: '',
    namespace: request.namespace,
    name,
  });

function refuseUncovered(authorizer: Authorizer, request: AdmissionRequest, rules: readonly PolicyRule[]): void {
  const missing = uncovered(authorizer.rulesFor(request.user, request.namespace), rules);
  if (missing.length === 0) return;
  const { name, groups } = request.user;
  const lines = missing.map(ruleText).join('\n');
  throw forbidden(
    request.served,
    request.name,
    `user ${JSON.stringify(name)} (groups=${JSON.stringify(groups)}) is attempting to grant RBAC permissions not currently held:\n${lines}`,
  );
}

/** A rule as upstream prints it: {APIGroups:[""], Resources:["pods"], Verbs:["get"]}. */
function ruleText(rule: PolicyRule): string {
  const parts: string[] = [];
  const add = (title: string, list: readonly string[] | undefined) => {
    if (list?.length) parts.push(`${title}:${JSON.stringify(list)}`);
  };
  add('NonResourceURLs', rule.nonResourceURLs);
  add('APIGroups', rule.apiGroups);
  add('Resources', rule.resources);
  add('ResourceNames', rule.resourceNames);
  add('Verbs', rule.verbs);
  return `{${parts.join(', ')}}`;
}
