import type { KubeObject } from '../../api/object.ts';
import type { PolicyRule, Subject } from '../../api/types/rbac-v1.gen.ts';
import * as components from './component-rules.ts';
import { controllers } from './controller-rules.ts';
import { events, paths, read, rule } from './policy-rule.ts';
import * as userRules from './user-rules.ts';

const apiVersion = 'rbac.authorization.k8s.io/v1';
const group = 'rbac.authorization.k8s.io';
const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
/** With this annotation a later start puts missing rules and subjects back. */
const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' };
const aggregateTo = (role: string) => `rbac.authorization.k8s.io/aggregate-to-${role}`;

const clusterRole = (name: string, policy: readonly PolicyRule[], extra: Record<string, string> = {}): KubeObject => ({
  apiVersion,
  kind: 'ClusterRole',
  metadata: { name, labels: { ...labels, ...extra }, annotations },
  rules: policy,
});

/**
 * A role whose rules are the union of the roles with a label. The union is written out in the order that
 * the aggregation controller gives it, so that it holds before that has run and leaves it nothing to do.
 */
const aggregated = (name: string, policy: readonly PolicyRule[], extra: Record<string, string> = {}): KubeObject => ({
  ...clusterRole(name, policy, extra),
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [aggregateTo(name)]: 'true' } }] },
});

const role = (namespace: string, name: string, policy: readonly PolicyRule[]): KubeObject => ({
  apiVersion,
  kind: 'Role',
  metadata: { name, namespace, labels, annotations },
  rules: policy,
});

const users = (...names: string[]): Subject[] => names.map((name) => ({ kind: 'User', apiGroup: group, name }));
const groups = (...names: string[]): Subject[] => names.map((name) => ({ kind: 'Group', apiGroup: group, name }));
const account = (namespace: string, name: string): Subject[] => [{ kind: 'ServiceAccount', namespace, name }];

const clusterBinding = (roleName: string, subjects: readonly Subject[]): KubeObject => ({
  apiVersion,
  kind: 'ClusterRoleBinding',
  metadata: { name: roleName, labels, annotations },
  roleRef: { apiGroup: group, kind: 'ClusterRole', name: roleName },
  subjects,
});

const binding = (namespace: string, roleName: string, subjects: readonly Subject[], name = roleName): KubeObject => ({
  apiVersion,
  kind: 'RoleBinding',
  metadata: { name, namespace, labels, annotations },
  roleRef: { apiGroup: group, kind: 'Role', name: roleName },
  subjects,
});

const signers = ['kube-apiserver-client', 'kube-apiserver-client-kubelet', 'kubelet-serving', 'legacy-unknown'];

/** What is bound to those who bring nodes in, and to those who decide on requests for certificates. */
const certificateRoles: readonly KubeObject[] = [
  ...['nodeclient', 'selfnodeclient'].map((subresource) =>
    clusterRole(`system:certificates.k8s.io:certificatesigningrequests:${subresource}`, [
      rule('certificates.k8s.io', `certificatesigningrequests/${subresource}`, 'create'),
    ]),
  ),
  ...signers.map((signer) =>
    clusterRole(`system:certificates.k8s.io:${signer}-approver`, [
      rule('certificates.k8s.io', 'signers', 'approve', [`kubernetes.io/${signer}`]),
    ]),
  ),
];

const controllerNames = Object.keys(controllers);

/** Cluster roles of a fresh cluster. Source of names and rules: the RBAC bootstrap policy of kube-apiserver. */
const clusterRoles: readonly KubeObject[] = [
  clusterRole('cluster-admin', [rule('*', '*', '*'), paths('*', '*')]),
  clusterRole('system:discovery', userRules.discovery),
  clusterRole('system:monitoring', userRules.monitoring),
  clusterRole('system:basic-user', userRules.basicUser),
  clusterRole('system:public-info-viewer', userRules.publicInfo),
  aggregated('admin', [...userRules.edit, ...userRules.metricsReader, ...userRules.view, ...userRules.admin]),
  aggregated('edit', [...userRules.edit, ...userRules.metricsReader, ...userRules.view], {
    [aggregateTo('admin')]: 'true',
  }),
  aggregated('view', [...userRules.view, ...userRules.metricsReader], { [aggregateTo('edit')]: 'true' }),
  clusterRole('system:aggregate-to-admin', userRules.admin, { [aggregateTo('admin')]: 'true' }),
  clusterRole('system:aggregate-to-edit', userRules.edit, { [aggregateTo('edit')]: 'true' }),
  clusterRole('system:aggregate-to-view', userRules.view, { [aggregateTo('view')]: 'true' }),
  clusterRole('system:aggregated-metrics-reader', userRules.metricsReader, {
    [aggregateTo('admin')]: 'true',
    [aggregateTo('edit')]: 'true',
    [aggregateTo('view')]: 'true',
  }),
  clusterRole('system:node', components.node),
  clusterRole('system:kubelet-api-admin', [
    rule('core', 'nodes', `${read} proxy`),
    rule('core', 'nodes/log nodes/metrics nodes/proxy nodes/stats', '*'),
  ]),
  clusterRole('system:node-bootstrapper', [
    rule('certificates.k8s.io', 'certificatesigningrequests', `create ${read}`),
  ]),
  clusterRole('system:node-proxier', [
    rule('core', 'endpoints services', 'list watch'),
    rule('core', 'nodes', read),
    rule('discovery.k8s.io', 'endpointslices', 'list watch'),
    rule('networking.k8s.io', 'servicecidrs', 'list watch'),
    events,
  ]),
  clusterRole('system:auth-delegator', [
    rule('authentication.k8s.io', 'tokenreviews', 'create'),
    rule('authorization.k8s.io', 'subjectaccessreviews', 'create'),
  ]),
  clusterRole('system:kube-aggregator', [rule('core', 'endpoints services', read)]),
  clusterRole('system:kube-controller-manager', components.controllerManager),
  clusterRole('system:kube-scheduler', components.scheduler),
  clusterRole('system:volume-scheduler', [
    rule('core', 'persistentvolumes', `${read} patch update`),
    rule('storage.k8s.io', 'storageclasses', read),
    rule('core', 'persistentvolumeclaims', `${read} patch update`),
  ]),
  clusterRole('system:kube-dns', [
    rule('core', 'endpoints namespaces pods services', 'list watch'),
    rule('discovery.k8s.io', 'endpointslices', 'list watch'),
  ]),
  clusterRole('system:persistent-volume-provisioner', [
    rule('core', 'persistentvolumes', `create delete ${read}`),
    rule('core', 'persistentvolumeclaims', `${read} update`),
    rule('storage.k8s.io', 'storageclasses', read),
    rule('core', 'events', 'watch'),
    events,
  ]),
  clusterRole('system:service-account-issuer-discovery', [
    paths('/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/'),
  ]),
  ...certificateRoles,
  ...controllerNames.map((name) => clusterRole(`system:controller:${name}`, controllers[name]!)),
];

const clusterBindings: readonly KubeObject[] = [
  clusterBinding('cluster-admin', groups('system:masters')),
  clusterBinding('system:monitoring', groups('system:monitoring')),
  clusterBinding('system:discovery', groups('system:authenticated')),
  clusterBinding('system:basic-user', groups('system:authenticated')),
  clusterBinding('system:public-info-viewer', groups('system:authenticated', 'system:unauthenticated')),
  // Nobody is bound: the Node authorizer decides for nodes, one by one.
  clusterBinding('system:node', []),
  clusterBinding('system:node-proxier', users('system:kube-proxy')),
  clusterBinding('system:kube-controller-manager', users('system:kube-controller-manager')),
  clusterBinding('system:kube-dns', account('kube-system', 'kube-dns')),
  clusterBinding('system:kube-scheduler', users('system:kube-scheduler')),
  clusterBinding('system:volume-scheduler', users('system:kube-scheduler')),
  clusterBinding('system:service-account-issuer-discovery', groups('system:serviceaccounts')),
  ...controllerNames.map((name) => clusterBinding(`system:controller:${name}`, account('kube-system', name))),
];

/** What a controller may do in one namespace. */
const controllerRole = (namespace: string, name: string, policy: readonly PolicyRule[]): KubeObject[] => [
  role(namespace, `system:controller:${name}`, policy),
  binding(namespace, `system:controller:${name}`, account('kube-system', name)),
];

const namespacedRoles: readonly KubeObject[] = [
  role('kube-system', 'extension-apiserver-authentication-reader', [
    rule('core', 'configmaps', read, ['extension-apiserver-authentication']),
  ]),
  binding(
    'kube-system',
    'extension-apiserver-authentication-reader',
    users('system:kube-controller-manager', 'system:kube-scheduler'),
    'system::extension-apiserver-authentication-reader',
  ),
  ...controllerRole('kube-system', 'bootstrap-signer', [rule('core', 'secrets', read)]),
  ...controllerRole('kube-public', 'bootstrap-signer', [
    rule('core', 'configmaps', read),
    rule('core', 'configmaps', 'update', ['cluster-info']),
    events,
  ]),
  ...controllerRole('kube-system', 'token-cleaner', [rule('core', 'secrets', `delete ${read}`), events]),
];

/** Roles and bindings every cluster starts with. */
export const bootstrapRbac: readonly KubeObject[] = [...clusterRoles, ...clusterBindings, ...namespacedRoles];
