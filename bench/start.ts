import { type MeasuredCluster, seen, send, startMeasured } from './cluster.ts';
import { unknownImageBundle } from './engine.ts';
import { type Recorded, recordMedian } from './record.ts';

const configMap = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'first-' } });

interface Condition {
  readonly type: string;
  readonly status: string;
}

/** Whether a Pod or Node has the condition Ready=True. */
export const isReady = (object: Record<string, never>) =>
  ((object as { status?: { conditions?: Condition[] } }).status?.conditions ?? []).some(
    (c) => c.type === 'Ready' && c.status === 'True',
  );

/** Milliseconds from the exec of the bundle to the first accepted write, asked for every millisecond. */
async function firstWrite(cluster: MeasuredCluster): Promise<number> {
  for (;;) {
    const answer = await send(cluster.target, 'POST', '/api/v1/namespaces/default/configmaps', configMap).catch(
      () => undefined,
    );
    if (answer?.code === 201) return performance.now() - cluster.started;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Milliseconds from the exec of the bundle to the node seen Ready by a watch. */
const nodeReady = async (cluster: MeasuredCluster) =>
  (await seen(cluster.target, '/api/v1/nodes', isReady)) - cluster.started;

/** A new cluster with a new data folder, to its first write and its node Ready. */
export async function startFigures(runtime: string, runs = 5): Promise<Recorded[]> {
  const writes: number[] = [];
  const nodes: number[] = [];
  for (let i = 0; i < runs; i++) {
    using cluster = await startMeasured(['--runtime', runtime, '--nodes', '1']);
    writes.push(await firstWrite(cluster));
    nodes.push(await nodeReady(cluster));
  }
  return [
    recordMedian(`start.${runtime}.first-write`, 'ms', writes),
    recordMedian(`start.${runtime}.node-ready`, 'ms', nodes),
  ];
}

/** The same to node Ready, with a node image that the engine has yet to import. */
export async function firstImportFigures(runs = 5): Promise<Recorded[]> {
  const nodes: number[] = [];
  for (let i = 0; i < runs; i++) {
    using bundle = unknownImageBundle();
    using cluster = await startMeasured(['--runtime', 'docker', '--nodes', '1'], bundle.path);
    await firstWrite(cluster);
    nodes.push(await nodeReady(cluster));
  }
  return [recordMedian('start.docker.first-import', 'ms', nodes)];
}
