import type { KubeObject } from '../../../src/api/object.ts';
import type { Node, Pod } from '../../../src/api/types/core-v1.gen.ts';
import { SystemClock } from '../../../src/base/clock.ts';
import { SystemIds } from '../../../src/base/ids.ts';
import { createLogger, type LogRecord } from '../../../src/base/log.ts';
import { createClient } from '../../../src/client/client.ts';
import { Informers } from '../../../src/client/informers.ts';
import type { Kubelets } from '../../../src/kubelet/contract.ts';
import { createKubelets } from '../../../src/kubelet/manager.ts';
import { apiServer, type TestApi } from '../api-server.ts';
import { allowKubelets } from '../kubelets.ts';
import type { DockerTestCluster } from './cluster.ts';

/** An API server in memory with kubelets whose pods are real containers. */
export interface KubeletsOnDocker {
  readonly api: TestApi;
  readonly kubelets: Kubelets;
  readonly logged: LogRecord[];
  pod(name: string, spec: object): Promise<Pod>;
  get(name: string): Promise<Pod>;
  until(name: string, condition: (pod: Pod) => boolean): Promise<Pod>;
  untilNode(name: string, condition: (node: Node) => boolean): Promise<Node>;
  gone(name: string): Promise<void>;
  /** What a restart of krill does: everything in memory is lost, every container runs on. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function kubeletsOnDocker(
  cluster: DockerTestCluster,
  nodes: readonly string[],
): Promise<KubeletsOnDocker> {
  const clock = new SystemClock();
  const ids = new SystemIds();
  const api = await apiServer();
  await allowKubelets(api);
  const logged: LogRecord[] = [];
  const log = createLogger(clock, (record) => logged.push(record), 'warn');
  let stop = new AbortController();
  let running: Promise<unknown>[] = [];
  let kubelets!: Kubelets;
  const begin = () => {
    stop = new AbortController();
    const informers = new Informers(api.transport, { clock, ids, log });
    kubelets = createKubelets({
      client: createClient(api.transport, informers),
      informers,
      runtimes: [cluster.runtime],
      nodes: nodes.map((name, i) => ({ name, podCIDR: `10.244.${i}.0/24`, runtime: 'docker' })),
      clock,
      ids,
      log,
      clusterDNS: '10.96.0.10',
      clusterDomain: 'cluster.local',
    });
    running = [informers.run(stop.signal), kubelets.run(stop.signal)];
  };
  const end = async () => {
    stop.abort(new DOMException('stopped', 'AbortError'));
    await Promise.all(running);
  };
  begin();

  const seen = new Map<string, KubeObject>();
  const waiting = new Set<() => void>();
  const watching = new AbortController();
  for (const resource of ['pods', 'nodes']) {
    await api.transport.watch(
      { verb: 'watch', resource: { group: '', version: 'v1', resource }, options: {} },
      {
        events: (events) => {
          for (const { type, object } of events) {
            const key = `${resource}/${object.metadata.name}`;
            if (type === 'DELETED') seen.delete(key);
            else seen.set(key, object);
          }
          for (const look of waiting) look();
        },
        end: () => undefined,
      },
      watching.signal,
    );
  }
  const until = <T>(key: string, condition: (object: T | undefined) => boolean): Promise<T> =>
    new Promise((resolve, reject) => {
      const settle = () => {
        waiting.delete(look);
        timer.cancel();
      };
      const look = () => {
        const object = seen.get(key) as unknown as T | undefined;
        if (!condition(object)) return;
        settle();
        resolve(object as T);
      };
      const timer = clock.after(60_000, () => {
        settle();
        const state = JSON.stringify((seen.get(key) as { status?: unknown } | undefined)?.status, null, 1);
        reject(new Error(`${key} did not get there: ${state} ${JSON.stringify(logged, plainError)}`));
      });
      waiting.add(look);
      look();
    });
  return {
    api,
    logged,
    get kubelets() {
      return kubelets;
    },
    pod: (name, spec) =>
      api.call<Pod>('create', 'pods', {
        object: {
          metadata: { name },
          spec: { nodeName: nodes[0], automountServiceAccountToken: false, terminationGracePeriodSeconds: 5, ...spec },
        },
      }),
    get: (name) => api.call<Pod>('get', 'pods', { name }),
    until: (name, condition) => until<Pod>(`pods/${name}`, (pod) => pod !== undefined && condition(pod)),
    untilNode: (name, condition) => until<Node>(`nodes/${name}`, (node) => node !== undefined && condition(node)),
    gone: async (name) => void (await until(`pods/${name}`, (pod) => pod === undefined)),
    restart: async () => {
      await end();
      await cluster.restartProcess();
      begin();
    },
    close: async () => {
      watching.abort();
      await end();
      await api[Symbol.asyncDispose]();
    },
  };
}

const plainError = (_: string, value: unknown) => (value instanceof Error ? value.stack : value);
