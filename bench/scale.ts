import { Agent } from 'node:https';
import { type MeasuredCluster, post, seen, send, startMeasured } from './cluster.ts';
import { cpuMilliseconds, megabytes, pause } from './idle.ts';
import { type Recorded, record, recordMedian } from './record.ts';
import { isReady } from './start.ts';

/** A cluster of simulated nodes, up. */
async function simulated(nodes: number): Promise<MeasuredCluster> {
  const cluster = await startMeasured(['--runtime', 'simulated', '--nodes', String(nodes)]);
  await cluster.ready();
  return cluster;
}

/** Seconds from the exec of the bundle until a watch has seen so many nodes Ready. */
export async function nodeFigure(nodes: number, runs = 3): Promise<Recorded> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    using cluster = await startMeasured(['--runtime', 'simulated', '--nodes', String(nodes)]);
    const ready = new Set<string>();
    const all = await seen(cluster.target, '/api/v1/nodes', (node) => {
      if (isReady(node)) ready.add((node as { metadata?: { name?: string } }).metadata?.name ?? '');
      return ready.size === nodes;
    });
    times.push((all - cluster.started) / 1000);
    await cluster.ready();
  }
  return recordMedian(`scale.nodes.${nodes}`, 's', times);
}

const deployments = '/apis/apps/v1/namespaces/default/deployments';

function deployment(name: string, replicas: number): object {
  const labels = { app: name };
  const spec = {
    containers: [{ name: 'web', image: 'web:1', resources: { requests: { cpu: '10m', memory: '10Mi' } } }],
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

/** Seconds from the POST of a Deployment until its status says that all its pods are ready. */
async function rollOut(cluster: MeasuredCluster, name: string, replicas: number): Promise<number> {
  const ready = seen(
    cluster.target,
    `${deployments}?fieldSelector=metadata.name%3D${name}`,
    (object) => (object as { status?: { readyReplicas?: number } }).status?.readyReplicas === replicas,
  );
  const posted = performance.now();
  await post(cluster, deployments, deployment(name, replicas));
  return ((await ready) - posted) / 1000;
}

/** 5,000 pods on 500 nodes, each time in a new cluster. */
export async function deploymentFigure(runs = 3): Promise<Recorded> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    using cluster = await simulated(500);
    times.push(await rollOut(cluster, 'big', 5000));
  }
  return recordMedian('scale.deployment.5000', 's', times);
}

/** Milliseconds from the DELETE of a namespace until a GET is answered with 404. */
async function namespaceGone(cluster: MeasuredCluster, name: string, objects: number): Promise<number> {
  await post(cluster, '/api/v1/namespaces', { metadata: { name } });
  // Its own objects are there before anything is counted or deleted.
  for (const own of ['serviceaccounts/default', 'configmaps/kube-root-ca.crt'])
    await answered(cluster, `/api/v1/namespaces/${name}/${own}`, 200);
  for (let i = 0; i < objects; i += 50) {
    const batch = Array.from({ length: Math.min(50, objects - i) }, (_, k) => ({ metadata: { name: `o-${i + k}` } }));
    await Promise.all(batch.map((object) => post(cluster, `/api/v1/namespaces/${name}/configmaps`, object)));
  }
  const path = `/api/v1/namespaces/${name}`;
  const begun = performance.now();
  await send(cluster.target, 'DELETE', path);
  await answered(cluster, path, 404);
  return performance.now() - begun;
}

/** Asks on one connection until the answer is this. */
async function answered(cluster: MeasuredCluster, path: string, code: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while ((await send(cluster.target, 'GET', path, undefined, agent)).code !== code) await pause(1);
  agent.destroy();
}

export async function namespaceFigures(runs = 5): Promise<Recorded[]> {
  using cluster = await simulated(1);
  const full: number[] = [];
  const empty: number[] = [];
  for (let i = 0; i < runs; i++) {
    full.push(await namespaceGone(cluster, `full-${i}`, 1000));
    empty.push(await namespaceGone(cluster, `empty-${i}`, 0));
  }
  return [recordMedian('scale.namespace.1000', 'ms', full), recordMedian('scale.namespace.empty', 'ms', empty)];
}

/** Ten Deployments of a thousand pods each on a thousand nodes: how long they take, and what they cost at rest. */
export async function restFigures(seconds = 60): Promise<Recorded[]> {
  using cluster = await simulated(1000);
  const begun = performance.now();
  await Promise.all(Array.from({ length: 10 }, (_, i) => rollOut(cluster, `d-${i}`, 1000)));
  const took = (performance.now() - begun) / 1000;
  const pid = cluster.pid();
  // The collector cleans up after the burst for half a minute.
  await pause(40_000);
  const before = cpuMilliseconds(pid);
  const from = performance.now();
  await pause(seconds * 1000);
  const share = (100 * (cpuMilliseconds(pid) - before)) / (performance.now() - from);
  return [
    record({ name: 'scale.pods.10000', value: took, unit: 's', n: 1 }),
    record({ name: 'scale.idle.cpu', value: share, unit: '% of a core', n: 1 }),
    record({ name: 'scale.idle.memory', value: megabytes(pid, 'Pss'), unit: 'MB (PSS)', n: 1 }),
  ];
}
