import { nodes as nodesRef, pods as podsRef } from '../../src/api/kinds.gen.ts';
import type { Mutable } from '../../src/api/object.ts';
import type { Node, Pod, PodSpec } from '../../src/api/types/core-v1.gen.ts';
import { ManualClock } from '../../src/base/clock.ts';
import { SystemIds } from '../../src/base/ids.ts';
import { silentLogger } from '../../src/base/log.ts';
import { Scope } from '../../src/base/scope.ts';
import { createClient } from '../../src/client/client.ts';
import { createScheduler } from '../../src/scheduler/scheduler.ts';
import { type ControlPlane, type ControlPlaneOptions, controlPlane } from './controllers.ts';

const schedulerUser = { name: 'system:kube-scheduler', groups: ['system:authenticated'] };

/** Controllers and the scheduler on an API server in memory, each as who it is in a cluster. There are no kubelets. */
export interface Scheduled extends AsyncDisposable {
  readonly plane: ControlPlane;
  readonly clock: ManualClock;
  /** "Warning FailedScheduling: …": the events of the scheduler so far. */
  readonly told: readonly string[];
  addNode(name: string, labels?: Record<string, string>): Promise<Node>;
  addPod(name: string, spec?: Mutable<Partial<PodSpec>>): Promise<Pod>;
  /** Resolves with the pod once it is as wanted. Time passes meanwhile, for back-offs and timeouts. */
  podWhen(name: string, wanted: (pod: Pod) => boolean): Promise<Pod>;
  /** Resolves with the name of the node the pod is bound to. */
  nodeOf(name: string): Promise<string>;
  /** Resolves once the PodScheduled condition of a pod says this. */
  refused(name: string, message: string): Promise<Pod>;
  /** Lets time pass until the promise settles. */
  passing<T>(promise: Promise<T>): Promise<T>;
}

export async function scheduled(options: Pick<ControlPlaneOptions, 'disabled' | 'server'> = {}): Promise<Scheduled> {
  const clock = new ManualClock();
  const plane = await controlPlane({ clock, pods: false, ...options });
  const told: string[] = [];
  const scope = new Scope((name, error) => {
    throw new Error(`${name} failed`, { cause: error });
  });
  const scheduler = createScheduler({
    client: createClient(plane.api.server.transport(schedulerUser)),
    informers: plane.informers,
    clock,
    ids: new SystemIds(),
    log: silentLogger,
    recorder: () => ({ event: (_, type, reason, message) => void told.push(`${type} ${reason}: ${message}`) }),
  });
  scope.spawn('scheduler', (signal) => scheduler.run(signal));
  const passing: Scheduled['passing'] = async (promise) => {
    let settled = false;
    const settle = () => void (settled = true);
    promise.then(settle, settle);
    while (!settled) await clock.advance(500);
    return promise;
  };
  const podWhen: Scheduled['podWhen'] = async (name, wanted) => {
    const found = plane.until(podsRef, `default/${name}`, (pod) => pod !== undefined && wanted(pod));
    return (await passing(found))!;
  };
  const condition = ({ status }: Pod) => status?.conditions?.find(({ type }) => type === 'PodScheduled');
  return {
    plane,
    clock,
    told,
    passing,
    podWhen,
    async addNode(name, labels = {}) {
      const client = plane.client.resource(nodesRef);
      const status = { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } };
      await client.create({ metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } } });
      await client.mergePatch({ name }, { status }, { subresource: 'status' });
      // New nodes carry the not-ready taint, which the node lifecycle controller takes away.
      return client.mergePatch({ name }, { spec: { taints: null } });
    },
    addPod: (name, spec = {}) =>
      plane.client.resource(podsRef).create({
        metadata: { name, namespace: 'default' },
        spec: { containers: [{ name: 'app', image: 'app' }], ...spec } as PodSpec,
      }),
    nodeOf: async (name) => (await podWhen(name, ({ spec }) => spec?.nodeName !== undefined)).spec!.nodeName!,
    refused: (name, message) => podWhen(name, (pod) => condition(pod)?.message === message),
    async [Symbol.asyncDispose]() {
      await scope.close();
      await plane[Symbol.asyncDispose]();
    },
  };
}
