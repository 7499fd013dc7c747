import { expect, test } from 'vitest';
import { described } from '../../../../../src/apiserver/admission/matching/described.ts';
import { versioned } from '../../../../../src/apiserver/admission/matching/versioned.ts';
import { writeOptions } from '../../../../../src/apiserver/admission/matching/write-options.ts';
import { ServedTable } from '../../../../../src/apiserver/registry/served.ts';
import { deepFreeze } from '../../../../../src/store/encode.ts';
import { servedAt, write } from '../../../../kit/admission-request.ts';

const served = ServedTable.builtIn();

test('a write is described in the version it is shown in, and in that it was asked for', () => {
  const request = write(served, 'UPDATE', 'autoscaling/v1/horizontalpodautoscalers:status', {
    user: { name: 'bob', uid: '7', groups: ['dev'], extra: { scopes: ['a'] } },
    dryRun: true,
    options: { fieldManager: 'kubectl', fieldValidation: 'Strict' },
  });
  expect(described(request, servedAt(served, 'autoscaling/v2/horizontalpodautoscalers'))).toEqual({
    kind: { group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler' },
    resource: { group: 'autoscaling', version: 'v2', resource: 'horizontalpodautoscalers' },
    subResource: 'status',
    requestKind: { group: 'autoscaling', version: 'v1', kind: 'HorizontalPodAutoscaler' },
    requestResource: { group: 'autoscaling', version: 'v1', resource: 'horizontalpodautoscalers' },
    requestSubResource: 'status',
    name: 'it',
    namespace: 'default',
    operation: 'UPDATE',
    userInfo: { username: 'bob', uid: '7', groups: ['dev'], extra: { scopes: ['a'] } },
    dryRun: true,
    options: {
      kind: 'UpdateOptions',
      apiVersion: 'meta.k8s.io/v1',
      dryRun: ['All'],
      fieldManager: 'kubectl',
      fieldValidation: 'Strict',
    },
  });
});

test.each([
  ['v1/namespaces', { namespace: 'it', kind: { group: '', version: 'v1', kind: 'Namespace' } }],
  [
    'v1/nodes',
    { kind: { group: '', version: 'v1', kind: 'Node' }, requestKind: { group: '', version: 'v1', kind: 'Node' } },
  ],
  ['v1/pods:eviction', { subResource: 'eviction', kind: { group: 'policy', version: 'v1', kind: 'Eviction' } }],
  ['apps/v1/deployments:scale', { kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' } }],
])('what is asked about %s', (path, expected) => {
  const request = write(served, 'CREATE', path);
  expect(described(request, request.asked)).toMatchObject(expected);
});

test('what is of the cluster has no namespace, and what is whole no subresource', () => {
  const request = write(served, 'CREATE', 'v1/nodes');
  for (const key of ['namespace', 'subResource', 'requestSubResource'])
    expect(described(request, request.asked)).not.toHaveProperty(key);
});

test('the options of a deletion, and none of a connection', () => {
  const options = { gracePeriodSeconds: 0, propagationPolicy: 'Foreground', preconditions: { uid: 'u' } } as const;
  expect(writeOptions(write(served, 'DELETE', 'v1/pods', { options }))).toEqual({
    kind: 'DeleteOptions',
    apiVersion: 'meta.k8s.io/v1',
    ...options,
  });
  expect(writeOptions(write(served, 'CONNECT', 'v1/pods:exec'))).toBeUndefined();
});

test('objects are shown in the version that is wanted, without changing them', () => {
  const target = { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } };
  const object = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'it' },
    spec: { maxReplicas: 3, metrics: [{ type: 'Resource', resource: target }] },
  };
  const before = structuredClone(object);
  const old = deepFreeze(structuredClone(object));
  const path = 'autoscaling/v2/horizontalpodautoscalers';
  const request = write(served, 'UPDATE', path, { object: object as never, old: old as never });
  const v1 = versioned(request, servedAt(served, 'autoscaling/v1/horizontalpodautoscalers'));
  const expected = { apiVersion: 'autoscaling/v1', spec: { maxReplicas: 3, targetCPUUtilizationPercentage: 50 } };
  expect(v1).toMatchObject({ object: expected, old: expected });
  expect(object).toEqual(before);
  expect(versioned(request, request.asked)).toEqual({ object, old });
});

test('a Scale is shown as the version of its workload has it', () => {
  const scale = {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: {},
    spec: { replicas: 1 },
    status: { replicas: 1, selector: 'a=b' },
  };
  const request = write(served, 'UPDATE', 'apps/v1/deployments:scale', { object: scale as never });
  expect(versioned(request, servedAt(served, 'apps/v1/statefulsets'))).toEqual({ object: scale, old: undefined });
});
