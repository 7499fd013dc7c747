import type { PolicyRule } from '../../api/types/rbac-v1.gen.ts';
import { events, read, rule } from './policy-rule.ts';

/** Source: NodeRules of the RBAC bootstrap policy. */
export const node: readonly PolicyRule[] = [
  rule('authentication.k8s.io', 'tokenreviews', 'create'),
  rule('authorization.k8s.io', 'localsubjectaccessreviews subjectaccessreviews', 'create'),
  rule('core', 'services', read),
  rule('core', 'nodes', `create ${read} patch update`),
  rule('core', 'nodes/status', 'patch update'),
  rule('core', 'events', 'create patch update'),
  rule('core', 'pods', `${read} create delete`),
  rule('core', 'pods/status', 'patch update'),
  rule('core', 'pods/eviction', 'create'),
  rule('core', 'configmaps secrets', read),
  rule('core', 'persistentvolumeclaims persistentvolumes', 'get'),
  rule('core', 'persistentvolumeclaims/status', 'get patch update'),
  rule('core', 'endpoints', 'get'),
  rule('core', 'serviceaccounts', 'get'),
  rule('core', 'serviceaccounts/token', 'create'),
  rule('certificates.k8s.io', 'certificatesigningrequests', `create ${read}`),
  rule('certificates.k8s.io', 'clustertrustbundles', read),
  rule('coordination.k8s.io', 'leases', 'create delete get patch update'),
  rule('storage.k8s.io', 'volumeattachments', 'get'),
  rule('storage.k8s.io', 'csidrivers', read),
  rule('storage.k8s.io', 'csinodes', 'create delete get patch update'),
  rule('node.k8s.io', 'runtimeclasses', read),
  rule('resource.k8s.io', 'resourceclaims', 'get'),
  rule('resource.k8s.io', 'resourceslices', `${read} create delete deletecollection patch update`),
];

export const scheduler: readonly PolicyRule[] = [
  events,
  rule('coordination.k8s.io', 'leases', `create ${read} update`),
  rule('core', 'nodes', read),
  rule('core', 'pods', `delete ${read}`),
  rule('core', 'bindings pods/binding', 'create'),
  rule('core', 'pods/status', 'patch update'),
  rule('core', 'replicationcontrollers services', read),
  rule('apps extensions', 'replicasets', read),
  rule('apps', 'statefulsets', read),
  rule('policy', 'poddisruptionbudgets', read),
  rule('core', 'persistentvolumeclaims persistentvolumes', `${read} patch update`),
  rule('authentication.k8s.io', 'tokenreviews', 'create'),
  rule('authorization.k8s.io', 'subjectaccessreviews', 'create'),
  rule('storage.k8s.io', 'csidrivers csinodes csistoragecapacities storageclasses', read),
  rule('core', 'namespaces', read),
  rule('resource.k8s.io', 'deviceclasses devicetaintrules resourceslices', read),
  rule('resource.k8s.io', 'resourceclaims', `create delete ${read} patch update`),
  rule('resource.k8s.io', 'resourceclaims/status', 'patch update'),
];

/** The shared caches of all controllers read as this user. */
export const controllerManager: readonly PolicyRule[] = [
  events,
  rule('coordination.k8s.io', 'leases', 'create get update'),
  rule('core', 'secrets serviceaccounts', 'create'),
  rule('core', 'secrets', 'delete'),
  rule('core', 'configmaps namespaces secrets serviceaccounts', 'get'),
  rule('core', 'secrets serviceaccounts', 'update'),
  rule('authentication.k8s.io', 'tokenreviews', 'create'),
  rule('authorization.k8s.io', 'subjectaccessreviews', 'create'),
  rule('*', '*', 'list watch'),
  rule('core', 'serviceaccounts/token', 'create'),
];
