import { expect, test } from 'vitest';
import type { Dialer, NodeGateway } from '../../src/node/gateway.ts';
import { type HttpsApi, httpsApi } from '../kit/https-api.ts';
import { readProtobuf } from '../kit/protobuf.ts';

const metrics = '/apis/metrics.k8s.io/v1beta1';
const counters = {
  cpuNanos: 2e9,
  memoryWorkingSetBytes: 1 << 20,
  memoryRssBytes: 1 << 19,
  sampledAt: 1_700_000_000_000,
};
const rate = { nanoCores: 250_000_000, windowMs: 15_000 };

/** A server with the node n1, on which the pod a runs; the node n2 does not answer. */
async function measured(): Promise<HttpsApi> {
  let uid = '';
  const usage = async (node: string) => {
    if (node !== 'n1') throw new Error('no route');
    const container = { ...counters, name: 'c', startedAt: 1_699_999_999_500, rate };
    const pod = { namespace: 'default', name: 'a', uid, startTime: '2023-11-14T22:13:19Z', containers: [container] };
    return { node, ...counters, rate, pods: [pod] };
  };
  const server = await httpsApi({ nodes: () => ({ usage }) as unknown as NodeGateway & Dialer });
  for (const name of ['n1', 'n2']) await server.post('/api/v1/nodes', { metadata: { name } });
  const { json } = await server.post('/api/v1/namespaces/default/pods', {
    metadata: { name: 'a', labels: { app: 'a' } },
    spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] },
  });
  uid = (json as unknown as { metadata: { uid: string } }).metadata.uid;
  return server;
}

test('clients of either encoding read the same', async () => {
  await using server = await measured();
  const path = `${metrics}/namespaces/default/pods`;
  const item = {
    timestamp: '2023-11-14T22:13:20Z',
    window: '15s',
    containers: [{ name: 'c', usage: { cpu: '250m' } }],
  };
  const inJson = await server.ask(path);
  expect(inJson.json).toMatchObject({ kind: 'PodMetricsList', apiVersion: 'metrics.k8s.io/v1beta1', items: [item] });
  const { bytes } = await server.ask(path, { headers: { accept: 'application/vnd.kubernetes.protobuf' } });
  const inProtobuf = readProtobuf(bytes);
  expect(inProtobuf).toMatchObject({ kind: 'PodMetricsList', items: [item] });
  const one = await server.ask(`${path}/a`, { headers: { accept: 'application/vnd.kubernetes.protobuf' } });
  expect(readProtobuf(one.bytes)).toMatchObject({ kind: 'PodMetrics', ...item });
});

test('a node that does not answer has no metrics, and keeps none from the others', async () => {
  await using server = await measured();
  const { json } = await server.ask(`${metrics}/nodes`);
  expect((json as unknown as { items: object[] }).items).toMatchObject([
    { metadata: { name: 'n1' }, usage: { cpu: '250m', memory: '1Mi' } },
  ]);
});

test('metrics are read, not written or watched', async () => {
  await using server = await measured();
  const { json } = await server.ask(metrics);
  expect(json).toMatchObject({
    resources: [
      { name: 'nodes', singularName: 'node', namespaced: false, kind: 'NodeMetrics', verbs: ['get', 'list'] },
      { name: 'pods', singularName: 'pod', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
    ],
  });
  expect((await server.post(`${metrics}/namespaces/default/pods`, {})).code).toBe(405);
  expect((await server.ask(`${metrics}/nodes?watch=true`)).code).toBe(405);
});

test('the kubelet’s pages: a summary, and what Prometheus reads', async () => {
  await using server = await measured();
  const page = (path: string) => server.ask(`/api/v1/nodes/n1/proxy/${path}`);
  const cpu = { time: '2023-11-14T22:13:20Z', usageNanoCores: 250_000_000, usageCoreNanoSeconds: 2e9 };
  const memory = { time: '2023-11-14T22:13:20Z', workingSetBytes: 1 << 20, rssBytes: 1 << 19 };
  const [summary, text, other] = await Promise.all([page('stats/summary'), page('metrics/resource'), page('pods')]);
  expect(summary.json).toMatchObject({
    node: { nodeName: 'n1', cpu, memory },
    pods: [
      {
        podRef: { name: 'a', namespace: 'default' },
        cpu,
        containers: [{ name: 'c', startTime: '2023-11-14T22:13:19Z', cpu, memory }],
      },
    ],
  });
  expect(text.headers['content-type']).toMatch(/^text\/plain/);
  expect(text.text.split('\n').filter((line) => !line.startsWith('#'))).toEqual([
    'container_cpu_usage_seconds_total{container="c",namespace="default",pod="a"} 2 1700000000000',
    'container_memory_working_set_bytes{container="c",namespace="default",pod="a"} 1048576 1700000000000',
    'container_start_time_seconds{container="c",namespace="default",pod="a"} 1699999999.5 1700000000000',
    'node_cpu_usage_seconds_total 2 1700000000000',
    'node_memory_working_set_bytes 1048576 1700000000000',
    'pod_cpu_usage_seconds_total{namespace="default",pod="a"} 2 1700000000000',
    'pod_memory_working_set_bytes{namespace="default",pod="a"} 1048576 1700000000000',
    'resource_scrape_error 0',
    '',
  ]);
  expect(other.code).toBe(503);
  expect(other.json.message).toContain('only /stats/summary and /metrics/resource');
});
