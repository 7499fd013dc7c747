/**
 * Group versions that a v1.36 kube-apiserver has and serves only when `--runtime-config` switches them on: alpha and beta
 * versions. Source: kube-apiserver's REST storage providers and the aggregator's group priorities.
 */

import { cluster, extension, type GroupFacts, group, namespaced, type Options, status } from './group-facts.ts';

/** Stored in version `v1` of its kind. */
const v1: Options = { stored: 'v1' };
const v1beta1: Options = { stored: 'v1beta1' };

/** What beta versions of dynamic resource allocation have in common with v1. */
const deviceKinds = [
  cluster('deviceclasses', 'DeviceClass', v1),
  namespaced('resourceclaims', 'ResourceClaim', { ...v1, subs: [status] }),
  namespaced('resourceclaimtemplates', 'ResourceClaimTemplate', v1),
  cluster('resourceslices', 'ResourceSlice', v1),
];

/** Versions in order of preference, all after those that are served by default. */
export const optionalGroupFacts: readonly GroupFacts[] = [
  group('certificates.k8s.io', 17300, {
    v1beta1: [
      cluster('clustertrustbundles', 'ClusterTrustBundle'),
      namespaced('podcertificaterequests', 'PodCertificateRequest', { subs: [status] }),
    ],
    v1alpha1: [cluster('clustertrustbundles', 'ClusterTrustBundle', v1beta1)],
  }),
  group('networking.k8s.io', 17200, {
    v1beta1: [
      cluster('ipaddresses', 'IPAddress', { ...v1, short: ['ip'] }),
      cluster('servicecidrs', 'ServiceCIDR', { ...v1, subs: [status] }),
    ],
  }),
  group('storage.k8s.io', 16800, {
    v1beta1: [cluster('volumeattributesclasses', 'VolumeAttributesClass', { ...v1, short: ['vac'] })],
  }),
  group('admissionregistration.k8s.io', 16700, {
    v1beta1: [
      cluster('mutatingadmissionpolicies', 'MutatingAdmissionPolicy', { ...v1, ...extension }),
      cluster('mutatingadmissionpolicybindings', 'MutatingAdmissionPolicyBinding', { ...v1, ...extension }),
    ],
    v1alpha1: [
      cluster('mutatingadmissionpolicies', 'MutatingAdmissionPolicy', { ...v1, ...extension }),
      cluster('mutatingadmissionpolicybindings', 'MutatingAdmissionPolicyBinding', { ...v1, ...extension }),
    ],
  }),
  group('scheduling.k8s.io', 16600, {
    v1alpha2: [namespaced('workloads', 'Workload'), namespaced('podgroups', 'PodGroup', { subs: [status] })],
  }),
  group('coordination.k8s.io', 16500, {
    v1beta1: [namespaced('leasecandidates', 'LeaseCandidate')],
    v1alpha2: [namespaced('leasecandidates', 'LeaseCandidate', v1beta1)],
  }),
  group('internal.apiserver.k8s.io', 16000, {
    v1alpha1: [cluster('storageversions', 'StorageVersion', { subs: [status] })],
  }),
  group('resource.k8s.io', 15900, {
    v1beta2: [...deviceKinds, cluster('devicetaintrules', 'DeviceTaintRule', { subs: [status] })],
    v1beta1: deviceKinds,
    v1alpha3: [
      cluster('devicetaintrules', 'DeviceTaintRule', { stored: 'v1beta2', subs: [status] }),
      cluster('resourcepoolstatusrequests', 'ResourcePoolStatusRequest', { subs: [status] }),
    ],
  }),
  group('storagemigration.k8s.io', 15800, {
    v1beta1: [cluster('storageversionmigrations', 'StorageVersionMigration', { subs: [status] })],
  }),
];
