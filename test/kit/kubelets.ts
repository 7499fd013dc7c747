import { thaw } from '../../src/api/object.ts';
import type { Pod } from '../../src/api/types/core-v1.gen.ts';
import { ManualClock } from '../../src/base/clock.ts';
import { SystemIds } from '../../src/base/ids.ts';
import { createLogger, type LogRecord } from '../../src/base/log.ts';
import { createClient } from '../../src/client/client.ts';
import { Informers } from '../../src/client/informers.ts';
import type { KubeletNode, Kubelets } from '../../src/kubelet/contract.ts';
import { createKubelets } from '../../src/kubelet/manager.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { bootstrapRbac } from '../../src/resources/rbac/bootstrap-roles.ts';
import { SimulatedRuntime } from '../../src/runtimes/simulated/runtime.ts';
import { apiServer, type TestApi } from './api-server.ts';
import { FakeRuntime } from './fake-runtime.ts';

/** An API server with kubelets on it and a clock the test turns. */
export interface TestKubelets extends AsyncDisposable {
  readonly api: TestApi;
  readonly clock: ManualClock;
  readonly fake: FakeRuntime;
  readonly kubelets: Kubelets;
  readonly logged: LogRecord[];
  /** Stops the kubelets and starts new ones, as a restart of krill does; `forget` also loses the simulated runtime. */
  restart(options?: { meanwhile?: () => unknown; forget?: boolean }): Promise<void>;
  /** Creates a pod bound to the node "n1" (or another); the spec's containers are enough. */
  pod(name: string, spec: object, extra?: object): Promise<Pod>;
  get(name: string): Promise<Pod>;
  /** Resolves with the pod once the condition holds for it. */
  until(name: string, condition: (pod: Pod) => boolean): Promise<Pod>;
  /** Resolves when the pod's object is gone. */
  gone(name: string): Promise<void>;
  /** "reason: message" of every event about a pod, oldest first. */
  events(name: string): Promise<string[]>;
}

export const fakeNode: KubeletNode = { name: 'n1', podCIDR: '10.244.0.0/24', runtime: 'docker' };

/** What kubelets need of a bare API server: the namespace of their leases and their rights. */
export async function allowKubelets(api: TestApi): Promise<void> {
  for (const name of ['kube-node-lease'])
    await api.call('create', 'namespaces', { namespace: '', object: { metadata: { name } } });
  for (const object of bootstrapRbac) {
    if (object.metadata.name !== 'system:node') continue;
    const resource = `rbac.authorization.k8s.io/v1/${object.kind.toLowerCase()}s`;
    await api.call('create', resource, { namespace: '', object: thaw(object) });
  }
}

export async function startKubelets(options: { nodes?: KubeletNode[] } = {}): Promise<TestKubelets> {
  const clock = new ManualClock();
  const ids = new SystemIds();
  const serviceAccounts = { key: generateKey(), issuer: 'https://kubernetes.default.svc' };
  const api = await apiServer({ clock, server: { serviceAccounts } });
  await allowKubelets(api);
  const fake = new FakeRuntime(clock);
  let simulated = new SimulatedRuntime({ clock });
  const logged: LogRecord[] = [];
  const log = createLogger(clock, (record) => logged.push(record), 'warn');
  let stop = new AbortController();
  let running: Promise<unknown>[] = [];
  let kubelets!: Kubelets;
  const begin = () => {
    stop = new AbortController();
    const informers = new Informers(api.transport, { clock, ids, log });
    kubelets = createKubelets({
      client: createClient(api.transport),
      informers,
      runtimes: [fake, simulated],
      nodes: options.nodes ?? [fakeNode],
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
  const get = (name: string) => api.call<Pod>('get', 'pods', { name });
  const until = async (name: string, condition: (pod: Pod) => boolean): Promise<Pod> => {
    for (let i = 0; i < 500; i++) {
      const pod = await get(name);
      if (condition(pod)) return pod;
      // Timers that are due now run too; time itself stands still.
      await clock.advance(0);
    }
    throw new Error(
      `${name} did not get there: ${JSON.stringify((await get(name)).status, null, 1)} ${JSON.stringify(logged, (_, v) => (v instanceof Error ? v.stack : v))}`,
    );
  };
  return {
    api,
    clock,
    fake,
    logged,
    get kubelets() {
      return kubelets;
    },
    restart: async ({ meanwhile, forget } = {}) => {
      await end();
      await meanwhile?.();
      // What only lived in the process is gone with it.
      if (forget) simulated = new SimulatedRuntime({ clock });
      begin();
    },
    pod: (name, spec, extra = {}) =>
      api.call<Pod>('create', 'pods', {
        object: {
          metadata: { name, ...extra },
          spec: { nodeName: 'n1', automountServiceAccountToken: false, ...spec },
        },
      }),
    get,
    until,
    gone: async (name) => {
      for (let i = 0; i < 500; i++) {
        const { items } = await api.list('pods', { fieldSelector: `metadata.name=${name}` });
        if (!items.length) return;
        await new Promise(setImmediate);
      }
      throw new Error(`${name} is still there: ${JSON.stringify((await get(name)).status, null, 1)}`);
    },
    events: async (name) => {
      // Events are written lazily; a flush does not wait for that.
      for (let i = 0; i < 20; i++) {
        await clock.advance(0);
        await api.store.flush();
      }
      const { items } = await api.list('events');
      const about = items as unknown as { involvedObject: { name: string }; reason: string; message: string }[];
      return about.filter((e) => e.involvedObject.name === name).map((e) => `${e.reason}: ${e.message}`);
    },
    [Symbol.asyncDispose]: async () => {
      await end();
      await api[Symbol.asyncDispose]();
    },
  };
}
