import type { KeyObject } from 'node:crypto';
import { events as eventsRef, pods as podsRef } from '../../src/api/kinds.gen.ts';
import { type AnyKind, thaw } from '../../src/api/object.ts';
import type { ResourceRef } from '../../src/api/resource-ref.ts';
import { servedApis } from '../../src/api/served-apis.ts';
import { isStatus } from '../../src/api/status.ts';
import type { Event, Pod } from '../../src/api/types/core-v1.gen.ts';
import type { ApiServerOptions } from '../../src/apiserver/server.ts';
import type { Clock } from '../../src/base/clock.ts';
import { ManualClock, SystemClock, timestamp } from '../../src/base/clock.ts';
import { SystemIds } from '../../src/base/ids.ts';
import { createLogger, formatRecord, type LogRecord } from '../../src/base/log.ts';
import { type Client, createClient } from '../../src/client/client.ts';
import { Informers } from '../../src/client/informers.ts';
import { keyOf } from '../../src/client/object-key.ts';
import { createControllers } from '../../src/controllers/manager.ts';
import { isTerminal } from '../../src/controllers/pod-state.ts';
import { managerUser } from '../../src/controllers/users.ts';
import type { HostFolders } from '../../src/node/runtime.ts';
import type { KeyedCertificate } from '../../src/pki/certificates.ts';
import { bootstrapRbac } from '../../src/resources/rbac/bootstrap-roles.ts';
import { apiServer, type TestApi } from './api-server.ts';

export interface ControlPlane extends AsyncDisposable {
  readonly api: TestApi;
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly logged: LogRecord[];
  /** Resolves with the object once it satisfies the check, undefined standing for absence. */
  until<T extends AnyKind>(
    ref: ResourceRef<T>,
    key: string,
    check: (object: T | undefined) => boolean,
  ): Promise<T | undefined>;
  /** Resolves once all objects of a resource in the namespace together satisfy the check. */
  untilAll<T extends AnyKind>(ref: ResourceRef<T>, check: (objects: T[]) => boolean, namespace?: string): Promise<T[]>;
}

/** How the stand-in for kubelets treats pods. */
export interface PodFate {
  /** Whether a pod that is there becomes ready; true unless given. */
  ready?: (pod: Pod) => boolean;
}

export interface ControlPlaneOptions {
  readonly clock?: Clock;
  readonly disabled?: string[];
  readonly pods?: PodFate | false;
  readonly authority?: KeyedCertificate;
  readonly server?: Partial<ApiServerOptions>;
  readonly folders?: HostFolders;
  readonly tokenKey?: KeyObject;
  /** The cluster's CA certificate; a text that is none unless given. */
  readonly caPem?: string;
  /** A server that another plane has left running, and that is left running again. */
  readonly api?: TestApi;
}

export const testCa = '-----BEGIN CERTIFICATE-----\ntest\n-----END CERTIFICATE-----\n';

/** Controllers on an API server in memory, with a stand-in for scheduler and kubelets: pods become ready and end when told to. */
export async function controlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const clock = options.clock ?? new SystemClock();
  const ids = new SystemIds();
  const serviceAccounts = options.tokenKey && { key: options.tokenKey, issuer: 'https://issuer' };
  const server = { ...options.server, ...(serviceAccounts && { serviceAccounts }) };
  const api = options.api ?? (await apiServer({ clock, server }));
  if (!options.api) await installRoles(api);
  const logged: LogRecord[] = [];
  const retries = new Retries(clock);
  const note = (record: LogRecord) => {
    retries.note(record);
    if (record.level === 'debug') return;
    logged.push(record);
    if (process.env['KRILL_TEST_LOG']) process.stderr.write(`${formatRecord(record)}\n`);
  };
  const log = createLogger(clock, note, 'debug');
  const informers = new Informers(api.server.transport(managerUser), {
    clock,
    ids,
    log,
    serves: (server.apis ?? servedApis()).serves,
  });
  const client = createClient(api.transport, informers);
  const stop = new AbortController();
  const controllers = createControllers({
    transportFor: (user) => api.server.transport(user),
    informers,
    clock,
    ids,
    log,
    caPem: options.caPem ?? testCa,
    ...(options.authority && { authority: options.authority }),
    ...(options.folders && { folders: options.folders }),
    ...(options.tokenKey && { tokenKey: options.tokenKey }),
    ...(server.apis && { apis: server.apis }),
    foreign: () => api.server.foreignVersions(),
    podCIDR: '10.244.0.0/16',
    runs: (name) => !options.disabled?.includes(name),
  });
  const runs = [controllers.run(stop.signal), informers.run(stop.signal)];
  if (options.pods !== false) runs.push(fateOfPods(client, informers, clock, options.pods ?? {}, stop.signal));
  const untilAll: ControlPlane['untilAll'] = async (ref, check, namespace = 'default') => {
    const informer = informers.of(ref);
    await informer.whenSynced(stop.signal);
    const { promise, resolve } = Promise.withResolvers<never[]>();
    const test = () => {
      const objects = informer.list(ref.namespaced ? namespace : undefined);
      if (check(objects)) resolve(objects as never[]);
    };
    const off = informer.on({ updated: test, deleted: test, added: (_, initial) => initial || test() });
    test();
    return retries.during(promise).finally(off);
  };
  return {
    api,
    client,
    informers,
    clock,
    logged,
    untilAll,
    until: async (ref, key, check) => {
      const find = (objects: AnyKind[]) => objects.find((o) => keyOf(o) === key);
      const namespace = key.includes('/') ? key.split('/')[0]! : undefined;
      const objects = await untilAll(ref, (all) => check(find(all) as never), namespace);
      return find(objects) as never;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(runs);
      if (!options.api) await api[Symbol.asyncDispose]();
    },
  };
}

/** So much time passes on a stopped clock for each attempt that failed: enough for several to be made again. */
const retryTime = 50;

/** On a stopped clock nothing that failed is tried again: while a test waits, time passes for that, and for nothing else. */
class Retries {
  readonly #clock: ManualClock | undefined;
  #failed = 0;
  #waiting = 0;
  #passing: Promise<void> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock instanceof ManualClock ? clock : undefined;
  }

  note({ message }: LogRecord): void {
    if (!this.#clock || !message.startsWith('reconcile ')) return;
    this.#failed++;
    this.#passing ??= this.#pass(this.#clock);
  }

  async during<T>(promise: Promise<T>): Promise<T> {
    this.#waiting++;
    if (this.#clock) this.#passing ??= this.#pass(this.#clock);
    try {
      return await promise;
    } finally {
      this.#waiting--;
      await this.#passing;
    }
  }

  async #pass(clock: ManualClock): Promise<void> {
    // Only in a later turn is the next attempt planned.
    await new Promise(setImmediate);
    for (; this.#failed > 0 && this.#waiting > 0; this.#failed--) await clock.advance(retryTime);
    this.#passing = undefined;
  }
}

/**
 * The event with this reason in the namespace `default`, on a plane with a `ManualClock`. Events are written lazily: time
 * stands still, but what is due is written.
 */
export async function said(plane: ControlPlane, reason: string): Promise<Event> {
  const all = plane.informers.of(eventsRef);
  for (let i = 0; i < 100; i++) {
    const found = all.list('default').find((event) => event.reason === reason);
    if (found) return found;
    await (plane.clock as ManualClock).advance(1);
    await plane.api.store.flush();
  }
  throw new Error(`nobody said ${reason}: ${all.list().map((event) => event.reason)}`);
}

/** Lets the only container of a pod, `c`, end. */
export function end(plane: ControlPlane, pod: Pod, exitCode: number): Promise<Pod> {
  const finishedAt = timestamp(plane.clock.wall());
  const state = { terminated: { exitCode, finishedAt, startedAt: finishedAt } };
  const status = {
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: finishedAt }],
    containerStatuses: [{ name: 'c', ready: false, restartCount: 0, image: '', imageID: '', state }],
  };
  const key = { namespace: pod.metadata.namespace!, name: pod.metadata.name! };
  return plane.client.resource(podsRef).mergePatch(key, { status }, { subresource: 'status' });
}

/** The roles of every cluster: controllers may do here what they may do there, and no more. */
async function installRoles(api: TestApi): Promise<void> {
  await api.call('create', 'namespaces', { namespace: '', object: { metadata: { name: 'kube-public' } } });
  await Promise.all(
    bootstrapRbac.map((object) => {
      const resource = `rbac.authorization.k8s.io/v1/${object.kind.toLowerCase()}s`;
      return api.call('create', resource, { namespace: object.metadata.namespace ?? '', object: thaw(object) });
    }),
  );
}

/** The node a daemon pod asks for by name; n1 for all others. */
function wantedNode(pod: Pod): string {
  const terms = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return terms?.[0]?.matchFields?.[0]?.values?.[0] ?? 'n1';
}

/** Binds pods to a node, makes them ready, and takes away those that are being deleted. */
async function fateOfPods(
  client: Client,
  informers: Informers,
  clock: Clock,
  fate: PodFate,
  signal: AbortSignal,
): Promise<void> {
  const pods = client.resource(podsRef);
  const work = new Set<Promise<void>>();
  let address = 1;
  const treat = async (pod: Pod) => {
    const { namespace, name, uid } = pod.metadata;
    const key = { namespace: namespace!, name: name! };
    if (pod.metadata.deletionTimestamp) {
      await pods.delete(key, { gracePeriodSeconds: 0, preconditions: { uid: uid! } });
      return;
    }
    if (isTerminal(pod)) return;
    if (!pod.spec?.nodeName) {
      await pods.createSubresource(key, 'binding', {
        metadata: { name, namespace },
        target: { kind: 'Node', name: wantedNode(pod) },
      });
      return;
    }
    if (pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') || fate.ready?.(pod) === false)
      return;
    const ip = `10.244.${address >> 8}.${address++ & 255}`;
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: timestamp(clock.wall()) }];
    await pods.mergePatch(
      key,
      { status: { phase: 'Running', podIP: ip, podIPs: [{ ip }], startTime: timestamp(clock.wall()), conditions } },
      { subresource: 'status' },
    );
  };
  const start = (pod: Pod) => {
    const task: Promise<void> = treat(pod)
      .catch((error) => {
        if (!isStatus(error, 'NotFound') && !isStatus(error, 'Conflict')) throw error;
      })
      .finally(() => work.delete(task));
    work.add(task);
  };
  const off = informers.of(podsRef).on({ added: start, updated: (_, pod) => start(pod) });
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  off();
  await Promise.allSettled(work);
}
