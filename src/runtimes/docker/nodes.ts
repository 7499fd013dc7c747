import type { Logger } from '../../base/log.ts';
import type { Engine } from '../../engine/engine.ts';
import type { ContainerSummary, EngineInfo } from '../../engine/types.ts';
import type { NodeMachine, NodeSpec } from '../../node/runtime.ts';
import { type ClusterIdentity, label, nodeContainerName } from './names.ts';
import type { ClusterNetwork } from './network.ts';
import { DockerNode } from './node.ts';
import { describeMachine } from './node-container.ts';
import { killInTurn, sharesNetwork } from './removal.ts';
import { AddressPool } from './subnets.ts';

/** What a live sandbox needs laid again when its node's network was made anew. */
export type Rewire = (node: DockerNode, sandboxes: readonly ContainerSummary[], signal: AbortSignal) => Promise<void>;

/** The nodes of a cluster: which there are, their addresses, and how each is brought up. */
export class DockerNodes {
  readonly #engine: Engine;
  readonly #cluster: ClusterIdentity;
  readonly #network: ClusterNetwork;
  readonly #image: string;
  readonly #info: EngineInfo;
  readonly #log: Logger;
  readonly #nodes = new Map<string, DockerNode>();
  readonly #addresses: AddressPool;
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(
    engine: Engine,
    cluster: ClusterIdentity,
    network: ClusterNetwork,
    image: string,
    info: EngineInfo,
    log: Logger,
  ) {
    this.#engine = engine;
    this.#cluster = cluster;
    this.#network = network;
    this.#image = image;
    this.#info = info;
    this.#log = log;
    // The network's own address and the gateway's come first in the range.
    this.#addresses = new AddressPool(network.subnets.nodes, 2);
  }

  /** Takes up the nodes that exist already, before any is made, so that no address is given twice. */
  async recover(signal: AbortSignal): Promise<void> {
    const filters = { label: [`${label.cluster}=${this.#cluster.name}`, `${label.role}=node`] };
    for (const { Labels } of await this.#engine.containers.list(filters, signal)) {
      const [name, podCIDR, address] = [Labels[label.node], Labels[label.podCIDR], Labels[label.address]];
      if (!name || !podCIDR || !address) continue;
      this.#addresses.take(address, name);
      this.#nodes.set(name, new DockerNode(this.#engine, this.#log, name, podCIDR, address));
    }
  }

  get(name: string): DockerNode {
    const node = this.#nodes.get(name);
    if (!node) throw new Error(`there is no node ${name}`);
    return node;
  }

  find(name: string): DockerNode | undefined {
    return this.#nodes.get(name);
  }

  all(): readonly DockerNode[] {
    return [...this.#nodes.values()];
  }

  /** Starts or repairs one node. */
  ensure(spec: NodeSpec, rewire: Rewire, signal: AbortSignal): Promise<NodeMachine> {
    return this.#inTurn(spec.name, () => this.#ensure(spec, rewire, signal));
  }

  /** Work on one node runs one after another. */
  #inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(name) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(work);
    this.#turns.set(name, turn);
    return turn;
  }

  async #ensure(spec: NodeSpec, rewire: Rewire, signal: AbortSignal): Promise<NodeMachine> {
    const node = this.#node(spec);
    await node.start(this.#cluster, this.#network, this.#image, spec, signal);
    const peers = this.all().map((other) => other.peer);
    const [sandboxes, { diskBytes }] = await Promise.all([
      this.#takeStock(node, signal),
      node.program(peers, this.#network, signal),
    ]);
    await rewire(
      node,
      sandboxes.filter((sandbox) => sandbox.State === 'running'),
      signal,
    );
    await Promise.all(
      this.all()
        .filter((other) => other !== node && other.runs)
        .map((other) => other.route(node.peer, signal).catch(() => undefined)),
    );
    const { id, startedAt } = node.running;
    return describeMachine(spec, node.address, this.#info, { containerId: id, startedAt, diskBytes });
  }

  /** What is left on the machine; addresses in use are held, and what is dead is killed. */
  async #takeStock(node: DockerNode, signal: AbortSignal): Promise<readonly ContainerSummary[]> {
    const sandboxes = await this.sandboxes(node.name, signal);
    holdAddresses(node, sandboxes);
    await this.#killOlder(node, signal);
    return sandboxes;
  }

  /** A machine that started anew had lost its power: what is older than its start is dead, whatever the engine thinks. */
  async #killOlder(node: DockerNode, signal: AbortSignal): Promise<void> {
    const boot = Date.parse(node.running.startedAt);
    const containers = await this.podContainers(node.name, signal);
    await Promise.all(
      containers.filter(isAlive).map(async (container) => {
        // The listing's times are whole seconds.
        const found = await this.#engine.containers.inspect(container.Id, signal);
        if (found && Date.parse(found.Created) < boot) await this.#kill(container, signal);
      }),
    );
  }

  /**
   * The engine says that a node's container ended. Kills what ran on it, unless it runs again by now. Says whether the
   * machine this process knew is gone.
   */
  lostPower(name: string): Promise<boolean> {
    return this.#inTurn(name, async () => {
      const node = this.#nodes.get(name);
      if (!node) return false;
      const found = await this.#engine.containers.inspect(nodeContainerName(this.#cluster.name, name));
      if (found?.State.Running && node.runs && node.running.startedAt === found.State.StartedAt) return false;
      node.stopped();
      // One that has been started again is for `ensure`, which knows what is older than the start.
      if (!found?.State.Running) await this.#killAll(name);
      return true;
    });
  }

  /** Switches a node's machine on again; the engine's event tells that it runs. */
  async switchOn(name: string): Promise<void> {
    await this.#engine.containers.start(nodeContainerName(this.#cluster.name, name));
  }

  #node(spec: NodeSpec): DockerNode {
    const known = this.#nodes.get(spec.name);
    if (known) {
      if (known.podCIDR === spec.podCIDR) return known;
      throw new Error(`node ${spec.name} exists with the pod range ${known.podCIDR}, not ${spec.podCIDR}`);
    }
    const node = new DockerNode(this.#engine, this.#log, spec.name, spec.podCIDR, this.#addresses.allocate(spec.name));
    this.#nodes.set(spec.name, node);
    return node;
  }

  /** Sandboxes of a node in any state. */
  async sandboxes(node: string, signal?: AbortSignal, podUid?: string): Promise<ContainerSummary[]> {
    const containers = await this.podContainers(node, signal, podUid);
    return containers.filter((container) => container.Labels[label.role] === 'sandbox');
  }

  /** Everything of a node but its own container, in any state; of one pod alone, if given. */
  async podContainers(node: string, signal?: AbortSignal, podUid?: string): Promise<ContainerSummary[]> {
    const labels = [...this.#labels(node), ...(podUid === undefined ? [] : [`${label.podUid}=${podUid}`])];
    const all = await this.#engine.containers.list({ label: labels }, signal);
    return all.filter((container) => container.Labels[label.role] !== 'node');
  }

  #labels(node: string): string[] {
    return [`${label.cluster}=${this.#cluster.name}`, `${label.node}=${node}`];
  }

  async #killAll(node: string): Promise<void> {
    const containers = await this.podContainers(node);
    await Promise.all(containers.filter(isAlive).map((container) => this.#kill(container)));
  }

  /** The container stays, dead, for the kubelet to see. */
  async #kill(container: ContainerSummary, signal?: AbortSignal): Promise<void> {
    if (container.State === 'paused')
      await this.#engine.containers.unpause(container.Id, signal).catch(() => undefined);
    await killInTurn(this.#engine, container.Id, sharesNetwork(container), signal).catch(() => undefined);
  }

  /** Freezes or thaws what runs on a node, together with the node. */
  async pauseAll(node: string, pause: boolean): Promise<void> {
    const containers = await this.podContainers(node);
    const wanted = containers.filter((c) => c.State === (pause ? 'running' : 'paused'));
    const act = (id: string) => (pause ? this.#engine.containers.pause(id) : this.#engine.containers.unpause(id));
    await Promise.all(wanted.map((c) => act(c.Id).catch(() => undefined)));
  }

  /** Forgets a removed node; its address may be given again. */
  forget(name: string): void {
    const node = this.#nodes.get(name);
    if (!node) return;
    node.stopped();
    this.#addresses.release(node.address, name);
    this.#nodes.delete(name);
    this.#turns.delete(name);
  }
}

const isAlive = (container: ContainerSummary) => container.State === 'running' || container.State === 'paused';

/** Live sandboxes hold their addresses; dead ones hold theirs until they are removed, unless another has it by now. */
function holdAddresses(node: DockerNode, sandboxes: readonly ContainerSummary[]): void {
  const order = [...sandboxes.filter(isAlive), ...sandboxes.filter((sandbox) => !isAlive(sandbox))];
  for (const { Id, Labels } of order) {
    const { [label.address]: address, [label.network]: kind } = Labels;
    if (address && kind === 'pod' && node.pool.holder(address) === undefined) node.pool.take(address, Id);
  }
}
