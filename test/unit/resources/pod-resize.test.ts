import { expect, test } from 'vitest';
import type { KubeObject, Mutable } from '../../../src/api/object.ts';
import { set, updateSubresource } from './rules-kit.ts';

const amounts = 'resources: {requests: {cpu: 1, memory: 1Gi}}';
const pod = (spec = ''): string =>
  `{spec: {containers: [{name: c, image: "i:1", ${amounts}}, {name: d, image: "i:1"}], initContainers: [{name: s, image: "i:1", restartPolicy: Always, ${amounts}}, {name: i, image: "i:1", ${amounts}}]${spec && `, ${spec}`}}}`;

const resize = (yaml: string, change: (object: Mutable<KubeObject>) => void) =>
  updateSubresource('pods', 'resize', yaml, change);

interface Spec {
  containers: { name: string; resources?: object }[];
}
const specOf = (object: Mutable<KubeObject>): Spec => object['spec'] as Spec;

test.each<[string, string, unknown, string[]]>([
  ['the CPU of a container', 'spec.containers.0.resources.requests.cpu', '2', []],
  ['the memory of a sidecar', 'spec.initContainers.0.resources.requests.memory', '2Gi', []],
  [
    'another resource of a sidecar',
    'spec.initContainers.0.resources.requests.ephemeral-storage',
    '1Gi',
    ['spec.initContainers[0]: Forbidden: only cpu and memory resources for init or sidecar containers are mutable'],
  ],
  [
    'an init container',
    'spec.initContainers.1.resources.requests.cpu',
    '2',
    ['spec: Forbidden: resources for non-sidecar init containers are immutable'],
  ],
  [
    'the name of a container',
    'spec.containers.0.name',
    'e',
    ['spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize'],
  ],
  [
    'requests away',
    'spec.containers.0.resources.requests',
    { cpu: '1' },
    ['spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed'],
  ],
])('resize changes %s', (_what, path, value, expected) => {
  expect(resize(pod(), (object) => set(object, path, value)).errors).toEqual(expected);
});

test('resize neither adds nor swaps containers, and leaves all else alone', () => {
  expect(resize(pod(), (object) => void specOf(object).containers.pop()).errors).toEqual([
    'spec.containers: Forbidden: containers may not be added or removed on resize',
  ]);
  expect(resize(pod(), (object) => void specOf(object).containers.reverse()).errors).toEqual([
    'spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize',
    'spec.containers[1].name: Forbidden: containers may not be renamed or reordered on resize',
  ]);
  const { object, errors } = resize(pod(), (o) => set(o, 'spec.containers.0.image', 'other'));
  expect(errors).toEqual([]);
  expect(object).toMatchObject({ spec: { containers: [{ image: 'i:1' }, {}] } });
});

test('what the pod has as a whole may change, but not vanish', () => {
  const whole = pod('resources: {requests: {cpu: 4, memory: 4Gi}, limits: {cpu: 4}}');
  expect(resize(whole, (object) => set(object, 'spec.resources.requests.memory', '5Gi')).errors).toEqual([]);
  expect(resize(whole, (object) => set(object, 'spec.resources', undefined)).errors).toContain(
    'spec.resources: Forbidden: pod-level resources cannot be removed',
  );
  expect(resize(whole, (object) => set(object, 'spec.resources.limits', undefined)).errors).toContain(
    'spec.resources.limits: Forbidden: pod-level resource limits cannot be removed',
  );
});

test.each<[string, string, string[]]>([
  [
    'a static pod',
    '{metadata: {annotations: {kubernetes.io/config.mirror: x}}, spec: {nodeName: n, containers: [{name: c, image: i}]}}',
    ['[]: Forbidden: static pods cannot be resized'],
  ],
  [
    'a Windows pod',
    '{spec: {os: {name: windows}, containers: [{name: c, image: i}]}}',
    ['[]: Forbidden: windows pods cannot be resized'],
  ],
])('%s is not resized', (_what, yaml, expected) => {
  expect(resize(yaml, () => {}).errors).toEqual(expected);
});
