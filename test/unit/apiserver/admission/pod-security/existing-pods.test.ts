import { expect, test } from 'vitest';
import type { Pod } from '../../../../../src/api/types/core-v1.gen.ts';
import { noConfiguration } from '../../../../../src/apiserver/admission/pod-security/configuration.ts';
import { warningsOfExisting } from '../../../../../src/apiserver/admission/pod-security/existing-pods.ts';
import { latest } from '../../../../../src/apiserver/admission/pod-security/policy.ts';

const pod = (name: string, spec: Record<string, unknown>, owner?: string): Pod =>
  ({
    metadata: { name, ...(owner && { ownerReferences: [{ uid: owner, controller: true }] }) },
    spec: { containers: [{ name: 'c' }], ...spec },
  }) as unknown as Pod;

const { exemptions } = noConfiguration;
const baseline = { level: 'baseline', version: latest } as const;
const violating = 'existing pods in namespace "n" violate the new PodSecurity enforce level "baseline:latest"';
const inTime = () => false;

test('pods are told of by what is wrong with them, the first by name', () => {
  const pods = [
    pod('c', { hostPID: true }),
    pod('a', { hostPID: true }),
    pod('b', { hostIPC: true }),
    pod('fine', {}),
    pod('e', { hostPID: true, volumes: [{ name: 'v', hostPath: {} }] }),
    pod('d', { hostPID: true, volumes: [{ name: 'v', hostPath: {} }] }),
  ];
  expect(warningsOfExisting('n', baseline, pods, { isLate: inTime }, exemptions)).toEqual([
    violating,
    'a (and 2 other pods): host namespaces',
    'd (and 1 other pod): host namespaces, hostPath volumes',
  ]);
  expect(warningsOfExisting('n', baseline, pods.slice(4, 5), { isLate: inTime }, exemptions)[1]).toBe(
    'e: host namespaces, hostPath volumes',
  );
  expect(warningsOfExisting('n', baseline, [pods[3]!], { isLate: inTime }, exemptions)).toEqual([]);
});

test('of many pods one of each controller comes first', () => {
  const pods = [
    pod('a1', {}, 'a'),
    pod('a2', { hostPID: true }, 'a'),
    pod('b1', { hostPID: true }, 'b'),
    pod('own', {}),
  ];
  const limits = { isLate: inTime, pods: 3 };
  expect(warningsOfExisting('n', baseline, pods, limits, exemptions)).toEqual([
    'new PodSecurity enforce level only checked against the first 3 of 4 existing pods',
    violating,
    'b1: host namespaces',
  ]);
});

test('when the time is up, the rest is not looked at', () => {
  const pods = [pod('a', { hostPID: true }), pod('b', { hostPID: true }), pod('c', {})];
  let looks = 0;
  expect(warningsOfExisting('n', baseline, pods, { isLate: () => ++looks === 1 }, exemptions)).toEqual([
    'new PodSecurity enforce level only checked against the first 1 of 3 existing pods',
    violating,
    'a: host namespaces',
  ]);
});

test('pods of an exempt runtime class are not counted', () => {
  const exempt = { ...exemptions, runtimeClasses: new Set(['vm']) };
  const pods = [
    pod('a', { hostPID: true, runtimeClassName: 'vm' }),
    pod('b', { hostPID: true, runtimeClassName: 'x' }),
  ];
  expect(warningsOfExisting('n', baseline, pods, { isLate: inTime }, exempt)).toEqual([
    violating,
    'b: host namespaces',
  ]);
});
