/**
 * What a v1.36 kube-apiserver serves by default: every group version, resource and subresource with its names, scope,
 * verbs and categories. Alpha and beta versions are off by default: those are in
 * `optional-facts.ts`.
 * Source: kube-apiserver's REST storage providers and the aggregator's group priorities.
 */

import {
  all,
  cluster,
  connect,
  everyday,
  extension,
  type GroupFacts,
  type GroupVersionFacts,
  group,
  measured,
  namespaced,
  type Options,
  other,
  proxy,
  type ResourceFacts,
  review,
  same,
  scale,
  status,
} from './group-facts.ts';
import { optionalGroupFacts } from './optional-facts.ts';

export type { GroupFacts, GroupVersionFacts, ResourceFacts, SubresourceFacts } from './group-facts.ts';

const hpa: Options = { ...everyday, short: ['hpa'], subs: [status], stored: 'v2' };

/** Every group, in the order of discovery. */
export const groupFacts: readonly GroupFacts[] = [
  group('', 18000, {
    v1: [
      namespaced('bindings', 'Binding', review),
      cluster('componentstatuses', 'ComponentStatus', { short: ['cs'], verbs: ['get', 'list'], stored: false }),
      namespaced('configmaps', 'ConfigMap', { short: ['cm'] }),
      namespaced('endpoints', 'Endpoints', { short: ['ep'] }),
      namespaced('events', 'Event', { short: ['ev'] }),
      namespaced('limitranges', 'LimitRange', { short: ['limits'] }),
      cluster('namespaces', 'Namespace', {
        short: ['ns'],
        verbs: all.filter((verb) => verb !== 'deletecollection'),
        subs: [same('finalize', ['update']), status],
      }),
      cluster('nodes', 'Node', { short: ['no'], subs: [other('proxy', 'NodeProxyOptions', proxy), status] }),
      namespaced('persistentvolumeclaims', 'PersistentVolumeClaim', { short: ['pvc'], subs: [status] }),
      cluster('persistentvolumes', 'PersistentVolume', { short: ['pv'], subs: [status] }),
      namespaced('pods', 'Pod', {
        ...everyday,
        short: ['po'],
        subs: [
          other('attach', 'PodAttachOptions', connect),
          other('binding', 'Binding', ['create']),
          same('ephemeralcontainers'),
          other('eviction', 'Eviction', ['create'], 'policy', 'v1'),
          other('exec', 'PodExecOptions', connect),
          same('log', ['get']),
          other('portforward', 'PodPortForwardOptions', connect),
          other('proxy', 'PodProxyOptions', proxy),
          same('resize'),
          status,
        ],
      }),
      namespaced('podtemplates', 'PodTemplate'),
      namespaced('replicationcontrollers', 'ReplicationController', {
        ...everyday,
        short: ['rc'],
        subs: [scale, status],
      }),
      namespaced('resourcequotas', 'ResourceQuota', { short: ['quota'], subs: [status] }),
      namespaced('secrets', 'Secret'),
      namespaced('serviceaccounts', 'ServiceAccount', {
        short: ['sa'],
        subs: [other('token', 'TokenRequest', ['create'], 'authentication.k8s.io', 'v1')],
      }),
      namespaced('services', 'Service', {
        ...everyday,
        short: ['svc'],
        subs: [other('proxy', 'ServiceProxyOptions', proxy), status],
      }),
    ],
  }),
  group('apiregistration.k8s.io', 17900, {
    v1: [cluster('apiservices', 'APIService', { ...extension, subs: [status] })],
  }),
  group('apps', 17800, {
    v1: [
      namespaced('controllerrevisions', 'ControllerRevision'),
      namespaced('daemonsets', 'DaemonSet', { ...everyday, short: ['ds'], subs: [status] }),
      namespaced('deployments', 'Deployment', { ...everyday, short: ['deploy'], subs: [scale, status] }),
      namespaced('replicasets', 'ReplicaSet', { ...everyday, short: ['rs'], subs: [scale, status] }),
      namespaced('statefulsets', 'StatefulSet', { ...everyday, short: ['sts'], subs: [scale, status] }),
    ],
  }),
  group('events.k8s.io', 17750, { v1: [namespaced('events', 'Event', { short: ['ev'] })] }),
  group('authentication.k8s.io', 17700, {
    v1: [cluster('selfsubjectreviews', 'SelfSubjectReview', review), cluster('tokenreviews', 'TokenReview', review)],
  }),
  group('authorization.k8s.io', 17600, {
    v1: [
      namespaced('localsubjectaccessreviews', 'LocalSubjectAccessReview', review),
      cluster('selfsubjectaccessreviews', 'SelfSubjectAccessReview', review),
      cluster('selfsubjectrulesreviews', 'SelfSubjectRulesReview', review),
      cluster('subjectaccessreviews', 'SubjectAccessReview', review),
    ],
  }),
  group('autoscaling', 17500, {
    v2: [namespaced('horizontalpodautoscalers', 'HorizontalPodAutoscaler', hpa)],
    v1: [namespaced('horizontalpodautoscalers', 'HorizontalPodAutoscaler', hpa)],
  }),
  group('batch', 17400, {
    v1: [
      namespaced('cronjobs', 'CronJob', { ...everyday, short: ['cj'], subs: [status] }),
      namespaced('jobs', 'Job', { ...everyday, subs: [status] }),
    ],
  }),
  group('certificates.k8s.io', 17300, {
    v1: [
      cluster('certificatesigningrequests', 'CertificateSigningRequest', {
        short: ['csr'],
        subs: [same('approval'), status],
      }),
    ],
  }),
  group('networking.k8s.io', 17200, {
    v1: [
      cluster('ingressclasses', 'IngressClass'),
      namespaced('ingresses', 'Ingress', { short: ['ing'], subs: [status] }),
      cluster('ipaddresses', 'IPAddress', { short: ['ip'] }),
      namespaced('networkpolicies', 'NetworkPolicy', { short: ['netpol'] }),
      cluster('servicecidrs', 'ServiceCIDR', { subs: [status] }),
    ],
  }),
  group('policy', 17100, {
    v1: [namespaced('poddisruptionbudgets', 'PodDisruptionBudget', { short: ['pdb'], subs: [status] })],
  }),
  group('rbac.authorization.k8s.io', 17000, {
    v1: [
      cluster('clusterrolebindings', 'ClusterRoleBinding'),
      cluster('clusterroles', 'ClusterRole'),
      namespaced('rolebindings', 'RoleBinding'),
      namespaced('roles', 'Role'),
    ],
  }),
  group('storage.k8s.io', 16800, {
    v1: [
      cluster('csidrivers', 'CSIDriver'),
      cluster('csinodes', 'CSINode'),
      namespaced('csistoragecapacities', 'CSIStorageCapacity'),
      cluster('storageclasses', 'StorageClass', { short: ['sc'] }),
      cluster('volumeattachments', 'VolumeAttachment', { subs: [status] }),
      cluster('volumeattributesclasses', 'VolumeAttributesClass', { short: ['vac'] }),
    ],
  }),
  group('admissionregistration.k8s.io', 16700, {
    v1: [
      cluster('mutatingadmissionpolicies', 'MutatingAdmissionPolicy', extension),
      cluster('mutatingadmissionpolicybindings', 'MutatingAdmissionPolicyBinding', extension),
      cluster('mutatingwebhookconfigurations', 'MutatingWebhookConfiguration', extension),
      cluster('validatingadmissionpolicies', 'ValidatingAdmissionPolicy', { ...extension, subs: [status] }),
      cluster('validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding', extension),
      cluster('validatingwebhookconfigurations', 'ValidatingWebhookConfiguration', extension),
    ],
  }),
  group('apiextensions.k8s.io', 16700, {
    v1: [
      cluster('customresourcedefinitions', 'CustomResourceDefinition', {
        ...extension,
        short: ['crd', 'crds'],
        subs: [status],
      }),
    ],
  }),
  group('scheduling.k8s.io', 16600, { v1: [cluster('priorityclasses', 'PriorityClass', { short: ['pc'] })] }),
  group('coordination.k8s.io', 16500, { v1: [namespaced('leases', 'Lease')] }),
  group('node.k8s.io', 16300, { v1: [cluster('runtimeclasses', 'RuntimeClass')] }),
  group('discovery.k8s.io', 16200, { v1: [namespaced('endpointslices', 'EndpointSlice')] }),
  group('flowcontrol.apiserver.k8s.io', 16100, {
    v1: [
      cluster('flowschemas', 'FlowSchema', { subs: [status] }),
      cluster('prioritylevelconfigurations', 'PriorityLevelConfiguration', { subs: [status] }),
    ],
  }),
  group('resource.k8s.io', 15900, {
    v1: [
      cluster('deviceclasses', 'DeviceClass'),
      namespaced('resourceclaims', 'ResourceClaim', { subs: [status] }),
      namespaced('resourceclaimtemplates', 'ResourceClaimTemplate'),
      cluster('resourceslices', 'ResourceSlice'),
    ],
  }),
  // Upstream's metrics-server brings it; here it is served by the API server itself.
  group('metrics.k8s.io', 100, {
    v1beta1: [
      cluster('nodes', 'NodeMetrics', { ...measured, singular: 'node' }),
      namespaced('pods', 'PodMetrics', { ...measured, singular: 'pod' }),
    ],
  }),
];

/** Every group version served, in the order of discovery. */
export const groupVersionFacts: readonly GroupVersionFacts[] = groupFacts.flatMap((g) => g.versions);

/** Those of v1.36 that are served only when they are switched on. */
export const optionalGroupVersionFacts: readonly GroupVersionFacts[] = optionalGroupFacts.flatMap((g) => g.versions);

const index = new Map<string, ResourceFacts>();
for (const gv of [...groupVersionFacts, ...optionalGroupVersionFacts])
  for (const r of gv.resources) index.set(`${gv.group}/${gv.version}/${r.resource}`, r);

/** The facts of a built-in resource, switched on or not; undefined for custom ones. */
export const resourceFacts = (group: string, version: string, resource: string): ResourceFacts | undefined =>
  index.get(`${group}/${version}/${resource}`);
