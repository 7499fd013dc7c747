import { spawnSync } from 'node:child_process';
import { type MeasuredCluster, post, seen, send } from './cluster.ts';
import { type Recorded, recordMedian } from './record.ts';
import { isReady } from './start.ts';

const pods = '/api/v1/namespaces/default/pods';
const podNamed = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: 'bench' } },
  spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'web', image: 'krill-test/web:1' }] },
});

const oneReady = (cluster: MeasuredCluster, name: string) =>
  seen(cluster.target, `${pods}?fieldSelector=metadata.name%3D${name}`, isReady);

/** From the POST of one pod with a local image to Ready at a watcher; pods one after the other. */
export async function podAtServer(cluster: MeasuredCluster, runs = 5): Promise<Recorded> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const name = `server-${i}`;
    const ready = oneReady(cluster, name);
    const posted = performance.now();
    await post(cluster, pods, podNamed(name));
    times.push((await ready) - posted);
    await send(cluster.target, 'DELETE', `${pods}/${name}?gracePeriodSeconds=0`);
  }
  return recordMedian('pod.server', 'ms', times);
}

/** `kubectl apply` and `kubectl wait` of one pod, by the whole command. */
export function podByKubectl(cluster: MeasuredCluster, runs = 5): Recorded | undefined {
  if (spawnSync('kubectl', ['version', '--client']).error) {
    console.error('pod.kubectl is left out: kubectl is not installed.');
    return undefined;
  }
  const times: number[] = [];
  const kubectl = (args: string[], input = '') => {
    const ended = spawnSync('kubectl', args, {
      env: { ...process.env, KUBECONFIG: cluster.kubeconfig },
      input,
      encoding: 'utf8',
    });
    if (ended.status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${ended.stderr}`);
  };
  for (let i = 0; i < runs; i++) {
    const name = `kubectl-${i}`;
    const begun = performance.now();
    kubectl(['apply', '-f', '-'], JSON.stringify(podNamed(name)));
    kubectl(['wait', '--for=condition=Ready', `pod/${name}`, '--timeout=60s']);
    times.push(performance.now() - begun);
    kubectl(['delete', 'pod', name, '--grace-period=0', '--force']);
  }
  return recordMedian('pod.kubectl', 'ms', times);
}

/** From the POST of a Deployment of ten pods to readyReplicas = 10. */
export async function tenPods(cluster: MeasuredCluster, runs = 5): Promise<Recorded> {
  const path = '/apis/apps/v1/namespaces/default/deployments';
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const name = `ten-${i}`;
    const { spec } = podNamed(name);
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        replicas: 10,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec },
      },
    };
    const ready = seen(
      cluster.target,
      `${path}?fieldSelector=metadata.name%3D${name}`,
      (object) => (object as { status?: { readyReplicas?: number } }).status?.readyReplicas === 10,
    );
    const posted = performance.now();
    await post(cluster, path, deployment);
    times.push((await ready) - posted);
    await send(cluster.target, 'DELETE', `${path}/${name}?propagationPolicy=Foreground`);
    while ((await send(cluster.target, 'GET', `${path}/${name}`)).code !== 404)
      await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return recordMedian('pods.ten', 'ms', times);
}
