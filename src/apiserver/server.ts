import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import type { Transport, UserInfo } from '../client/call.ts';
import type { Store } from '../store/store.ts';
import { Admission } from './admission/admission.ts';
import { admissionOrder } from './admission/order.ts';
import type { TokenVerifier } from './authn/authenticator.ts';
import { Rbac } from './authz/rbac.ts';
import { DiscoveryPages } from './discovery/pages.ts';
import { filterChain } from './filters/chain.ts';
import { type Listening, type ListenOptions, listen } from './http/listener.ts';
import { RequestMetrics } from './metrics/requests.ts';
import type { HealthCheck } from './pages/health.ts';
import { metricsPage } from './pages/metrics.ts';
import { jsonPage, pageFinder } from './pages/pages.ts';
import { versionInfo } from './pages/version.ts';
import type { Registry } from './registry/operation.ts';
import { ServedTable } from './registry/served.ts';
import { createServe, fail } from './serve.ts';
import { InProcessTransport, type Pipeline } from './transport.ts';

export interface ApiServerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** Verifies bearer tokens; without it only certificates are accepted. */
  readonly verifier?: TokenVerifier;
  /** Krill's commit, shown by /version. */
  readonly commit?: string;
  /** What /readyz asks besides the server's own checks. */
  readonly health?: readonly HealthCheck[];
}

/** The API server: one pipeline, reached in-process or over HTTPS. */
export interface ApiServer {
  /** Calls as this identity without HTTP: same authorization, admission and validation; values are the store's own. */
  transport(user: UserInfo): Transport;
  /** Serves HTTPS. May be called for several addresses. */
  listen(options: ListenOptions): Promise<Listening>;
  /** Ends every listener. The store stays the caller's to close. */
  close(): Promise<void>;
}

/** Puts the parts of the API server together. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { store, clock, ids, log } = options;
  const served = ServedTable.builtIn();
  defineIndexes(store, served);
  const authorizer = new Rbac(store);
  const admission = new Admission(admissionOrder(store, ids));
  const registry: Registry = { store, served, admission, clock, ids, log };
  const pipeline: Pipeline = { registry, authorizer, virtual: {} };
  const metrics = new RequestMetrics(clock);
  const health = [
    { name: 'ping', check: () => undefined },
    { name: 'log', check: () => undefined },
    ...(options.health ?? []),
  ];
  const version = versionInfo(options.commit ?? 'unknown');
  const serve = createServe({
    clock,
    ids,
    log,
    metrics,
    filters: filterChain({
      clock,
      served,
      authorizer,
      verifier: options.verifier,
      fail: (request, error) => fail(log, request, error),
    }),
    resources: { registry, virtual: pipeline.virtual, connects: {} },
    page: pageFinder({
      discovery: new DiscoveryPages(served),
      health,
      fixed: {
        '/version': jsonPage(() => version),
        '/metrics': metricsPage(metrics, store, served),
      },
      others: [],
    }),
  });
  const listeners: Listening[] = [];
  return {
    transport: (user) => new InProcessTransport(pipeline, user),
    listen: async (listenOptions) => {
      const listening = await listen(listenOptions, serve);
      listeners.push(listening);
      return listening;
    },
    close: async () => {
      await Promise.all(listeners.map((listening) => listening.close()));
      authorizer.close();
    },
  };
}

function defineIndexes(store: Store, table: ServedTable): void {
  const done = new Set<string>();
  for (const { storage, rules } of table.all()) {
    if (!storage || done.has(storage)) continue;
    done.add(storage);
    for (const [name, value] of Object.entries(rules.indexes ?? {})) store.defineIndex(storage, name, value);
  }
}
