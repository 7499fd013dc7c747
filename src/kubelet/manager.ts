import { nodes, pods, services } from '../api/kinds.gen.ts';
import { isStatus } from '../api/status.ts';
import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import { Scope } from '../base/scope.ts';
import { type Client, createClient } from '../client/client.ts';
import { ApiEventRecorder } from '../client/event-recorder.ts';
import type { Informer } from '../client/informer.ts';
import type { Informers } from '../client/informers.ts';
import type { Dialer, NodeGateway } from '../node/gateway.ts';
import type { NodeMachine, NodeSpec, Runtime, RuntimeEvent } from '../node/runtime.ts';
import { ClaimCache } from './claim-cache.ts';
import { ConfigCache } from './config-cache.ts';
import { referenceOf } from './event-reference.ts';
import { KubeletGateway } from './gateway.ts';
import { ImageManager } from './images.ts';
import { Leases } from './node/leases.ts';
import { NodeKubelet } from './node/node-kubelet.ts';
import { Rounds } from './node/rounds.ts';
import { adopted, isFake } from './node/template.ts';
import type { PodEnvironment } from './pod-worker/environment.ts';
import { Stages } from './stages/stages.ts';
import { StatusWriter } from './status-writer.ts';
import { Tokens } from './tokens.ts';
import type { Node, Pod } from './types.ts';

/** A node to run, and what runs it. */
export interface KubeletNode extends NodeSpec {
  readonly runtime: Runtime['name'];
}

export interface KubeletOptions {
  /** Any identity of the cluster that may become a node's by `as`. */
  readonly client: Client;
  /** The shared caches; pods and services are read from them. */
  readonly informers: Informers;
  readonly runtimes: readonly Runtime[];
  readonly nodes: readonly KubeletNode[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** The address of the cluster DNS service, "10.96.0.10". */
  readonly clusterDNS: string;
  /** "cluster.local". */
  readonly clusterDomain: string;
  /** The outside resolver, for dnsPolicy Default: never a loopback address. */
  readonly resolver?: { readonly nameservers: readonly string[]; readonly searches: readonly string[] };
}

export interface Kubelets {
  /** Runs every node until the signal aborts; containers are left running. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when every node of the options has its machine and is registered; rejects when one cannot. */
  readonly up: Promise<void>;
  /** Resolves when there is a simulated node, or can be no other. */
  readonly simulates: Promise<void>;
  /** Resolves when there is one and the definition of stages is served. */
  readonly stagesServed: Promise<void>;
  /** What the API server asks of nodes, and how anything reaches pods. */
  readonly gateway: NodeGateway & Dialer;
  /** Adds a node while running; resolves when it is registered and works. */
  addNode(node: KubeletNode, signal: AbortSignal): Promise<void>;
  /** Removes a node, its machine, everything on it, and its Node object. */
  removeNode(name: string, signal: AbortSignal): Promise<void>;
}

/** Source: kubelet `nodeStatusReportFrequency`. */
const heartbeatEvery = 5 * 60_000;

/** One manager for all nodes of a cluster: one pod informer, one loop of leases, one kubelet per node. */
export function createKubelets(options: KubeletOptions): Kubelets {
  return new KubeletManager(options);
}

class KubeletManager implements Kubelets {
  readonly up: Promise<void>;
  readonly simulates: Promise<void>;
  readonly stagesServed: Promise<void>;
  readonly #up = Promise.withResolvers<void>();
  readonly gateway: KubeletGateway;
  readonly #options: KubeletOptions;
  readonly #log: Logger;
  readonly #scope: Scope;
  readonly #pods: Informer<Pod>;
  readonly #nodes = new Map<string, NodeKubelet>();
  readonly #nodeObjects: Informer<Node>;
  readonly #images = new Map<Runtime, ImageManager>();
  readonly #configs: ConfigCache;
  readonly #claims: ClaimCache;
  readonly #tokens: Tokens;
  readonly #leases: Leases;
  readonly #heartbeats: Rounds;
  readonly #writer: StatusWriter;
  readonly #clients = new Map<string, Client>();
  readonly #simulates = Promise.withResolvers<void>();
  /** Absent until there is a simulated node. */
  #stages: Stages | undefined;

  constructor(options: KubeletOptions) {
    const { clock, ids, informers } = options;
    this.#options = options;
    this.up = this.#up.promise;
    this.simulates = this.#simulates.promise;
    this.stagesServed = this.simulates.then(() => this.#stages?.served);
    // A node that cannot start is logged by its task; nobody need ask.
    this.up.catch(() => undefined);
    this.#log = options.log.child({ component: 'kubelet' });
    this.#scope = new Scope((task, error) => this.#log.error('kubelet task failed', { task, error }));
    this.gateway = new KubeletGateway((name) => this.#nodes.get(name));
    this.#pods = informers.of(pods) as unknown as Informer<Pod>;
    this.#nodeObjects = informers.of(nodes);
    this.#configs = new ConfigCache({
      clientOf: (node) => this.#clientOf(node),
      env: { clock, ids, log: this.#log },
      scope: this.#scope,
      changed: (node, uid) => this.#nodes.get(node)?.workers.get(uid)?.refreshConfig(),
    });
    this.#claims = new ClaimCache(informers, this.#pods, ({ metadata, spec }) =>
      this.#nodes
        .get(spec.nodeName ?? '')
        ?.workers.get(metadata.uid ?? '')
        ?.claimChanged(),
    );
    this.#tokens = new Tokens(clock);
    this.#leases = new Leases(clock, this.#log);
    this.#heartbeats = new Rounds(clock, heartbeatEvery, async (name, signal) =>
      this.#nodes.get(name)?.heartbeat(signal),
    );
    this.#writer = new StatusWriter({ clock, ids, scope: this.#scope, log: this.#log });
  }

  async run(signal: AbortSignal): Promise<void> {
    const unsubscribe = this.#options.runtimes.map((runtime) => runtime.events((event) => this.#onEvent(event)));
    unsubscribe.push(
      this.#pods.on({
        added: (pod) => this.#nodes.get(pod.spec.nodeName ?? '')?.podChanged(pod),
        updated: (_, pod) => this.#nodes.get(pod.spec.nodeName ?? '')?.podChanged(pod),
        deleted: (pod) => this.#nodes.get(pod.spec.nodeName ?? '')?.podDeleted(pod),
      }),
    );
    this.#scope.spawn('leases', (inner) => this.#leases.run(inner));
    this.#scope.spawn('heartbeats', (inner) => this.#heartbeats.run(inner));
    if (this.#options.runtimes.every((runtime) => !runtime.runsProcesses)) this.#openStages();
    let starting = this.#options.nodes.length;
    if (starting === 0) this.#up.resolve();
    for (const node of this.#options.nodes) {
      this.#scope.spawn(`node ${node.name}`, async (inner) => {
        try {
          await this.addNode(node, inner);
          if (--starting === 0) this.#up.resolve();
        } catch (error) {
          this.#up.reject(error);
          throw error;
        }
      });
    }
    // After the nodes of the options: theirs may bear the mark, too.
    unsubscribe.push(
      this.#nodeObjects.on({
        added: (node) => this.#nodeChanged(node),
        updated: (_, node) => this.#nodeChanged(node),
        deleted: (node) => this.#abandon(node),
      }),
    );
    if (!signal.aborted) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    }
    for (const end of unsubscribe) end();
    for (const node of this.#nodes.values()) node.close();
    await this.#scope.close();
  }

  async addNode(spec: KubeletNode, signal: AbortSignal): Promise<void> {
    if (this.#nodes.has(spec.name)) return;
    const runtime = this.#options.runtimes.find((candidate) => candidate.name === spec.runtime);
    if (!runtime) throw new Error(`node ${spec.name}: this cluster has no ${spec.runtime} runtime`);
    const client = this.#clientOf(spec.name);
    if (!runtime.runsProcesses) this.#openStages();
    const node = new NodeKubelet({
      spec,
      runtime,
      client,
      pods: this.#pods,
      leases: this.#leases,
      writer: this.#writer,
      scope: this.#scope,
      stages: runtime.runsProcesses ? undefined : this.#stages,
      environment: (machine) => this.#environment(spec.name, runtime, client, machine),
    });
    this.#nodes.set(spec.name, node);
    await node.start(signal);
    this.#heartbeats.add(spec.name, heartbeatEvery);
  }

  #nodeChanged(node: Node): void {
    const { name = '' } = node.metadata;
    const known = this.#nodes.get(name);
    if (known) known.nodeChanged(node);
    else if (isFake(node)) {
      const spec = adopted(node, () => this.#nodeObjects.get(name));
      this.#scope.spawn(`node ${name}`, (signal) => this.addNode(spec, signal));
    }
  }

  #abandon({ metadata: { name = '', uid = '' } }: Node): void {
    this.#stages?.forget(uid);
    if (this.#nodes.get(name)?.adopted) this.#scope.spawn(`node ${name}`, () => this.#drop(name));
  }

  async #drop(name: string): Promise<void> {
    const node = this.#nodes.get(name);
    node?.close();
    this.#nodes.delete(name);
    this.#heartbeats.delete(name);
    await node?.runtime.removeNode(name, this.#scope.signal);
  }

  async removeNode(name: string, signal: AbortSignal): Promise<void> {
    if (!this.#nodes.has(name)) return;
    await this.#drop(name);
    try {
      await this.#options.client.resource(nodes).delete({ name }, { signal });
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  /** Simulated nodes, and what runs on them, may have stages. */
  #openStages(): void {
    const { transport } = this.#options.client;
    const shared = { ...this.#options, transport, log: this.#log, scope: this.#scope };
    this.#stages ??= new Stages({ ...shared, nodes: this.#nodes });
    this.#simulates.resolve();
  }

  /** The node's own identity, as upstream's kubelets have it. */
  #clientOf(node: string): Client {
    let client = this.#clients.get(node);
    if (!client) {
      const groups = ['system:nodes', 'system:authenticated'];
      // Without the shared caches: a kubelet need not wait for them to show its own writes.
      client = createClient(this.#options.client.transport.as({ name: `system:node:${node}`, groups }));
      this.#clients.set(node, client);
    }
    return client;
  }

  #environment(node: string, runtime: Runtime, client: Client, machine: () => NodeMachine | undefined): PodEnvironment {
    const { clock, ids, informers, clusterDNS, clusterDomain, resolver } = this.#options;
    const images = this.#images.get(runtime) ?? new ImageManager(runtime.images, clock);
    this.#images.set(runtime, images);
    let recorder: ApiEventRecorder | undefined;
    const known = informers.of(services);
    const apiServer = { namespace: 'default', name: 'kubernetes' };
    return {
      node,
      runtime,
      dialer: runtime,
      clock,
      ids,
      log: this.#log,
      scope: this.#scope,
      client,
      images,
      configs: this.#configs,
      claims: this.#claims,
      tokens: this.#tokens,
      dns: {
        clusterDNS,
        clusterDomain,
        nodeNameservers: resolver?.nameservers ?? [],
        nodeSearches: resolver?.searches ?? [],
      },
      hostIPs: () => addressesOf(machine()),
      allocatable: () => machine()?.allocatable ?? {},
      services: (namespace) => {
        const own = known.list(namespace);
        const main = namespace === apiServer.namespace ? undefined : known.get(apiServer);
        return main ? [...own, main] : own;
      },
      tell: (pod, container, type, reason, message) => {
        recorder ??= new ApiEventRecorder({ client, component: 'kubelet', host: node, clock, log: this.#log });
        recorder.event(referenceOf(pod, container), type, reason, message);
      },
    };
  }

  #onEvent(event: RuntimeEvent): void {
    if (event.type === 'resync') {
      for (const node of this.#nodes.values()) {
        this.#scope.spawn('list after a gap', (signal) => node.resync(signal));
      }
      return;
    }
    const node = this.#nodes.get(event.node);
    if (!node) return;
    if (event.type !== 'node') node.notice(event);
    else if (['stopped', 'paused', 'detached'].includes(event.what)) node.stop();
    else this.#scope.spawn(`node ${node.name}`, (signal) => node.start(signal));
  }
}

const addressesOf = (machine: NodeMachine | undefined): string[] =>
  (machine?.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => address);
