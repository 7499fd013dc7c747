import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type BoundKubectl,
  bind,
  buildTestImages,
  dockerAnswers,
  type Installation,
  installation,
} from '../../kit/krill.ts';
import { kubectls } from '../../kit/kubectl.ts';

const template = `apiVersion: v1
kind: Node
metadata:
  labels: {hardware: simulated}
spec:
  taints:
  - {key: hardware, value: simulated, effect: NoSchedule}
status:
  capacity: {cpu: "64", example.com/gpu: "8"}
`;

const fakeNode = `apiVersion: v1
kind: Node
metadata:
  name: kwok-node-0
  annotations: {kwok.x-k8s.io/node: fake}
  labels: {hardware: fake}
spec:
  taints:
  - {key: hardware, value: fake, effect: NoSchedule}
`;

const pod = (name: string, hardware: string) => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
spec:
  nodeSelector: {hardware: ${hardware}}
  tolerations:
  - {key: hardware, operator: Exists}
  containers:
  - name: web
    image: nowhere.example/any:1
`;

describe.skipIf(!dockerAnswers())('Docker nodes and simulated nodes in one cluster', () => {
  let installed: Installation;
  let kubectl: BoundKubectl;

  beforeAll(async () => {
    buildTestImages();
    installed = installation();
    const file = join(installed.home, 'node.yaml');
    writeFileSync(file, template);
    await installed.must(
      ...['up', 'mixed', '--runtime', 'docker', '--nodes', '1', '--simulated-nodes', '100', '--node-template', file],
    );
    kubectl = bind(kubectls()[0]!.path, installed);
  });
  afterAll(() => installed?.[Symbol.asyncDispose]());

  test('all are Ready; pods go where they belong, and what runs in Docker really runs', async () => {
    const nodes = (await kubectl('get', 'nodes', '--no-headers')).trim().split('\n');
    expect(nodes).toHaveLength(101);
    expect(nodes.filter((line) => !/\sReady\s/.test(line))).toEqual([]);
    expect(await kubectl('get', 'nodes', '-l', 'hardware=simulated', '-o', 'name')).toContain('node/sim-100');
    await kubectl.apply(fakeNode);
    await kubectl('wait', 'node/kwok-node-0', '--for=condition=Ready', '--timeout=30s');

    await kubectl('run', 'real', '--image=krill-test/web:1');
    await kubectl.apply(`${pod('simulated', 'simulated')}---\n${pod('fake', 'fake')}`);
    await kubectl('wait', 'pod/real', 'pod/simulated', 'pod/fake', '--for=condition=Ready', '--timeout=60s');
    const where = await kubectl(
      'get',
      'pods',
      '-o',
      'jsonpath={range .items[*]}{.metadata.name}={.spec.nodeName} {end}',
    );
    expect(where).toMatch(/^fake=kwok-node-0 real=node-1 simulated=sim-\d+ $/);
    expect(await kubectl('exec', 'real', '--', 'hostname')).toBe('real\n');
    expect((await kubectl.run(['exec', 'simulated', '--', 'hostname'])).stderr).toContain('is simulated');
  });

  test('after a stop and a start everything is as it was', async () => {
    const uids = () => kubectl('get', 'pods', '-o', 'jsonpath={.items[*].status.containerStatuses[0].containerID}');
    const before = await uids();
    await installed.must('down', 'mixed');
    await installed.must('up', 'mixed');
    await kubectl('wait', 'node/kwok-node-0', 'pod/real', 'pod/fake', '--for=condition=Ready', '--timeout=30s');
    expect(await uids()).toBe(before);
  });
});
