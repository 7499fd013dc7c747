import { OpenApi } from '../api/openapi/openapi.ts';
import { type ServedApis, servedApis } from '../api/served-apis.ts';
import { serviceUnavailable } from '../api/status.ts';
import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import { LoopDelay } from '../base/loop-delay.ts';
import type { Transport, UserInfo } from '../client/call.ts';
import type { Dialer, NodeGateway } from '../node/gateway.ts';
import { lastUsedLabel } from '../resources/core/service-account-token.ts';
import type { Store } from '../store/store.ts';
import { Admission } from './admission/admission.ts';
import { admissionOrder } from './admission/order.ts';
import type { AdmissionChoice } from './admission/plugin-names.ts';
import { PodSecurityMetrics } from './admission/pod-security/metrics.ts';
import { admissionPolicies } from './admission/policy/policies.ts';
import { WebhookMetrics } from './admission/webhooks/webhook-metrics.ts';
import { webhookParts } from './admission/webhooks/webhook-parts.ts';
import { AggregatedOpenApi } from './aggregation/aggregated-openapi.ts';
import { Aggregator } from './aggregation/aggregator.ts';
import type { ProxyCertificate } from './aggregation/foreign-client.ts';
import { authenticators, type ServiceAccountOptions, signerOf } from './authn/authenticators.ts';
import { NodeAuthorizer } from './authz/node/authorizer.ts';
import { Rbac } from './authz/rbac.ts';
import { connectTable } from './connect/connects.ts';
import { CustomResources } from './crd/custom-resources.ts';
import { definitionsResource } from './crd/definition.ts';
import { removeAll } from './crd/remove-all.ts';
import type { ForeignVersion } from './discovery/groups.ts';
import { DiscoveryPages } from './discovery/pages.ts';
import { filterChain } from './filters/chain.ts';
import { FlowClassifier } from './flowcontrol/classifier.ts';
import { DanglingConditions } from './flowcontrol/dangling.ts';
import { type Listening, type ListenOptions, listen } from './http/listener.ts';
import { RequestMetrics } from './metrics/requests.ts';
import type { HealthCheck } from './pages/health.ts';
import { issuerPages } from './pages/issuer.ts';
import { metricsPage } from './pages/metrics.ts';
import { openApiPage } from './pages/openapi.ts';
import { jsonPage, pageFinder } from './pages/pages.ts';
import { kubernetesVersion, versionInfo } from './pages/version.ts';
import { bind } from './registry/binding.ts';
import { componentStatuses } from './registry/component-status.ts';
import type { VirtualHandlers } from './registry/execute.ts';
import type { Registry } from './registry/operation.ts';
import { ServedTable } from './registry/served.ts';
import { ServiceAllocation } from './registry/service-allocation.ts';
import { tokenHandler } from './registry/token.ts';
import { resourceMetrics } from './resource-metrics/handlers.ts';
import { accessReviews } from './reviews/access.ts';
import { admitted } from './reviews/admitted.ts';
import { identityReviews } from './reviews/identity.ts';
import { createServe, fail } from './serve.ts';
import { InProcessTransport, type Pipeline } from './transport.ts';
import { serviceDialer } from './webhook/dial-service.ts';
import { WebhookClient } from './webhook/webhook-client.ts';

export interface ApiServerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** Signs and checks service account tokens. Without it only certificates and static tokens are accepted. */
  readonly serviceAccounts?: ServiceAccountOptions;
  /** Reaches nodes and pods. Asked late, since nodes are there after the server; without it streams are refused. */
  readonly nodes?: () => NodeGateway & Dialer;
  /** By what servers behind APIServices know that it is this server that tells them who asks; without it they cannot. */
  readonly frontProxy?: ProxyCertificate;
  /** Where cluster IPs come from; 10.96.0.0/16 unless given. */
  readonly serviceRange?: string;
  /** Users of fixed bearer tokens. */
  readonly tokens?: Readonly<Record<string, UserInfo>>;
  /** The OpenAPI documents, with descriptions where the build has them. */
  readonly openApi?: OpenApi;
  /** Krill's commit, shown by /version. */
  readonly commit?: string;
  /** The versions of built-in kinds that are served: those of a default v1.36 and the old ones unless given. */
  readonly apis?: ServedApis;
  /** Which admission plugins are on, and how they are configured; as upstream's defaults unless given. */
  readonly admission?: AdmissionChoice | undefined;
  /** What /metrics tells of the rest of the cluster, in the text format of Prometheus. */
  readonly metrics?: () => Iterable<string>;
  /** What /readyz asks besides the server's own checks. */
  readonly health?: readonly HealthCheck[];
}

/** The API server: one pipeline, reached in-process or over HTTPS. */
export interface ApiServer {
  /** Calls as this identity without HTTP: same authorization, admission and validation; values are the store's own. */
  transport(user: UserInfo): Transport;
  /** What other servers serve, behind APIServices. */
  foreignVersions(): readonly ForeignVersion[];
  /** Serves HTTPS. May be called for several addresses. */
  listen(options: ListenOptions): Promise<Listening>;
  /** Ends every listener. The store stays the caller's to close. */
  close(): Promise<void>;
}

/** Puts the parts of the API server together. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { store, clock, ids, log, nodes, apis = servedApis() } = options;
  const served = ServedTable.builtIn(apis);
  defineIndexes(store, served);
  const rbac = new Rbac(store);
  const authorizer = new NodeAuthorizer(store, rbac);
  const webhooks = new WebhookClient({
    clock,
    dialService: serviceDialer(store, ids, nodes ?? noNodes),
  });
  const webhookMetrics = new WebhookMetrics();
  const calling = { client: webhooks, metrics: webhookMetrics, clock, ids, log };
  const admissionWebhooks = webhookParts({ store, served }, authorizer, calling);
  const policies = admissionPolicies({ store, served, authorizer });
  const podSecurityMetrics = new PodSecurityMetrics();
  const plugins = admissionOrder(store, clock, ids, authorizer, {
    choice: options.admission,
    apis,
    served,
    webhooks: admissionWebhooks,
    policies,
    podSecurityMetrics,
    transport: () => new InProcessTransport(pipeline, ownUser),
  });
  const admission = new Admission(plugins);
  const services = new ServiceAllocation({ store, clock, ids, log }, options.serviceRange ?? '10.96.0.0/16');
  const registry: Registry = {
    store,
    served,
    admission,
    authorizer,
    clock,
    ids,
    log,
    allocators: {
      services: (object) => services.allocate(object),
      [definitionsResource]: (object) => customResources.allot(object),
    },
  };
  const openApi = options.openApi ?? new OpenApi({ version: `v${kubernetesVersion}`, apis });
  const customResources = new CustomResources({
    store,
    table: served,
    clock,
    ids,
    log,
    webhooks,
    onServed: (name, crd) => (crd ? openApi.publish(crd) : openApi.withdraw(name)),
    transport: () => new InProcessTransport(pipeline, ownUser),
    removeAll: (kind) => removeAll({ ...registry, admission: new Admission([]) }, ownUser, kind),
  });
  const aggregator = new Aggregator({
    store,
    clock,
    ids,
    log,
    nodes: nodes ?? noNodes,
    certificate: options.frontProxy,
    transport: () => new InProcessTransport(pipeline, ownUser),
  });
  const flows = new FlowClassifier(store);
  const dangling = new DanglingConditions({
    store,
    clock,
    log,
    transport: () => new InProcessTransport(pipeline, ownUser),
  });
  const tokens = authenticators(options, ({ metadata: { namespace, name, uid } }, day) => {
    const body = { metadata: { uid, labels: { [lastUsedLabel]: day } } };
    const resource = { group: '', version: 'v1', resource: 'secrets' };
    new InProcessTransport(pipeline, ownUser)
      .call({ verb: 'patch', resource, namespace: namespace!, name: name!, patch: { type: 'merge', body } })
      .catch((error: unknown) => log.warn('the use of a token could not be noted', { error }));
  });
  const virtual: VirtualHandlers = {
    ...admitted({ ...accessReviews(authorizer), ...identityReviews(tokens) }),
    componentstatuses: componentStatuses,
    ...resourceMetrics(nodes ?? noNodes),
    bindings: (_, op) => bind(registry, { ...op, served: served.find('', 'v1', 'pods')!, subresource: 'binding' }, op),
    ...(options.serviceAccounts && { 'serviceaccounts/token': tokenHandler(signerOf(options.serviceAccounts)) }),
  };
  const pipeline: Pipeline = { registry, authorizer, virtual, aggregator };
  const metrics = new RequestMetrics(clock);
  const loopDelay = new LoopDelay(clock);
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
    aggregator,
    filters: filterChain({
      clock,
      served,
      authorizer,
      tokens,
      flows,
      fail: (request, error) => fail(log, request, error),
    }),
    resources: { registry, virtual, connects: connectTable({ registry, nodes: options.nodes ?? noNodes }) },
    page: pageFinder({
      discovery: new DiscoveryPages(served, aggregator.discovery),
      health,
      fixed: {
        '/version': jsonPage(() => version),
        '/metrics': metricsPage(metrics, store, served, loopDelay, function* () {
          yield* webhookMetrics.lines();
          yield* policies.metrics.lines();
          yield* podSecurityMetrics.lines();
          yield* aggregator.metrics();
          yield* options.metrics?.() ?? [];
        }),
        ...(options.serviceAccounts && issuerPages(options.serviceAccounts)),
      },
      others: [
        {
          paths: ['/openapi/v2', '/openapi/v3'],
          find: openApiPage(new AggregatedOpenApi(openApi, aggregator.openApi), clock),
        },
      ],
    }),
  });
  const listeners: Listening[] = [];
  return {
    transport: (user) => new InProcessTransport(pipeline, user),
    foreignVersions: () => aggregator.discovery.versions(),
    listen: async (listenOptions) => {
      const listening = await listen(listenOptions, serve);
      listeners.push(listening);
      return listening;
    },
    close: async () => {
      await Promise.all(listeners.map((listening) => listening.close()));
      await aggregator.close();
      await customResources.close();
      await dangling.close();
      admissionWebhooks.mutating.close();
      admissionWebhooks.validating.close();
      webhooks.close();
      loopDelay.close();
      policies.close();
      rbac.close();
      flows.close();
      services.close();
    },
  };
}

/** Who the API server is in its own calls. */
const ownUser: UserInfo = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] };

const noNodes = (): never => {
  throw serviceUnavailable('this API server has no nodes');
};

function defineIndexes(store: Store, table: ServedTable): void {
  const done = new Set<string>();
  for (const { storage, rules } of table.all()) {
    if (!storage || done.has(storage)) continue;
    done.add(storage);
    for (const [name, value] of Object.entries(rules.indexes ?? {})) store.defineIndex(storage, name, value);
  }
}
