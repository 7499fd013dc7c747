import { events as eventsRef, nodes as nodesRef, pods as podsRef } from '../../src/api/kinds.gen.ts';
import type { Event, Pod } from '../../src/api/types/core-v1.gen.ts';
import { type Clock, SystemClock } from '../../src/base/clock.ts';
import { SystemIds } from '../../src/base/ids.ts';
import { silentLogger } from '../../src/base/log.ts';
import { Scope } from '../../src/base/scope.ts';
import { type Client, createClient } from '../../src/client/client.ts';
import { ApiEventRecorder } from '../../src/client/event-recorder.ts';
import { Informers } from '../../src/client/informers.ts';
import { readSchedulerConfig } from '../../src/scheduler/config/scheduler-config.ts';
import { availablePlugins } from '../../src/scheduler/framework.ts';
import { createScheduler } from '../../src/scheduler/scheduler.ts';
import { type NodeFields, node, type PodFields, pod } from '../unit/scheduler/kit.ts';
import { apiServer, type TestApi } from './api-server.ts';
import { seen } from './seen.ts';

/** A scheduler on an API server in memory, with nodes that are only objects. */
export interface SchedulerRig extends AsyncDisposable {
  readonly api: TestApi;
  readonly client: Client;
  addNode(fields: NodeFields): Promise<void>;
  addPod(fields: PodFields & { readonly name: string }): Promise<Pod>;
  /** Resolves with the pod once it is as wanted. */
  until(name: string, wanted: (pod: Pod) => boolean): Promise<Pod>;
  /** The events about a pod that have been told so far. */
  told(name: string): Promise<readonly Event[]>;
}

const head = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';

/** `config` is what comes after the type of a KubeSchedulerConfiguration. */
export async function schedulerRig(config = '', clock: Clock = new SystemClock()): Promise<SchedulerRig> {
  const api = await apiServer({ clock });
  const env = { clock, ids: new SystemIds(), log: silentLogger };
  const client = createClient(api.transport);
  const informers = new Informers(api.transport, env);
  const recorders: ApiEventRecorder[] = [];
  const scheduler = createScheduler({
    ...env,
    client,
    informers,
    config: readSchedulerConfig(head + config, availablePlugins).config,
    recorder: (component) => {
      const recorder = new ApiEventRecorder({ client, component, ...env });
      recorders.push(recorder);
      return recorder;
    },
  });
  const scope = new Scope((name, error) => {
    throw new Error(`${name} failed`, { cause: error });
  });
  scope.spawn('informers', (signal) => informers.run(signal));
  scope.spawn('scheduler', (signal) => scheduler.run(signal));
  return {
    api,
    client,
    async addNode(fields) {
      const object = node(fields);
      await client.resource(nodesRef).create(object);
      await client.resource(nodesRef).updateStatus(object);
      // New nodes carry the not-ready taint, which the node lifecycle controller takes away.
      const taints = fields.taints ?? null;
      await client.resource(nodesRef).mergePatch({ name: fields.name }, { spec: { taints } });
    },
    async addPod(fields) {
      const { metadata, ...rest } = pod(fields);
      const { uid: _, ...named } = metadata!;
      return client.resource(podsRef).create({ ...rest, metadata: named } as Pod);
    },
    until: (name, wanted) => seen(client, podsRef, { namespace: 'default', name }, wanted),
    async told(name) {
      await Promise.all(recorders.map((recorder) => recorder.flush()));
      const { items } = await client.resource(eventsRef).list({ namespace: 'default' });
      return items.filter(({ involvedObject }) => involvedObject.name === name);
    },
    async [Symbol.asyncDispose]() {
      await scope.close();
      await api[Symbol.asyncDispose]();
    },
  };
}

export const isBound = ({ spec }: Pod): boolean => spec?.nodeName !== undefined;
/** Whether the scheduler has said why the pod is not placed. */
export const isRefused = (object: Pod): boolean => scheduled(object)?.status === 'False';
export const scheduled = ({ status }: Pod) => status?.conditions?.find(({ type }) => type === 'PodScheduled');
