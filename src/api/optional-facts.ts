/**
 * Group versions that a v1.36 kube-apiserver has and serves only when `--runtime-config` switches them on: alpha and beta
 * versions. Source: kube-apiserver's REST storage providers and the aggregator's group priorities.
 */

import { cluster, type GroupFacts, group, type Options, status } from './group-facts.ts';

/** Stored in version `v1` of its kind. */
const v1: Options = { stored: 'v1' };

/** Versions in order of preference, all after those that are served by default. */
export const optionalGroupFacts: readonly GroupFacts[] = [
  group('networking.k8s.io', 17200, {
    v1beta1: [
      cluster('ipaddresses', 'IPAddress', { ...v1, short: ['ip'] }),
      cluster('servicecidrs', 'ServiceCIDR', { ...v1, subs: [status] }),
    ],
  }),
  group('storage.k8s.io', 16800, {
    v1beta1: [cluster('volumeattributesclasses', 'VolumeAttributesClass', { ...v1, short: ['vac'] })],
  }),
  group('internal.apiserver.k8s.io', 16000, {
    v1alpha1: [cluster('storageversions', 'StorageVersion', { subs: [status] })],
  }),
];
