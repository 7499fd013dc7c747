import { expect, test } from 'vitest';
import { expand, expandStrictly } from '../../../../src/kubelet/pod-worker/expansion.ts';
import { fieldValue, resourceValue } from '../../../../src/kubelet/pod-worker/fields.ts';
import { hostnameOf, kernelHostname, resolvConf } from '../../../../src/kubelet/pod-worker/names.ts';
import { containerResources } from '../../../../src/kubelet/pod-worker/resources.ts';
import { goDuration } from '../../../../src/kubelet/pod-worker/restart.ts';
import { amount, divided } from '../../../../src/kubelet/quantity.ts';
import type { Pod } from '../../../../src/kubelet/types.ts';

const known = (name: string) => ({ A: 'a', EMPTY: '' })[name];

test.each([
  ['$(A)', 'a'],
  ['x$(A)y$(A)', 'xaya'],
  ['$(B)', '$(B)'],
  ['$(EMPTY)', ''],
  ['$$(A)', '$(A)'],
  ['$$$(A)', '$a'],
  ['$(A', '$(A'],
  ['$A', '$A'],
  ['cost: 5$', 'cost: 5$'],
])('expands %s to %s', (text, expected) => {
  expect(expand(text, known)).toBe(expected);
});

test('subPathExpr needs every name', () => {
  expect(expandStrictly('$(A)/b', known)).toBe('a/b');
  expect(() => expandStrictly('$(B)', known)).toThrow('missing value for "B"');
});

test.each([
  [0, '0s'],
  [10_000, '10s'],
  [80_000, '1m20s'],
  [300_000, '5m0s'],
  [3_600_000, '1h0m0s'],
])('%i ms is %s', (ms, text) => {
  expect(goDuration(ms)).toBe(text);
});

test.each([
  ['500m', 0.5],
  ['1Gi', 2 ** 30],
  ['1e3', 1000],
  ['2k', 2000],
  ['1.5', 1.5],
])('quantity %s is %s', (text, value) => {
  expect(amount(text)).toBe(value);
});

test('resourceFieldRef rounds up in units of its divisor', () => {
  expect(divided('1500m', undefined)).toBe('2');
  expect(divided('1500m', '1m')).toBe('1500');
  expect(divided('100Mi', '1Gi')).toBe('1');
});

const context = { podIPs: ['10.0.0.1', 'fd00::1'], hostIPs: ['172.0.0.1'], allocatable: { cpu: '4', memory: '8Gi' } };
const pod: Pod = {
  metadata: { name: 'web.a-', namespace: 'ns', labels: { b: '"q"', a: '1' }, annotations: { 'x/y': 'z' } },
  spec: { nodeName: 'n', containers: [{ name: 'c', resources: { requests: { cpu: '250m' } } }] },
};

test.each([
  ['metadata.labels', 'a="1"\nb="\\"q\\""'],
  ["metadata.annotations['x/y']", 'z'],
  ["metadata.labels['none']", ''],
  ['status.podIPs', '10.0.0.1,fd00::1'],
  ['spec.nodeName', 'n'],
])('field %s', (path, value) => {
  expect(fieldValue(pod, path, context)).toBe(value);
});

test('fields and resources that do not exist are named', () => {
  expect(() => fieldValue(pod, 'spec.priority', context)).toThrow('unsupported fieldPath: spec.priority');
  const bad = { resource: 'limits.fuel' };
  expect(() => resourceValue(pod, pod.spec.containers[0], bad, context)).toThrow(
    'Unsupported container resource : limits.fuel',
  );
  expect(resourceValue(pod, pod.spec.containers[0], { resource: 'limits.cpu' }, context)).toBe('4');
  expect(resourceValue(pod, undefined, { containerName: 'c', resource: 'requests.cpu', divisor: '1m' }, context)).toBe(
    '250',
  );
});

test('host names are cut to what the kernel takes', () => {
  expect(hostnameOf(pod)).toBe('web.a');
  expect(hostnameOf({ ...pod, metadata: { name: `${'a'.repeat(62)}-b` } })).toBe('a'.repeat(62));
  const long: Pod = {
    ...pod,
    spec: { ...pod.spec, hostname: 'h', subdomain: 's'.repeat(60), setHostnameAsFQDN: true },
  };
  expect(() => kernelHostname(long, 'cluster.local')).toThrow('64 characters is the max');
});

const dns = {
  clusterDNS: '10.96.0.10',
  clusterDomain: 'cluster.local',
  nodeNameservers: ['8.8.8.8'],
  nodeSearches: ['lan'],
};
const withDns = (spec: Partial<Pod['spec']>) => resolvConf({ ...pod, spec: { ...pod.spec, ...spec } }, dns);

test('resolv.conf by policy', () => {
  const cluster =
    'search ns.svc.cluster.local svc.cluster.local cluster.local lan\nnameserver 10.96.0.10\noptions ndots:5\n';
  expect(withDns({})).toBe(cluster);
  expect(withDns({ hostNetwork: true })).toBe('search lan\nnameserver 8.8.8.8\n');
  expect(withDns({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' })).toBe(cluster);
  expect(withDns({ dnsPolicy: 'Default' })).toBe('search lan\nnameserver 8.8.8.8\n');
  const dnsConfig = { nameservers: ['1.1.1.1'], searches: ['a.b'], options: [{ name: 'edns0' }] };
  expect(withDns({ dnsPolicy: 'None', dnsConfig })).toBe('search a.b\nnameserver 1.1.1.1\noptions edns0\n');
});

test.each([
  ['Guaranteed', { limits: { cpu: '2', memory: '1Gi' } }, { cpuShares: 2048, cpuQuota: 200_000, oomScoreAdj: -997 }],
  ['BestEffort', {}, { cpuShares: 2, oomScoreAdj: 1000 }],
  ['Burstable', { requests: { cpu: '100m', memory: '4Gi' } }, { cpuShares: 102, oomScoreAdj: 500 }],
])('cgroup values of %s', (qos, resources, expected) => {
  expect(containerResources(pod, { name: 'c', resources }, qos, 8 * 2 ** 30)).toMatchObject(expected);
});
