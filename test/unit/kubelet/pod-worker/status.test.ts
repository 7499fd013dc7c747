import { expect, test } from 'vitest';
import { qosClass, same, statusPatch } from '../../../../src/kubelet/pod-worker/status.ts';
import type { Pod, PodStatus } from '../../../../src/kubelet/types.ts';

const pod = (...resources: object[]): Pod => ({
  metadata: { name: 'p' },
  spec: { containers: resources.map((r, i) => ({ name: `c${i}`, resources: r })) },
});
const both = { cpu: '1', memory: '1Gi' };

test.each([
  ['Guaranteed', [{ limits: both, requests: both }]],
  ['Guaranteed', [{ limits: both }]],
  ['Burstable', [{ limits: both }, {}]],
  ['Burstable', [{ requests: { cpu: '1' } }]],
  ['Burstable', [{ limits: both, requests: { ...both, cpu: '500m' } }]],
  ['BestEffort', [{}, {}]],
])('qos class %s', (expected, resources) => {
  expect(qosClass(pod(...resources))).toBe(expected);
});

const condition = (status: string, extra: object = {}) => ({
  type: 'Ready',
  status,
  lastTransitionTime: '2026-01-01T00:00:00Z',
  ...extra,
});

test('a status that says the same is not written', () => {
  const status: PodStatus = { phase: 'Running', conditions: [condition('True')], podIPs: [{ ip: '10.0.0.1' }] };
  expect(
    statusPatch(status, { ...status, conditions: [condition('True', { lastTransitionTime: '2027-01-01T00:00:00Z' })] }),
  ).toBeUndefined();
  expect(statusPatch({ ...status, message: undefined }, status)).toBeUndefined();
});

test('a patch clears what a merge would keep: reasons of conditions and old addresses', () => {
  const before: PodStatus = {
    phase: 'Pending',
    podIPs: [{ ip: '10.0.0.1' }],
    conditions: [condition('False', { reason: 'ContainersNotReady', message: 'm' })],
  };
  expect(
    statusPatch(before, { phase: 'Running', podIPs: [{ ip: '10.0.0.2' }], conditions: [condition('True')] }),
  ).toEqual({
    phase: 'Running',
    podIPs: [{ ip: '10.0.0.2' }, { $patch: 'replace' }],
    conditions: [{ ...condition('True'), reason: null, message: null }],
  });
});

test('conditions of others are not the kubelet’s to write', () => {
  const mine: PodStatus = { conditions: [{ type: 'example.com/gate', status: 'True' }] };
  expect(statusPatch({}, mine)).toBeUndefined();
});

test('absent, null and empty are the same', () => {
  expect(same({ a: 1, lastState: {} }, { a: 1 })).toBe(true);
  expect(same({ a: null }, {})).toBe(true);
  expect(same({ a: 0 }, {})).toBe(false);
  expect(same([1, 2], [1, 3])).toBe(false);
});
