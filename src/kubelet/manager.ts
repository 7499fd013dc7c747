import { nodes, pods } from '../api/kinds.gen.ts';
import { isStatus } from '../api/status.ts';
import type { Logger } from '../base/log.ts';
import { Scope } from '../base/scope.ts';
import { type Client, createClient } from '../client/client.ts';
import type { Informer } from '../client/informer.ts';
import type { Runtime, RuntimeEvent } from '../node/runtime.ts';
import { ClaimCache } from './claim-cache.ts';
import { ConfigCache } from './config-cache.ts';
import type { KubeletNode, KubeletOptions, Kubelets } from './contract.ts';
import { KubeletGateway } from './gateway.ts';
import { ImageManager } from './images.ts';
import { podEnvironment, type Shared } from './node/environment.ts';
import { Leases } from './node/leases.ts';
import { NodeKubelet } from './node/node-kubelet.ts';
import { Rounds } from './node/rounds.ts';
import { adopted, isFake } from './node/template.ts';
import { Stages } from './stages/stages.ts';
import { StatusWriter } from './status-writer.ts';
import { Tokens } from './tokens.ts';
import type { Node, Pod } from './types.ts';

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
  readonly #shared: Shared;
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
    this.#shared = {
      log: this.#log,
      scope: this.#scope,
      configs: new ConfigCache({
        clientOf: (node) => this.#clientOf(node),
        env: { clock, ids, log: this.#log },
        scope: this.#scope,
        changed: (node, uid) => this.#nodes.get(node)?.workers.get(uid)?.refreshConfig(),
      }),
      claims: new ClaimCache(informers, this.#pods, ({ metadata, spec }) =>
        this.#nodes
          .get(spec.nodeName ?? '')
          ?.workers.get(metadata.uid ?? '')
          ?.claimChanged(),
      ),
      tokens: new Tokens(clock),
      images: (runtime) => this.#imagesOf(runtime),
    };
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
      registrar: this.#options.client,
      pods: this.#pods,
      leases: this.#leases,
      writer: this.#writer,
      scope: this.#scope,
      stages: runtime.runsProcesses ? undefined : this.#stages,
      environment: (machine) =>
        podEnvironment(this.#options, this.#shared, { name: spec.name, runtime, client, machine }),
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

  /** Nodes of one runtime share what is pulled. */
  #imagesOf(runtime: Runtime): ImageManager {
    const images = this.#images.get(runtime) ?? new ImageManager(runtime.images, this.#options.clock);
    this.#images.set(runtime, images);
    return images;
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
