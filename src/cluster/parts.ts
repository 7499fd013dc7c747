import { nodes } from '../api/kinds.gen.ts';
import type { Scope } from '../base/scope.ts';
import type { Transport, UserInfo } from '../client/call.ts';
import { createClient } from '../client/client.ts';
import { ApiEventRecorder } from '../client/event-recorder.ts';
import { Informers } from '../client/informers.ts';
import { createControllers, managerUser } from '../controllers/manager.ts';
import { createKubelets, type KubeletNode } from '../kubelet/manager.ts';
import type { Dialer, NodeGateway } from '../node/gateway.ts';
import { createScheduler } from '../scheduler/scheduler.ts';
import type { ClusterOptions } from './contract.ts';
import type { Machines } from './machines.ts';
import { watchNodes } from './nodes-ready.ts';

export interface PartOptions {
  readonly options: ClusterOptions;
  readonly transport: (user: UserInfo) => Transport;
  readonly machines: Machines;
  readonly caPem: string;
  readonly dnsIP: string;
  /** The DNS server's stored port; 0 for any. */
  readonly dnsPort: number;
  readonly nodes: readonly KubeletNode[];
  readonly scope: Scope;
}

/** Everything that runs besides the API server. */
export interface Parts {
  readonly gateway: NodeGateway & Dialer;
  readonly dnsPort: number;
  readonly nodesReady: Promise<void>;
  nodes(): { readonly name: string; readonly ready: boolean; readonly address: string }[];
}

const schedulerUser: UserInfo = { name: 'system:kube-scheduler', groups: ['system:authenticated'] };

/** Starts controllers, scheduler, kubelets and network on one set of shared caches. */
export async function startParts({
  options,
  transport,
  machines,
  caPem,
  dnsIP,
  dnsPort,
  nodes: places,
  scope,
}: PartOptions): Promise<Parts> {
  const { clock, ids, log } = options;
  const without = new Set(options.without ?? []);
  const informers = new Informers(transport(managerUser), { clock, ids, log });
  const client = createClient(transport(managerUser), informers);
  const kubelets = createKubelets({
    client,
    informers,
    runtimes: [machines.runtime],
    nodes: without.has('kubelet') ? [] : places,
    clock,
    ids,
    log,
    clusterDNS: dnsIP,
    clusterDomain: 'cluster.local',
  });
  const controllers = createControllers({
    transportFor: transport,
    informers,
    clock,
    ids,
    log,
    caPem,
    podCIDR: machines.subnets.pods,
    disabled: [...without],
  });
  const schedulerClient = createClient(transport(schedulerUser));
  const scheduler = createScheduler({
    client: schedulerClient,
    informers,
    clock,
    ids,
    log,
    events: new ApiEventRecorder({ client: schedulerClient, component: 'default-scheduler', clock, log }),
  });
  const seen = watchNodes(
    informers.of(nodes),
    without.has('kubelet') ? [] : places.map((place) => place.name),
    scope.signal,
  );
  scope.spawn('informers', (signal) => informers.run(signal));
  scope.spawn('controllers', (signal) => controllers.run(signal));
  if (!without.has('scheduler')) scope.spawn('scheduler', (signal) => scheduler.run(signal));
  scope.spawn('kubelets', (signal) => kubelets.run(signal));
  return { gateway: kubelets.gateway, dnsPort, nodesReady: seen.ready, nodes: seen.list };
}
