import { seen, send, startMeasured } from './cluster.ts';
import { type Figure, median, record } from './record.ts';

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

/**
 * From the exec of the bundle, with a new data folder: to the first accepted write (polled every millisecond), and to
 * the node seen Ready by a watch.
 */
export async function startFigures(runtime: string, runs = 5): Promise<Figure[]> {
  const writes: number[] = [];
  const nodes: number[] = [];
  for (let i = 0; i < runs; i++) {
    using cluster = await startMeasured(['--runtime', runtime, '--nodes', '1']);
    for (;;) {
      const answer = await send(cluster.target, 'POST', '/api/v1/namespaces/default/configmaps', configMap).catch(
        () => undefined,
      );
      if (answer?.code === 201) break;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    writes.push(performance.now() - cluster.started);
    nodes.push((await seen(cluster.target, '/api/v1/nodes', isReady)) - cluster.started);
  }
  return [
    record({
      name: `start.${runtime}.first-write`,
      value: median(writes),
      unit: 'ms',
      n: runs,
      runs: writes.map(Math.round),
    }),
    record({
      name: `start.${runtime}.node-ready`,
      value: median(nodes),
      unit: 'ms',
      n: runs,
      runs: nodes.map(Math.round),
    }),
  ];
}
