import type { KeyObject } from 'node:crypto';
import { hostname } from 'node:os';
import { endpointSlices, nodes, services } from '../api/kinds.gen.ts';
import type { ServedApis } from '../api/served-apis.ts';
import type { Scope } from '../base/scope.ts';
import type { Transport, UserInfo } from '../client/call.ts';
import { createClient } from '../client/client.ts';
import { ApiEventRecorder } from '../client/event-recorder.ts';
import { Informers } from '../client/informers.ts';
import type { Runnable } from '../client/reconciler.ts';
import type { ForeignGroupVersion } from '../controllers/foreign-resources.ts';
import { createControllers } from '../controllers/manager.ts';
import { isChosen } from '../controllers/names.ts';
import { apiServerUser, managerUser } from '../controllers/users.ts';
import type { KubeletNode } from '../kubelet/contract.ts';
import { createKubelets } from '../kubelet/manager.ts';
import { addressesIn, clusterZone } from '../network/dns/cluster-zone.ts';
import { DnsServer } from '../network/dns/server.ts';
import { ServiceProxy } from '../network/service-proxy/service-proxy.ts';
import type { Dialer, NodeGateway } from '../node/gateway.ts';
import type { KeyedCertificate } from '../pki/certificates.ts';
import type { SchedulerConfig } from '../scheduler/config/types.ts';
import { createScheduler } from '../scheduler/scheduler.ts';
import { apiServiceRegistration } from './bootstrap/api-service-registration.ts';
import type { ClusterOptions } from './contract.ts';
import type { Machines } from './machines.ts';
import { watchNodes } from './nodes-ready.ts';
import { hostResolver } from './resolver.ts';

export interface PartOptions {
  readonly options: ClusterOptions;
  readonly transport: (user: UserInfo) => Transport;
  /** What other servers serve, behind APIServices. */
  readonly foreign: () => readonly ForeignGroupVersion[];
  readonly machines: Machines;
  readonly caPem: string;
  readonly authority: KeyedCertificate;
  /** Signs the tokens of service accounts. */
  readonly tokenKey: KeyObject;
  readonly dnsIP: string;
  readonly nodes: readonly KubeletNode[];
  /** What the API server serves. */
  readonly apis: ServedApis;
  /** The choice of controllers, as --controllers. */
  readonly chosen: readonly string[];
  /** Upstream's defaults when undefined. */
  readonly schedulerConfig: SchedulerConfig | undefined;
  readonly scope: Scope;
}

/** Everything that runs besides the API server. */
export interface Parts {
  readonly gateway: NodeGateway & Dialer;
  /** Serves the cluster's DNS at an address; resolves with the port. */
  serveDns(address: string, port: number): Promise<number>;
  readonly nodesReady: Promise<void>;
  /** Resolves when there is a simulated node, or can be no other. */
  readonly simulates: Promise<void>;
  /** Resolves when there is one and stages can be applied: their definition must be there. */
  readonly stagesServed: Promise<void>;
  /** Figures for /metrics, in the text format of Prometheus. */
  metrics(): Iterable<string>;
  nodes(): { readonly name: string; readonly ready: boolean; readonly address: string }[];
}

const clusterDomain = 'cluster.local';
const schedulerUser: UserInfo = { name: 'system:kube-scheduler', groups: ['system:authenticated'] };

/** Starts controllers, scheduler, kubelets and network on one set of shared caches. */
export function startParts(part: PartOptions): Parts {
  const { options, transport, machines, caPem, authority, tokenKey, dnsIP, nodes: places, apis, chosen, scope } = part;
  const { clock, ids, log } = options;
  const { schedulerConfig } = part;
  const without = new Set(options.without ?? []);
  const informers = new Informers(transport(managerUser), { clock, ids, log, serves: apis.serves });
  const kubelets = createKubelets({
    client: createClient(transport(managerUser)),
    informers,
    runtimes: [...new Set([machines.runtime, machines.simulated])],
    nodes: without.has('kubelet') ? [] : places,
    clock,
    ids,
    log,
    clusterDNS: dnsIP,
    clusterDomain,
    resolver: hostResolver(dnsIP),
  });
  const controllers = createControllers({
    transportFor: transport,
    informers,
    clock,
    ids,
    log,
    caPem,
    authority,
    tokenKey,
    podCIDR: machines.subnets.pods,
    ...(machines.runtime.folders && { folders: machines.runtime.folders }),
    ...(machines.runtime.shellImage && { shellImage: machines.runtime.shellImage }),
    apis,
    foreign: part.foreign,
    hostname: hostname(),
    runs: (name) => isChosen(name, chosen) && !without.has(name),
  });
  const schedulerClient = createClient(transport(schedulerUser));
  const scheduler = createScheduler({
    client: schedulerClient,
    informers,
    clock,
    ids,
    log,
    ...(schedulerConfig && { config: schedulerConfig }),
    recorder: (component) => new ApiEventRecorder({ client: schedulerClient, component, clock, log }),
  });
  const seen = watchNodes(informers.of(nodes), without.has('kubelet') ? [] : places.map((p) => p.name), scope.signal);
  const { subnets, network } = machines;
  if (network && !without.has('network')) {
    const proxy = new ServiceProxy({
      services: informers.of(services),
      slices: informers.of(endpointSlices),
      nodes: informers.of(nodes),
      network,
      subnets,
      clock,
      log,
    });
    scope.spawn('service proxy', (signal) => proxy.run(signal));
  }
  const autoregister = apiServiceRegistration({
    informers,
    client: createClient(transport(apiServerUser), informers),
    apis,
    clock,
    log,
  });
  const runnables: Record<string, Runnable> = { informers, controllers, scheduler, kubelets, autoregister };
  for (const [name, part] of Object.entries(runnables)) {
    if (!without.has(name)) scope.spawn(name, (signal) => part.run(signal));
  }
  // After a restart the objects still say Ready: the machines must have been taken up again, too.
  const nodesReady = Promise.all([kubelets.up, seen.ready]).then(() => undefined);
  nodesReady.catch(() => undefined);
  return {
    gateway: kubelets.gateway,
    nodesReady,
    simulates: kubelets.simulates,
    stagesServed: kubelets.stagesServed,
    metrics: () => scheduler.metrics(),
    nodes: seen.list,
    serveDns: async (address, port) => {
      const dns = new DnsServer({
        zone: clusterZone(informers.of(services), informers.of(endpointSlices), [subnets.pods, subnets.services]),
        domain: clusterDomain,
        clients: addressesIn([subnets.nodes, subnets.pods]),
        clock,
        ids,
        log,
      });
      scope.defer(() => dns.close());
      return dns.listen(address, port);
    },
  };
}
