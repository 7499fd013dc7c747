import { expect, test } from 'vitest';
import { evaluatorOf } from '../../../../src/resources/quota/evaluators.ts';
import { amountsOf } from '../../../../src/resources/quota/usage.ts';

const now = Date.parse('2030-01-01T00:00:00Z');

test('claims to devices count for the extended resources that these stand for, unless their pod does already', () => {
  const asking = (requests: Record<string, string>, uid = 'u', resourceClaimName?: string) => ({
    metadata: { name: 'p', namespace: 'default', uid },
    spec: { containers: [{ name: 'c', resources: { requests } }] },
    ...(resourceClaimName && { status: { extendedResourceClaimStatus: { resourceClaimName } } }),
  });
  const claimed = (pod: unknown, owned = true) => {
    const evaluator = evaluatorOf('resourceclaims.resource.k8s.io', {
      resourceOf: (name) => (name === 'gpu' ? 'example.com/gpu' : undefined),
      standsFor: (resource) => resource === 'example.com/gpu',
      pod: () => pod as never,
    })!;
    const controller = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u', controller: true };
    const metadata = {
      name: 'c',
      namespace: 'default',
      ...(owned && {
        annotations: { 'resource.kubernetes.io/extended-resource-claim': 'true' },
        ownerReferences: [controller],
      }),
    };
    const exactly = (deviceClassName: string, count: number) => ({
      name: deviceClassName,
      exactly: { deviceClassName, allocationMode: 'ExactCount', count },
    });
    const spec = { devices: { requests: [exactly('gpu', 2), exactly('other', 1)] } };
    const names = ['requests.example.com/gpu', 'requests.example.com/nic', 'requests.memory'].map((n) =>
      evaluator.measures(n),
    );
    expect(names).toEqual([true, false, false]);
    expect(evaluator.measures('requests.deviceclass.resource.kubernetes.io/gpu')).toBe(true);
    expect(evaluator.measures('requests.deviceclass.resource.kubernetes.io/other')).toBe(false);
    const { 'count/resourceclaims.resource.k8s.io': _, ...amounts } = amountsOf(
      evaluator.usage({ metadata, spec } as never, now),
    );
    return amounts;
  };
  const devices = {
    'gpu.deviceclass.resource.k8s.io/devices': '2',
    'other.deviceclass.resource.k8s.io/devices': '1',
    'requests.deviceclass.resource.kubernetes.io/gpu': '2',
    'requests.deviceclass.resource.kubernetes.io/other': '1',
  };
  const both = { ...devices, 'requests.example.com/gpu': '2' };
  expect(claimed(asking({ 'example.com/gpu': '2' }), false)).toEqual(both);
  expect(claimed(asking({ 'example.com/gpu': '2' }))).toEqual(devices);
  expect(claimed(asking({ 'example.com/gpu': '1' }))).toEqual({ ...devices, 'requests.example.com/gpu': '1' });
  expect(claimed(asking({ 'example.com/gpu': '2' }, 'another'))).toEqual(both);
  expect(claimed(asking({ 'example.com/gpu': '2' }, 'u', 'another'))).toEqual(both);
  expect(claimed(undefined)).toEqual(both);
});

test('pods count for the classes of devices that they ask for by name', () => {
  const name = 'deviceclass.resource.kubernetes.io/gpu';
  const spec = { containers: [{ name: 'c', resources: { requests: { [name]: '2' } } }] };
  const usage = evaluatorOf('pods')!.usage({ metadata: {}, spec } as never, now);
  expect(amountsOf(usage)).toEqual({ pods: '1', 'count/pods': '1', [`requests.${name}`]: '2' });
  expect(evaluatorOf('pods')!.measures(`requests.${name}`)).toBe(true);
});
