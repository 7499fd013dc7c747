import { expect, test } from 'vitest';
import type { KubeObject } from '../../../../../src/api/object.ts';
import { deepFreeze } from '../../../../../src/api/object.ts';
import {
  applyConfiguration,
  applyOperations,
  MutationError,
} from '../../../../../src/apiserver/admission/policy/mutating/patches.ts';
import { ServedTable } from '../../../../../src/apiserver/registry/served.ts';
import { servedAt } from '../../../../kit/admission-request.ts';

const table = ServedTable.builtIn();
const target = (path: string, subresource = '') => ({ shown: servedAt(table, path), subresource });
const pods = target('v1/pods');

const pod: KubeObject = deepFreeze({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', labels: { a: 'b' } },
  spec: { containers: [{ name: 'c', image: 'i', args: ['x'], resources: {} }] },
  status: {},
}) as KubeObject;

test('a configuration adds to what is there and changes what it names, and the object itself stays as it was', () => {
  const config = {
    metadata: { labels: { c: 'd' }, finalizers: ['acme.io/x'] },
    spec: {
      containers: [
        { name: 'c', image: 'j' },
        { name: 'd', image: 'k' },
      ],
      activeDeadlineSeconds: 5,
    },
  };
  expect(applyConfiguration(pod, config, pods)).toEqual({
    ...pod,
    metadata: { name: 'p', labels: { a: 'b', c: 'd' }, finalizers: ['acme.io/x'] },
    spec: {
      activeDeadlineSeconds: 5,
      containers: [
        { name: 'c', image: 'j', args: ['x'], resources: {} },
        { name: 'd', image: 'k', resources: {} },
      ],
    },
  });
});

test('what the object and the configuration share is nobody else’s', () => {
  const labels = { x: 'y' };
  const object = { ...pod, metadata: { name: 'p', labels } } as KubeObject;
  const next = applyConfiguration(object, { metadata: { annotations: labels } }, pods);
  (next.metadata.annotations as Record<string, string>)['x'] = 'z';
  expect([labels, next.metadata.labels]).toEqual([{ x: 'y' }, { x: 'y' }]);
});

const prefix = 'error applying patch: ';
const atomic = `${prefix}invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: `;

test.each<[string, object, string]>([
  ['an atomic list', { spec: { containers: [{ name: 'c', args: ['y'] }] } }, `${atomic}.spec.containers[0].args`],
  [
    'atomic lists and structs at several places',
    {
      spec: {
        nodeSelector: { a: 'b' },
        tolerations: [{ key: 'k' }],
        affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [] } },
      },
    },
    `${atomic}.spec.nodeSelector, .spec.tolerations, .spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution`,
  ],
  ['an empty atomic list', { spec: { tolerations: [] } }, `${atomic}.spec.tolerations`],
  [
    'a field nobody knows',
    { spec: { nope: 1 } },
    `${prefix}failed to convert patch object to typed object: .spec.nope: field not declared in schema`,
  ],
  [
    'a list item without its key',
    { spec: { containers: [{ image: 'j' }] } },
    `${prefix}failed to convert patch object to typed object: .spec.containers: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn't have default values for any key fields)`,
  ],
  ['a hostile key', JSON.parse('{"metadata": {"labels": {"__proto__": "x"}}}'), 'the key "__proto__" is not supported'],
  [
    'a value that no pod can have',
    { spec: { activeDeadlineSeconds: 1.5 } },
    'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal number 1.5 into Go struct field PodSpec.spec.activeDeadlineSeconds of type int64',
  ],
])('%s is refused', (_, config, message) => {
  const apply = () => applyConfiguration(pod, config, pods);
  expect(apply).toThrow(MutationError);
  expect(apply).toThrow(expect.objectContaining({ message }));
});

test('operations change a copy', () => {
  const operations = [
    { op: 'replace', path: '/spec/containers/0/image', value: 'j' },
    { op: 'copy', from: '/metadata/labels', path: '/metadata/annotations' },
    { op: 'add', path: '/spec/containers/-', value: { name: 'd', image: 'k' } },
  ];
  expect(applyOperations(pod, operations, pods)).toMatchObject({
    metadata: { labels: { a: 'b' }, annotations: { a: 'b' } },
    spec: {
      containers: [
        { name: 'c', image: 'j', args: ['x'] },
        { name: 'd', image: 'k' },
      ],
    },
  });
  expect(pod.metadata.annotations).toBeUndefined();
});

test('a test that fails leaves the object as it is', () => {
  const operations = [
    { op: 'remove', path: '/metadata/labels' },
    { op: 'test', path: '/spec/containers/0/image', value: 'other' },
  ];
  expect(applyOperations(pod, operations, pods)).toEqual(pod);
});

test.each<[string, object[], string]>([
  [
    'a path that leads nowhere',
    [{ op: 'replace', path: '/spec/nope/x', value: 1 }],
    'JSON Patch: replace operation does not apply: doc is missing path: /spec/nope/x: missing value',
  ],
  ['an operation nobody knows', [{ op: 'frob', path: '/spec' }], 'JSON Patch: Unexpected kind: frob'],
])('%s is refused', (_, operations, message) => {
  expect(() => applyOperations(pod, operations, pods)).toThrow(MutationError);
  expect(() => applyOperations(pod, operations, pods)).toThrow(message);
});

test('a result that is no pod is an error of the server', () => {
  const apply = (path: string, value: unknown) => () => applyOperations(pod, [{ op: 'add', path, value }], pods);
  expect(apply('/spec/nope', 1)).toThrow(expect.objectContaining({ status: expect.objectContaining({ code: 500 }) }));
  expect(apply('/spec', 'text')).toThrow(
    'json: cannot unmarshal string into Go struct field Pod.spec of type v1.PodSpec',
  );
  expect(apply('/kind', 'Node')).toThrow(expect.objectContaining({ status: expect.objectContaining({ code: 500 }) }));
});

test('a Scale is merged as a Scale', () => {
  const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'd' }, spec: { replicas: 9 } };
  const at = target('apps/v1/deployments', 'scale');
  expect(applyConfiguration(scale, { spec: { replicas: 3 } }, at)).toMatchObject({
    kind: 'Scale',
    spec: { replicas: 3 },
  });
  expect(() => applyConfiguration(scale, { spec: { template: {} } }, at)).toThrow('.spec.template: field not declared');
});
