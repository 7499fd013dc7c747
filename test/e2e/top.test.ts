import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BoundKubectl, bind, type Installation, installation } from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';

const pod = (name: string, cpu: string, memory: string) => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  labels: {app: ${name}}
  annotations:
    krill.dev/usage-cpu: ${cpu}
    krill.dev/usage-memory: ${memory}
spec:
  containers:
  - {name: web, image: "web:1"}
  - {name: aside, image: "aside:1"}
---
`;

/** Rows without the header, columns split. */
const rows = (output: string) =>
  output
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));

describe.each(kubectls())('kubectl $minor top', ({ path, minor }) => {
  let installed: Installation;
  let kubectl: BoundKubectl;

  beforeAll(async () => {
    installed = installation();
    await installed.must('up', `t${minor.replace('.', '-')}`, '--runtime', 'simulated');
    kubectl = bind(path, installed);
    await kubectl.apply(pod('small', '100m', '32Mi') + pod('large', '1500m', '2Gi'));
    await kubectl('wait', 'pod/small', 'pod/large', '--for=condition=Ready', '--timeout=60s');
  });
  afterAll(() => installed[Symbol.asyncDispose]());

  test('pods: by name, label, namespace, container, and in order of use', async () => {
    expect(rows(await kubectl('top', 'pods'))).toEqual([
      ['large', '3000m', '4096Mi'],
      ['small', '200m', '64Mi'],
    ]);
    expect(rows(await kubectl('top', 'pods', '-l', 'app=small'))).toEqual([['small', '200m', '64Mi']]);
    expect(rows(await kubectl('top', 'pod', 'small', '--containers'))).toEqual([
      ['small', 'aside', '100m', '32Mi'],
      ['small', 'web', '100m', '32Mi'],
    ]);
    expect(rows(await kubectl('top', 'pods', '-A', '--sort-by=cpu')).map((row) => row.slice(0, 2))).toEqual([
      ['default', 'large'],
      ['default', 'small'],
    ]);
    expect((await kubectl.run(['top', 'pod', 'nobody'])).stderr).toContain(
      'podmetrics.metrics.k8s.io "default/nobody" not found',
    );
  });

  test('nodes: what their pods use together, and how much of the node that is', async () => {
    const [[name, cpu, share, memory]] = rows(await kubectl('top', 'nodes')) as [string[]];
    expect([name, cpu, share, memory]).toEqual(['node-1', '3200m', '10%', '4160Mi']);
  });

  test('kubectl get shows the metrics as a table, and pods still means pods', async () => {
    expect(rows(await kubectl('get', 'pods.metrics.k8s.io', 'small'))).toEqual([['small', '200m', '64Mi', '1s']]);
    expect(await kubectl('get', 'pods')).toMatch(/^NAME\s+READY\s+STATUS/);
    expect(await kubectl('get', 'apiservice', 'v1beta1.metrics.k8s.io')).toMatch(/Local\s+True/);
  });

  test('the kubelet’s own pages are there through the node’s proxy', async () => {
    const page = (name: string) => kubectl('get', '--raw', `/api/v1/nodes/node-1/proxy/${name}`);
    const { node, pods } = JSON.parse(await page('stats/summary'));
    expect(node).toMatchObject({ nodeName: 'node-1', cpu: { usageNanoCores: 3_200_000_000 } });
    const small = pods.find((p: { podRef: { name: string } }) => p.podRef.name === 'small');
    expect(small.memory.workingSetBytes).toBe(64 << 20);
    expect(small.containers[0]).toMatchObject({ name: 'web', cpu: { usageNanoCores: 100_000_000 } });
    const text = await page('metrics/resource');
    expect(text).toMatch(
      /^container_memory_working_set_bytes\{container="web",namespace="default",pod="small"\} 33554432 \d+$/m,
    );
    expect(text).toMatch(/^node_memory_working_set_bytes 4362076160 \d+$/m);
  });
});
