import type { KubeObject } from '../../src/api/object.ts';
import { type ApiServer, type ApiServerOptions, createApiServer } from '../../src/apiserver/server.ts';
import { type Clock, SystemClock } from '../../src/base/clock.ts';
import { SystemIds } from '../../src/base/ids.ts';
import { silentLogger } from '../../src/base/log.ts';
import type { Call, CallOptions, ObjectList, Transport, WatchEvent } from '../../src/client/call.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';

export const admin = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };

/** An API server on a memory store, with what every namespace has, disposed at the end of the test. */
export interface TestApi extends AsyncDisposable {
  readonly server: ApiServer;
  readonly store: Store;
  readonly transport: Transport;
  /** A short-hand for calls as admin; `resource` is "pods", "apps/v1/deployments" or "deployments". */
  call<T = KubeObject>(verb: Call['verb'], resource: string, call?: Partial<Call>): Promise<T>;
  list(resource: string, options?: CallOptions, namespace?: string): Promise<ObjectList>;
  /** Starts a watch and gives its events as they come. */
  watch(resource: string, options?: CallOptions, call?: Partial<Call>): Promise<WatchLog>;
}

/** What a watch has said so far. */
export interface WatchLog {
  readonly events: WatchEvent[];
  ended: boolean;
  error: Error | undefined;
  /** Resolves when `count` events have come, or the watch has ended. */
  until(count: number): Promise<WatchEvent[]>;
  close(): void;
}

export async function apiServer(
  options: { clock?: Clock; store?: Store; server?: Partial<ApiServerOptions> } = {},
): Promise<TestApi> {
  const clock = options.clock ?? new SystemClock();
  const ids = new SystemIds();
  const store = options.store ?? createMemoryStore({ clock, ids });
  const server = createApiServer({ store, clock, ids, log: silentLogger, ...options.server });
  const transport = server.transport(admin);
  const api: TestApi = {
    server,
    store,
    transport,
    call: (verb, resource, call) =>
      transport.call({ verb, resource: gvr(resource), namespace: 'default', ...call }) as never,
    list: (resource, listOptions = {}, namespace = 'default') =>
      transport.call({ verb: 'list', resource: gvr(resource), namespace, options: listOptions }) as never,
    watch: (resource, watchOptions, call) => watchLog(transport, resource, watchOptions, call),
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await store.close();
    },
  };
  // A store that was used before has them already.
  if (store.count('namespaces') === 0) await populate(api);
  return api;
}

async function populate(api: TestApi): Promise<void> {
  for (const name of ['default', 'kube-system'])
    await api.call('create', 'namespaces', { namespace: '', object: { metadata: { name } } });
  await api.call('create', 'serviceaccounts', { object: { metadata: { name: 'default' } } });
}

/** "pods" → core v1; "apps/v1/deployments" → as written. */
export function gvr(text: string): Call['resource'] {
  const parts = text.split('/');
  if (parts.length === 3) return { group: parts[0]!, version: parts[1]!, resource: parts[2]! };
  return { group: '', version: 'v1', resource: text };
}

async function watchLog(
  transport: Transport,
  resource: string,
  options: CallOptions = {},
  call: Partial<Call> = {},
): Promise<WatchLog> {
  const abort = new AbortController();
  const waiting: { count: number; done: () => void }[] = [];
  const log: WatchLog = {
    events: [],
    ended: false,
    error: undefined,
    until: async (count) => {
      if (log.events.length < count && !log.ended) await new Promise<void>((done) => waiting.push({ count, done }));
      return log.events;
    },
    close: () => abort.abort(),
  };
  await transport.watch(
    { verb: 'watch', resource: gvr(resource), namespace: 'default', options, ...call },
    {
      events: (events) => {
        log.events.push(...events);
        for (const { count, done } of waiting) if (log.events.length >= count) done();
      },
      end: (error) => {
        log.ended = true;
        log.error = error;
        for (const { done } of waiting) done();
      },
    },
    abort.signal,
  );
  return log;
}
