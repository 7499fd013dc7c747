import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BoundKubectl, bind, type Installation, installation } from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';

/** What a driver publishes: one device on each of two nodes. */
const offered = (nodes: readonly string[]) => `apiVersion: resource.k8s.io/v1
kind: DeviceClass
metadata:
  name: gpu.example.com
spec:
  extendedResourceName: example.com/gpu
  selectors:
  - cel: {expression: 'device.driver == "gpu.example.com"'}
${nodes
  .map(
    (node, n) => `---
apiVersion: resource.k8s.io/v1
kind: ResourceSlice
metadata:
  name: ${node}-gpus
spec:
  driver: gpu.example.com
  nodeName: ${node}
  pool: {name: ${node}, generation: 1, resourceSliceCount: 1}
  devices:
  - name: gpu-0
    attributes:
      model: {string: ${n === 0 ? 'small' : 'large'}}
    capacity:
      memory: {value: ${n === 0 ? '8Gi' : '80Gi'}}
`,
  )
  .join('')}`;

const wanted = (pod: string) => `apiVersion: v1
kind: Pod
metadata:
  name: ${pod}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: app
    image: app:1
    resources:
      claims: [{name: gpu}]
  resourceClaims:
  - name: gpu
    resourceClaimTemplateName: large
`;
const template = `apiVersion: resource.k8s.io/v1
kind: ResourceClaimTemplate
metadata:
  name: large
spec:
  spec:
    devices:
      requests:
      - name: gpu
        exactly:
          deviceClassName: gpu.example.com
          selectors:
          - cel: {expression: 'device.capacity["gpu.example.com"].memory.compareTo(quantity("40Gi")) >= 0'}
`;

const asking = {
  spec: { containers: [{ name: 'app', image: 'app:1', resources: { limits: { 'example.com/gpu': '1' } } }] },
};

describe.each(kubectls())('devices, by kubectl $minor', ({ path, minor }) => {
  let installed: Installation;
  let kubectl: BoundKubectl;
  let nodes: string[];

  beforeAll(async () => {
    installed = installation();
    await installed.must('up', `dra${minor.replace('.', '-')}`, '--runtime', 'simulated', '--nodes', '2');
    kubectl = bind(path, installed);
    nodes = (await kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}')).split(' ');
    await kubectl.apply(offered(nodes));
    await kubectl.apply(template);
  });
  afterAll(() => installed[Symbol.asyncDispose]());

  test('pods run where the device is that their claim asks for, one after the other', async () => {
    await kubectl.apply(wanted('first'));
    await kubectl('wait', 'pod/first', '--for=condition=Ready', '--timeout=30s');
    expect(await kubectl('get', 'pod', 'first', '-o', 'jsonpath={.spec.nodeName}')).toBe(nodes[1]);
    expect(await kubectl('get', 'resourceclaims')).toMatch(/first-gpu-\w{5}\s+allocated,reserved/);

    await kubectl.apply(wanted('second'));
    await kubectl('wait', 'pod/second', '--for=condition=PodScheduled=False', '--timeout=30s');
    expect(await kubectl('describe', 'pod', 'second')).toContain('2 cannot allocate all claims');

    await kubectl('delete', 'pod', 'first');
    await kubectl('wait', 'pod/second', '--for=condition=Ready', '--timeout=30s');
    const claims = await kubectl(
      'get',
      'resourceclaims',
      '-o',
      'jsonpath={.items[*].metadata.ownerReferences[0].name}',
    );
    expect(claims).toBe('second');
  });

  test('a pod that asks for an extended resource gets a device for it', async () => {
    await kubectl('run', 'old-style', '--image=app:1', `--overrides=${JSON.stringify(asking)}`);
    await kubectl('wait', 'pod/old-style', '--for=condition=Ready', '--timeout=30s');
    const claim = await kubectl(
      'get',
      'pod',
      'old-style',
      '-o',
      'jsonpath={.status.extendedResourceClaimStatus.resourceClaimName}',
    );
    const device = '{.status.allocation.devices.results[0].pool}';
    expect(await kubectl('get', 'resourceclaim', claim, '-o', `jsonpath=${device}`)).toBe(nodes[0]);
  });

  test('pods leave a device that is tainted, and none comes to it', async () => {
    const taints = JSON.stringify([
      { op: 'add', path: '/spec/devices/0/taints', value: [{ key: 'example.com/broken', effect: 'NoExecute' }] },
    ]);
    await kubectl('patch', 'resourceslice', `${nodes[1]}-gpus`, '--type=json', '-p', taints);
    await kubectl('wait', 'pod/second', '--for=delete', '--timeout=30s');
    expect(await kubectl('get', 'events', '--field-selector', 'reason=DeviceTaintManagerEviction')).toContain(
      'Marking for deletion',
    );

    await kubectl.apply(wanted('third'));
    await kubectl('wait', 'pod/third', '--for=condition=PodScheduled=False', '--timeout=30s');
    expect(await kubectl('get', 'resourceclaims')).toMatch(/^third-gpu-\w{5}\s+pending/m);
  });
});
