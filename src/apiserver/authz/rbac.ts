import type { KubeObject } from '../../api/object.ts';
import type { UserInfo } from '../../client/call.ts';
import type { Store } from '../../store/store.ts';
import { type Attributes, type Authorizer, type PolicyRule, superusers } from './authorizer.ts';
import { ruleAllows } from './rules.ts';

const resources = ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'].map(
  (r) => `${r}.rbac.authorization.k8s.io`,
);
const [roles, roleBindings, clusterRoles, clusterRoleBindings] = resources as [string, string, string, string];

interface Role extends KubeObject {
  readonly rules?: readonly PolicyRule[] | null;
}

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

interface Binding extends KubeObject {
  readonly subjects?: readonly Subject[] | null;
  readonly roleRef: { readonly kind: string; readonly name: string };
}

/** Rules a subject has in one namespace, or everywhere (""). */
interface Grant {
  readonly namespace: string;
  /** None where there is no such role. */
  readonly rules: readonly PolicyRule[] | undefined;
  readonly binding: Binding;
  readonly subject: Subject;
}

/** Decisions kept per identity before they are thrown away together. */
const maxDecisions = 4096;

/**
 * RBAC out of the store. Grants are indexed by subject; decisions are kept per identity. Both live until any role or
 * binding changes.
 */
export class Rbac implements Authorizer {
  readonly #store: Store;
  readonly #watches: { close(): void }[];
  #grants: Map<string, Grant[]> | undefined;
  #decisions = new WeakMap<UserInfo, Map<string, boolean>>();

  constructor(store: Store) {
    this.#store = store;
    const drop = () => {
      this.#grants = undefined;
      this.#decisions = new WeakMap();
    };
    this.#watches = resources.map((r) => store.watch(r, { after: store.revision }, { changes: drop, end: drop }));
  }

  close(): void {
    for (const watch of this.#watches) watch.close();
  }

  allowed(user: UserInfo, a: Attributes): boolean {
    if (user.groups.includes(superusers)) return true;
    let decisions = this.#decisions.get(user);
    if (!decisions) this.#decisions.set(user, (decisions = new Map()));
    const key =
      a.path !== undefined
        ? `${a.verb} ${a.path}`
        : `${a.verb} ${a.group}/${a.resource}/${a.subresource} ${a.namespace}/${a.name}`;
    let decision = decisions.get(key);
    if (decision === undefined) {
      if (decisions.size >= maxDecisions) decisions.clear();
      decisions.set(key, (decision = this.#decide(user, a)));
    }
    return decision;
  }

  #decide(user: UserInfo, a: Attributes): boolean {
    return this.#granting(user, a) !== undefined;
  }

  #granting(user: UserInfo, a: Attributes): Grant | undefined {
    for (const grant of this.#grantsOf(user, a.namespace))
      for (const rule of grant.rules ?? []) if (ruleAllows(rule, a)) return grant;
    return undefined;
  }

  reason(user: UserInfo, a: Attributes): string {
    if (user.groups.includes(superusers)) return '';
    const granting = this.#granting(user, a);
    if (granting) return `RBAC: allowed by ${described(granting)}`;
    const missing = [...this.#grantsOf(user, a.namespace)].filter(({ rules }) => !rules).map(missingRole);
    if (missing.length === 0) return '';
    return `RBAC: ${missing.length === 1 ? missing[0] : `[${[...new Set(missing)].join(', ')}]`}`;
  }

  rulesFor(user: UserInfo, namespace: string): readonly PolicyRule[] {
    if (user.groups.includes(superusers))
      return [
        { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
        { verbs: ['*'], nonResourceURLs: ['*'] },
      ];
    return [...this.#grantsOf(user, namespace)].flatMap((grant) => grant.rules ?? []);
  }

  *#grantsOf(user: UserInfo, namespace: string): Iterable<Grant> {
    const grants = (this.#grants ??= this.#index());
    for (const subject of [`User:${user.name}`, ...user.groups.map((g) => `Group:${g}`)])
      for (const grant of grants.get(subject) ?? [])
        if (grant.namespace === '' || grant.namespace === namespace) yield grant;
  }

  #index(): Map<string, Grant[]> {
    const grants = new Map<string, Grant[]>();
    for (const { object } of this.#store.list(clusterRoleBindings).entries) this.#bind(grants, object as Binding, '');
    for (const { object } of this.#store.list(roleBindings).entries)
      this.#bind(grants, object as Binding, object.metadata.namespace ?? '');
    return grants;
  }

  #bind(grants: Map<string, Grant[]>, binding: Binding, namespace: string): void {
    const rules = this.#rules(binding, namespace);
    for (const subject of binding.subjects ?? []) {
      const key =
        subject.kind === 'ServiceAccount'
          ? `User:system:serviceaccount:${subject.namespace ?? namespace}:${subject.name}`
          : `${subject.kind}:${subject.name}`;
      const list = grants.get(key);
      const grant = { namespace, rules, binding, subject };
      if (list) list.push(grant);
      else grants.set(key, [grant]);
    }
  }

  #rules(binding: Binding, namespace: string): readonly PolicyRule[] | undefined {
    const { kind, name } = binding.roleRef;
    const key =
      kind === 'ClusterRole' ? { resource: clusterRoles, namespace: '', name } : { resource: roles, namespace, name };
    const role = this.#store.get(key)?.object as Role | undefined;
    return role && (role.rules ?? []);
  }
}

/** Source of the texts: component-helpers `auth/rbac/validation`, the describers of bindings. */
function described({ binding, subject, namespace }: Grant): string {
  const { kind, name } = binding.roleRef;
  const bound = namespace
    ? `RoleBinding "${binding.metadata.name}/${namespace}"`
    : `ClusterRoleBinding "${binding.metadata.name}"`;
  const who = subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace || namespace}` : subject.name;
  return `${bound} of ${kind} ${JSON.stringify(name)} to ${subject.kind} ${JSON.stringify(who)}`;
}

const missingRole = ({ binding: { roleRef } }: Grant): string =>
  `${roleRef.kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(roleRef.name)} not found`;
