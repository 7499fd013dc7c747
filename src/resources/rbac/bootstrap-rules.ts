import type { PolicyRule } from '../../api/types/rbac-v1.gen.ts';

/** A rule over resources: `groups`, `resources` and `verbs` are blank-separated; "" as a group is written "core". */
export function rule(groups: string, resources: string, verbs: string, names?: readonly string[]): PolicyRule {
  return {
    apiGroups: groups.split(' ').map((g) => (g === 'core' ? '' : g)),
    resources: resources.split(' '),
    verbs: verbs.split(' '),
    ...(names && { resourceNames: [...names] }),
  };
}

/** A rule over paths that are not resources. */
export const paths = (urls: string, verbs = 'get'): PolicyRule => ({
  nonResourceURLs: urls.split(' '),
  verbs: verbs.split(' '),
});

export const read = 'get list watch';
export const write = 'create delete deletecollection patch update';
const readOnlyUrls = '/healthz /livez /readyz /version /version/';

/** Events are written by every component. */
export const events: PolicyRule = rule('core events.k8s.io', 'events', 'create patch update');

export const publicInfo: readonly PolicyRule[] = [paths(readOnlyUrls)];
export const discovery: readonly PolicyRule[] = [
  paths('/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/'),
];
export const monitoring: readonly PolicyRule[] = [
  paths('/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*'),
];

export const basicUser: readonly PolicyRule[] = [
  rule('authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews', 'create'),
  rule('authentication.k8s.io', 'selfsubjectreviews', 'create'),
];

/** Whoever may read pods may read what they use. Source: metrics-server's system:aggregated-metrics-reader. */
export const metricsReader: readonly PolicyRule[] = [rule('metrics.k8s.io', 'pods nodes', read)];

/** What `view` may read. Secrets are left out: reading a service account's token is acting as it. */
export const view: readonly PolicyRule[] = [
  rule(
    'core',
    'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status',
    read,
  ),
  rule(
    'core',
    'bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status',
    read,
  ),
  rule('core', 'namespaces', read),
  rule('discovery.k8s.io', 'endpointslices', read),
  rule(
    'apps',
    'controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status',
    read,
  ),
  rule('autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status', read),
  rule('batch', 'cronjobs cronjobs/status jobs jobs/status', read),
  rule(
    'extensions',
    'daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale',
    read,
  ),
  rule('policy', 'poddisruptionbudgets poddisruptionbudgets/status', read),
  rule('networking.k8s.io', 'ingresses ingresses/status networkpolicies', read),
  rule('resource.k8s.io', 'resourceclaims resourceclaims/status resourceclaimtemplates', read),
];

/** What `edit` may do besides `view`. */
export const edit: readonly PolicyRule[] = [
  rule('core', 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy', read),
  rule('core', 'serviceaccounts', 'impersonate'),
  rule('core', 'pods pods/attach pods/exec pods/portforward pods/proxy', write),
  rule('core', 'pods/eviction', 'create'),
  rule(
    'core',
    'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy',
    write,
  ),
  rule('core', 'serviceaccounts/token', 'create'),
  rule(
    'apps',
    'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale',
    write,
  ),
  rule('autoscaling', 'horizontalpodautoscalers', write),
  rule('batch', 'cronjobs jobs', write),
  rule(
    'extensions',
    'daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale',
    write,
  ),
  rule('policy', 'poddisruptionbudgets', write),
  rule('networking.k8s.io', 'ingresses networkpolicies', write),
  rule('coordination.k8s.io', 'leases', `${read} ${write}`),
  rule('resource.k8s.io', 'resourceclaims resourceclaimtemplates', write),
];

/** What `admin` may do besides `edit`. */
export const admin: readonly PolicyRule[] = [
  rule('authorization.k8s.io', 'localsubjectaccessreviews', 'create'),
  rule('rbac.authorization.k8s.io', 'rolebindings roles', `${read} ${write}`),
];

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
  rule('resource.k8s.io', 'deviceclasses resourceslices', read),
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

const scalable = rule('*', '*/scale', 'get update');

/** Rules of `system:controller:NAME`, by name. Source: controllerRoles of the RBAC bootstrap policy. */
export const controllers: Readonly<Record<string, readonly PolicyRule[]>> = {
  'attachdetach-controller': [
    rule('core', 'persistentvolumeclaims persistentvolumes', 'list watch'),
    rule('core', 'nodes', read),
    rule('core', 'nodes/status', 'patch update'),
    rule('core', 'pods', 'list watch'),
    rule('storage.k8s.io', 'volumeattachments', `create delete ${read}`),
    rule('storage.k8s.io', 'csidrivers csinodes', read),
    events,
  ],
  'certificate-controller': [
    rule('certificates.k8s.io', 'certificatesigningrequests', `delete ${read}`),
    rule('certificates.k8s.io', 'certificatesigningrequests/approval certificatesigningrequests/status', 'update'),
    rule('certificates.k8s.io', 'signers', 'approve', ['kubernetes.io/kube-apiserver-client-kubelet']),
    rule('certificates.k8s.io', 'signers', 'sign', [
      'kubernetes.io/kube-apiserver-client',
      'kubernetes.io/kube-apiserver-client-kubelet',
      'kubernetes.io/kubelet-serving',
      'kubernetes.io/legacy-unknown',
    ]),
    rule('authorization.k8s.io', 'subjectaccessreviews', 'create'),
    events,
  ],
  'clusterrole-aggregation-controller': [
    rule('rbac.authorization.k8s.io', 'clusterroles', `escalate ${read} patch update`),
  ],
  'cronjob-controller': [
    rule('batch', 'cronjobs', `${read} update`),
    rule('batch', 'jobs', `create delete ${read} patch update`),
    rule('batch', 'cronjobs/finalizers cronjobs/status', 'update'),
    rule('core', 'pods', 'delete list'),
    events,
  ],
  'daemon-set-controller': [
    rule('apps extensions', 'daemonsets', read),
    rule('apps extensions', 'daemonsets/finalizers daemonsets/status', 'update'),
    rule('core', 'nodes', 'list watch'),
    rule('core', 'pods', 'create delete list patch watch'),
    rule('core', 'pods/binding', 'create'),
    rule('apps', 'controllerrevisions', `create delete ${read} patch update`),
    events,
  ],
  'deployment-controller': [
    rule('apps extensions', 'deployments', `${read} patch update`),
    rule('apps extensions', 'deployments/finalizers deployments/status', 'update'),
    rule('apps extensions', 'replicasets', `create delete ${read} patch update`),
    rule('core', 'pods', `${read} update`),
    events,
  ],
  'device-taint-eviction-controller': [
    rule('core', 'pods', `delete ${read}`),
    rule('core', 'pods/status', 'patch update'),
    rule('resource.k8s.io', 'deviceclasses resourceclaims resourceslices', read),
    events,
  ],
  'disruption-controller': [
    rule('apps extensions', 'deployments replicasets', read),
    rule('core', 'replicationcontrollers', read),
    rule('apps', 'statefulsets', read),
    rule('policy', 'poddisruptionbudgets', read),
    rule('policy', 'poddisruptionbudgets/status', 'update'),
    rule('core', 'pods', read),
    rule('core', 'pods/status', 'patch update'),
    { ...scalable, verbs: ['get'] },
    events,
  ],
  'endpoint-controller': [
    rule('core', 'pods services', read),
    rule('core', 'endpoints', `create delete ${read} update`),
    rule('core', 'endpoints/restricted services/finalizers', 'create update'),
    events,
  ],
  'endpointslice-controller': [
    rule('core', 'nodes pods services', read),
    rule('core', 'services/finalizers', 'update'),
    rule('discovery.k8s.io', 'endpointslices', `create delete ${read} update`),
    events,
  ],
  'endpointslicemirroring-controller': [
    rule('core', 'endpoints services', read),
    rule('core', 'endpoints/finalizers services/finalizers', 'update'),
    rule('discovery.k8s.io', 'endpointslices', `create delete ${read} update`),
    events,
  ],
  'ephemeral-volume-controller': [
    rule('core', 'pods', read),
    rule('core', 'pods/finalizers', 'update'),
    rule('core', 'persistentvolumeclaims', `create ${read}`),
    events,
  ],
  'expand-controller': [
    rule('core', 'persistentvolumes', `${read} patch update`),
    rule('core', 'persistentvolumeclaims', read),
    rule('core', 'persistentvolumeclaims/status', 'patch update'),
    rule('storage.k8s.io', 'storageclasses', read),
    events,
  ],
  'generic-garbage-collector': [rule('*', '*', `delete ${read} patch update`), events],
  'horizontal-pod-autoscaler': [
    rule('autoscaling', 'horizontalpodautoscalers', read),
    rule('autoscaling', 'horizontalpodautoscalers/status', 'update'),
    scalable,
    rule('core', 'pods', 'list'),
    rule('metrics.k8s.io', 'pods', 'list'),
    rule('custom.metrics.k8s.io external.metrics.k8s.io', '*', 'get list'),
    events,
  ],
  'job-controller': [
    rule('batch', 'jobs', `${read} patch update`),
    rule('batch', 'jobs/finalizers jobs/status', 'update'),
    rule('core', 'pods', 'create delete list patch watch'),
    events,
  ],
  'kube-apiserver-serving-clustertrustbundle-publisher': [
    rule('certificates.k8s.io', 'signers', 'attest', ['kubernetes.io/kube-apiserver-serving']),
    rule('certificates.k8s.io', 'clustertrustbundles', 'create delete list update watch'),
    events,
  ],
  'legacy-service-account-token-cleaner': [
    rule('core', 'configmaps', 'get', ['kube-apiserver-legacy-service-account-token-tracking']),
    rule('core', 'secrets', 'delete patch'),
  ],
  // krill's own: what the provisioners of other clusters bring with them.
  'local-path-provisioner': [
    rule('core', 'persistentvolumes', `create delete ${read} update`),
    rule('core', 'persistentvolumeclaims', `${read} update`),
    rule('core', 'persistentvolumeclaims/status', 'update'),
    rule('core', 'nodes', read),
    rule('storage.k8s.io', 'storageclasses', read),
    events,
  ],
  'namespace-controller': [
    rule('core', 'namespaces', `delete ${read}`),
    rule('core', 'namespaces/finalize namespaces/status', 'update'),
    rule('*', '*', 'delete deletecollection get list'),
  ],
  'node-controller': [
    rule('core', 'nodes', `delete ${read} patch update`),
    rule('core', 'nodes/status', 'patch update'),
    rule('core', 'pods', 'delete get list watch'),
    rule('core', 'pods/status', 'patch update'),
    rule('coordination.k8s.io', 'leases', read),
    events,
  ],
  'stage-controller': [
    rule('core', 'nodes pods', `delete ${read} patch update`),
    rule('core', 'nodes/status pods/status', 'patch update'),
    rule('kwok.x-k8s.io', 'stages', read),
    rule('kwok.x-k8s.io', 'stages/status', 'patch update'),
    events,
  ],
  'persistent-volume-binder': [
    rule('core', 'persistentvolumes', `create delete ${read} update`),
    rule('core', 'persistentvolumes/status', 'update'),
    rule('core', 'persistentvolumeclaims', `${read} update`),
    rule('core', 'persistentvolumeclaims/status', 'update'),
    rule('core', 'nodes pods', read),
    rule('core', 'pods', 'create delete'),
    rule('storage.k8s.io', 'storageclasses', read),
    rule('core', 'secrets', 'get'),
    events,
  ],
  'pod-garbage-collector': [
    rule('core', 'pods', 'delete list watch'),
    rule('core', 'nodes', 'get list watch'),
    rule('core', 'pods/status', 'patch'),
  ],
  'pv-protection-controller': [rule('core', 'persistentvolumes', `${read} update`), events],
  'pvc-protection-controller': [
    rule('core', 'persistentvolumeclaims', `${read} update`),
    rule('core', 'pods', read),
    events,
  ],
  'replicaset-controller': [
    rule('apps extensions', 'replicasets', `${read} update`),
    rule('apps extensions', 'replicasets/finalizers replicasets/status', 'update'),
    rule('core', 'pods', 'create delete get list patch watch'),
    events,
  ],
  'replication-controller': [
    rule('core', 'replicationcontrollers', `${read} update`),
    rule('core', 'replicationcontrollers/finalizers replicationcontrollers/status', 'update'),
    rule('core', 'pods', 'create delete get list patch watch'),
    events,
  ],
  'resource-claim-controller': [
    rule('core', 'pods', read),
    rule('core', 'pods/finalizers', 'update'),
    rule('core', 'pods/status', 'patch update'),
    rule('resource.k8s.io', 'resourceclaims', `create delete ${read} update`),
    rule('resource.k8s.io', 'resourceclaims/status', 'patch update'),
    rule('resource.k8s.io', 'resourceclaimtemplates', read),
    events,
  ],
  'resourcequota-controller': [rule('*', '*', 'list watch'), rule('core', 'resourcequotas/status', 'update'), events],
  'root-ca-cert-publisher': [rule('core', 'configmaps', 'create update'), events],
  'selinux-warning-controller': [
    rule('core', 'persistentvolumeclaims persistentvolumes pods', read),
    rule('storage.k8s.io', 'csidrivers', read),
    events,
  ],
  'service-account-controller': [rule('core', 'serviceaccounts', 'create'), events],
  'service-cidrs-controller': [
    rule('networking.k8s.io', 'servicecidrs', `${read} patch update`),
    rule('networking.k8s.io', 'servicecidrs/finalizers servicecidrs/status', 'patch update'),
    rule('networking.k8s.io', 'ipaddresses', read),
    events,
  ],
  'service-controller': [
    rule('core', 'services', read),
    rule('core', 'services/status', 'patch update'),
    rule('core', 'nodes', 'list watch'),
    events,
  ],
  'statefulset-controller': [
    rule('core', 'pods', `create delete ${read} patch update`),
    rule('apps', 'statefulsets', read),
    rule('apps', 'statefulsets/finalizers statefulsets/status', 'update'),
    rule('apps', 'controllerrevisions', `create delete ${read} patch update`),
    rule('core', 'persistentvolumeclaims', `create delete ${read} update`),
    events,
  ],
  'storage-version-garbage-collector': [
    rule('coordination.k8s.io', 'leases', read),
    rule('internal.apiserver.k8s.io', 'storageversions', `delete ${read} patch update`),
    rule('internal.apiserver.k8s.io', 'storageversions/status', 'get patch update'),
  ],
  'storage-version-migrator-controller': [
    rule('*', '*', 'create list patch watch'),
    rule('storagemigration.k8s.io', 'storageversionmigrations/status', 'update'),
    rule('apiextensions.k8s.io', 'customresourcedefinitions', 'get'),
    rule('apiextensions.k8s.io', 'customresourcedefinitions/status', 'patch update'),
  ],
  'ttl-after-finished-controller': [rule('batch', 'jobs', `delete ${read}`), events],
  'ttl-controller': [rule('core', 'nodes', 'list patch update watch'), events],
  'volumeattributesclass-protection-controller': [
    rule('core', 'persistentvolumeclaims persistentvolumes', read),
    rule('storage.k8s.io', 'volumeattributesclasses', `${read} update`),
    events,
  ],
  'validatingadmissionpolicy-status-controller': [
    rule('admissionregistration.k8s.io', 'validatingadmissionpolicies', read),
    rule('admissionregistration.k8s.io', 'validatingadmissionpolicies/status', 'get patch update'),
    events,
  ],
};
