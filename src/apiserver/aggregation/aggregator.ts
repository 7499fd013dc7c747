import type { KubeObject } from '../../api/object.ts';
import type { Clock } from '../../base/clock.ts';
import type { Ids } from '../../base/ids.ts';
import type { Logger } from '../../base/log.ts';
import { Scope } from '../../base/scope.ts';
import type { Call, Transport, UserInfo, WatchHandler } from '../../client/call.ts';
import type { Dialer } from '../../node/gateway.ts';
import type { Store } from '../../store/store.ts';
import type { ApiRequest } from '../request.ts';
import type { RequestInfo } from '../request-info.ts';
import { AvailabilityController } from './availability-controller.ts';
import { AvailabilityMetrics } from './availability-metrics.ts';
import type { ForeignApi } from './foreign-api.ts';
import { ForeignApis, openApiDocuments } from './foreign-apis.ts';
import { ForeignClient, type ProxyCertificate } from './foreign-client.ts';
import { ForeignDiscovery } from './foreign-discovery.ts';
import { ForeignOpenApi } from './foreign-openapi.ts';
import { ForeignTransport } from './foreign-transport.ts';
import { forward } from './forward.ts';
import { probe } from './probe.ts';
import { serviceAddress } from './service-address.ts';

export interface AggregatorOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly nodes: () => Dialer;
  readonly certificate: ProxyCertificate | undefined;
  /** The API server's own calls; asked late, since it serves nothing before this is there. */
  readonly transport: () => Transport;
}

/** Serves group versions that other servers have, by passing requests on to them. Without any it costs one comparison. */
export class Aggregator {
  readonly #apis: ForeignApis;
  readonly #client: ForeignClient;
  readonly #clock: Clock;
  readonly #transport: ForeignTransport;
  readonly #scope: Scope;
  readonly #metrics: AvailabilityMetrics;
  /** What other servers say they serve. */
  readonly discovery: ForeignDiscovery;
  /** How they describe it. */
  readonly openApi: ForeignOpenApi;

  constructor({ store, clock, ids, log, nodes, certificate, transport }: AggregatorOptions) {
    this.#clock = clock;
    this.#scope = new Scope((task, error) => log.error('aggregating APIs failed', { task, error }));
    this.#apis = new ForeignApis(store);
    this.#client = new ForeignClient({
      clock,
      nodes,
      certificate,
      resolve: ({ service }) => serviceAddress(store, service, () => ids.random()),
    });
    this.#transport = new ForeignTransport({ client: this.#client, clock });
    this.#metrics = new AvailabilityMetrics(this.#apis);
    const availability = new AvailabilityController({
      store,
      apis: this.#apis,
      metrics: this.#metrics,
      clock,
      log,
      transport,
      probe: (api) => probe(this.#client, api),
    });
    this.#apis.onChange((before, after) => before && !after && this.#client.forget(before));
    this.discovery = new ForeignDiscovery({ apis: this.#apis, client: this.#client, clock, log });
    this.openApi = new ForeignOpenApi({ apis: this.#apis, client: this.#client, clock, log });
    this.#scope.spawn('availability', (signal) => availability.run(signal));
    this.#scope.spawn('discovery', (signal) => this.discovery.run(signal));
    this.#scope.spawn('OpenAPI', (signal) => this.openApi.run(signal));
  }

  /** Whose a request is; undefined when it is this server's own. */
  route(info: RequestInfo): ForeignApi | undefined {
    const api = this.#apis.route(info);
    if (!api || info.isResource || !info.path.startsWith(openApiDocuments)) return api;
    // One that describes itself in v2 only is described here.
    return this.openApi.documentsOf(api).v3 ? api : undefined;
  }

  /** Whose a group version is; undefined when it is this server's own. */
  find(group: string, version: string): ForeignApi | undefined {
    return this.#apis.find(group, version);
  }

  /** An authorized call of this process. */
  call(api: ForeignApi, user: UserInfo, call: Call, signal: AbortSignal | undefined): Promise<KubeObject> {
    return this.#transport.call(api, user, call, signal);
  }

  /** An authorized watch of this process. */
  watch(api: ForeignApi, user: UserInfo, call: Call, handler: WatchHandler, signal: AbortSignal): Promise<void> {
    return this.#transport.watch(api, user, call, handler, signal);
  }

  /** Serves an authorized request. */
  serve(api: ForeignApi, request: ApiRequest): void {
    forward({ client: this.#client, clock: this.#clock }, api, request);
  }

  /** Prometheus text. */
  metrics(): Iterable<string> {
    return this.#metrics.lines();
  }

  async close(): Promise<void> {
    this.#apis.close();
    const closed = this.#scope.close();
    // What other servers are still asked may take them a minute.
    this.#client.close();
    await closed;
  }
}
