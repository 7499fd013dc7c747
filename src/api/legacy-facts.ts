/**
 * Group versions that Kubernetes once served and v1.36 no longer does (or no longer by default), but that old manifests
 * and tutorials name. They are served beside the current ones and converted; objects are stored in the current version.
 *
 * No short names and no categories: `kubectl get deploy` and `kubectl get all` mean the current kinds and nothing else.
 * Source: kube-apiserver's REST storage providers of the last release that served each.
 */

import {
  cluster,
  type GroupFacts,
  type GroupVersionFacts,
  getPatchUpdate,
  group,
  namespaced,
  type Options,
  other,
  review,
  same,
  status,
} from './group-facts.ts';

/** Stored in version `v1` of its kind. */
const v1: Options = { stored: 'v1' };
const v1Status: Options = { stored: 'v1', subs: [status] };
const scale = other('scale', 'Scale', getPatchUpdate);
const v1Scale: Options = { stored: 'v1', subs: [scale, status] };
const v1Deployment: Options = {
  stored: 'v1',
  subs: [other('rollback', 'DeploymentRollback', ['create']), scale, status],
};
const autoscalers = [
  namespaced('horizontalpodautoscalers', 'HorizontalPodAutoscaler', { stored: 'v2', subs: [status] }),
];
const priorityAndFairness = [
  cluster('flowschemas', 'FlowSchema', v1Status),
  cluster('prioritylevelconfigurations', 'PriorityLevelConfiguration', v1Status),
];

/** Old versions of current groups, and groups that hold nothing else, which come last. */
export const legacyGroupFacts: readonly GroupFacts[] = [
  group('apiregistration.k8s.io', 17900, { v1beta1: [cluster('apiservices', 'APIService', v1Status)] }),
  group('apps', 17800, {
    v1beta2: [
      namespaced('controllerrevisions', 'ControllerRevision', v1),
      namespaced('daemonsets', 'DaemonSet', v1Status),
      namespaced('deployments', 'Deployment', v1Scale),
      namespaced('replicasets', 'ReplicaSet', v1Scale),
      namespaced('statefulsets', 'StatefulSet', v1Scale),
    ],
    v1beta1: [
      namespaced('controllerrevisions', 'ControllerRevision', v1),
      namespaced('deployments', 'Deployment', v1Deployment),
      namespaced('statefulsets', 'StatefulSet', v1Scale),
    ],
  }),
  group('events.k8s.io', 17750, { v1beta1: [namespaced('events', 'Event', v1)] }),
  group('authentication.k8s.io', 17700, {
    v1beta1: [
      cluster('selfsubjectreviews', 'SelfSubjectReview', review),
      cluster('tokenreviews', 'TokenReview', review),
    ],
  }),
  group('authorization.k8s.io', 17600, {
    v1beta1: [
      namespaced('localsubjectaccessreviews', 'LocalSubjectAccessReview', review),
      cluster('selfsubjectaccessreviews', 'SelfSubjectAccessReview', review),
      cluster('selfsubjectrulesreviews', 'SelfSubjectRulesReview', review),
      cluster('subjectaccessreviews', 'SubjectAccessReview', review),
    ],
  }),
  group('autoscaling', 17500, { v2beta2: autoscalers, v2beta1: autoscalers }),
  group('batch', 17400, {
    v1beta1: [namespaced('cronjobs', 'CronJob', v1Status)],
    v2alpha1: [namespaced('cronjobs', 'CronJob', v1Status)],
  }),
  group('certificates.k8s.io', 17300, {
    v1beta1: [
      cluster('certificatesigningrequests', 'CertificateSigningRequest', {
        stored: 'v1',
        subs: [same('approval'), status],
      }),
    ],
  }),
  group('networking.k8s.io', 17200, {
    v1beta1: [
      cluster('ingressclasses', 'IngressClass', v1),
      namespaced('ingresses', 'Ingress', v1Status),
      cluster('ipaddresses', 'IPAddress', v1),
      cluster('servicecidrs', 'ServiceCIDR', v1Status),
    ],
  }),
  group('policy', 17100, { v1beta1: [namespaced('poddisruptionbudgets', 'PodDisruptionBudget', v1Status)] }),
  group('rbac.authorization.k8s.io', 17000, {
    v1beta1: [
      cluster('clusterrolebindings', 'ClusterRoleBinding', v1),
      cluster('clusterroles', 'ClusterRole', v1),
      namespaced('rolebindings', 'RoleBinding', v1),
      namespaced('roles', 'Role', v1),
    ],
  }),
  group('storage.k8s.io', 16800, {
    v1beta1: [
      cluster('csidrivers', 'CSIDriver', v1),
      cluster('csinodes', 'CSINode', v1),
      namespaced('csistoragecapacities', 'CSIStorageCapacity', v1),
      cluster('storageclasses', 'StorageClass', v1),
      cluster('volumeattachments', 'VolumeAttachment', v1Status),
      cluster('volumeattributesclasses', 'VolumeAttributesClass', v1),
    ],
  }),
  group('admissionregistration.k8s.io', 16700, {
    v1beta1: [
      cluster('mutatingadmissionpolicies', 'MutatingAdmissionPolicy', v1),
      cluster('mutatingadmissionpolicybindings', 'MutatingAdmissionPolicyBinding', v1),
      cluster('mutatingwebhookconfigurations', 'MutatingWebhookConfiguration', v1),
      cluster('validatingadmissionpolicies', 'ValidatingAdmissionPolicy', v1Status),
      cluster('validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding', v1),
      cluster('validatingwebhookconfigurations', 'ValidatingWebhookConfiguration', v1),
    ],
  }),
  group('apiextensions.k8s.io', 16700, {
    v1beta1: [cluster('customresourcedefinitions', 'CustomResourceDefinition', v1Status)],
  }),
  group('scheduling.k8s.io', 16600, { v1beta1: [cluster('priorityclasses', 'PriorityClass', v1)] }),
  group('coordination.k8s.io', 16500, { v1beta1: [namespaced('leases', 'Lease', v1)] }),
  group('node.k8s.io', 16300, { v1beta1: [cluster('runtimeclasses', 'RuntimeClass', v1)] }),
  group('discovery.k8s.io', 16200, { v1beta1: [namespaced('endpointslices', 'EndpointSlice', v1)] }),
  group('flowcontrol.apiserver.k8s.io', 16100, {
    v1beta3: priorityAndFairness,
    v1beta2: priorityAndFairness,
    v1beta1: priorityAndFairness,
  }),
  group('extensions', 0, {
    v1beta1: [
      namespaced('daemonsets', 'DaemonSet', v1Status),
      namespaced('deployments', 'Deployment', v1Deployment),
      namespaced('ingresses', 'Ingress', v1Status),
      namespaced('networkpolicies', 'NetworkPolicy', v1),
      namespaced('replicasets', 'ReplicaSet', v1Scale),
    ],
  }),
  // Never had a newer version: stored as it is.
  group('settings.k8s.io', 0, { v1alpha1: [namespaced('podpresets', 'PodPreset')] }),
];

/** What is gone for good, by "group/version/resource", and what to do instead. Nothing lists it, so that no chart makes it. */
const podSecurityPolicies =
  'PodSecurityPolicy was removed in Kubernetes v1.25 and cannot be converted: label the namespace with ' +
  'pod-security.kubernetes.io/enforce=LEVEL (privileged, baseline or restricted) instead';
export const goneForGood: Readonly<Record<string, string>> = {
  'extensions/v1beta1/podsecuritypolicies': podSecurityPolicies,
  'policy/v1beta1/podsecuritypolicies': podSecurityPolicies,
};

/** Kinds of the old group `extensions`, and the groups they have moved to. */
const movedTo: Readonly<Record<string, string>> = {
  DaemonSet: 'apps',
  Deployment: 'apps',
  Ingress: 'networking.k8s.io',
  NetworkPolicy: 'networking.k8s.io',
  ReplicaSet: 'apps',
};

/** The group of a kind today, whatever group an old reference names. */
export const groupToday = (group: string, kind: string): string =>
  group === 'extensions' ? (movedTo[kind] ?? group) : group;

/** Every old group version, in the order of discovery. */
export const legacyGroupVersionFacts: readonly GroupVersionFacts[] = legacyGroupFacts.flatMap((g) => g.versions);
