import { createHash } from 'node:crypto';
import type { Duplex, Readable } from 'node:stream';
import { badRequest } from '../../api/status.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import type { DialTarget } from '../../node/gateway.ts';
import type {
  ContainerEnd,
  ContainerSpec,
  ContainerState,
  ImageInfo,
  Images,
  NodeMachine,
  NodeSpec,
  PodFiles,
  Runtime,
  RuntimeEvent,
  SandboxSpec,
  SandboxState,
} from '../../node/runtime.ts';
import type { NodeStats } from '../../node/usage.ts';
import type { StreamedProcess } from '../../stream/process.ts';
import { AddressPool } from './address-pool.ts';
import { noFiles } from './no-files.ts';
import { SimulatedUsage } from './usage.ts';

/** What a simulated node has unless its template says otherwise. Kubernetes quantities. */
const usualCapacity = {
  cpu: '32',
  memory: '256Gi',
  'ephemeral-storage': '1Ti',
  'hugepages-1Gi': '0',
  'hugepages-2Mi': '0',
  pods: '110',
};

/** The exit code of a process that SIGTERM ended. */
const terminated = 143;

/** Addresses of nodes without a range of their own, and of pods for whom there is no room in their node's. */
const sharedRange = '100.64.0.0/10';

interface SimulatedNode {
  readonly machine: NodeMachine;
  /** Its own addresses, if it has been given a range by now. */
  readonly pool: () => AddressPool | undefined;
  readonly sandboxes: Map<string, Sandbox>;
  readonly usage: SimulatedUsage;
}

interface Sandbox extends Pick<SandboxState, 'node' | 'pod' | 'attempt'> {
  readonly id: string;
  readonly address: string;
  readonly createdAt: number;
  running: boolean;
  readonly containers: Map<string, ContainerState>;
  /** Of containers that will end by themselves, by id. */
  readonly ends: Map<string, Timer>;
}

/**
 * Nodes without machines and containers without processes: what is started "runs" until it is stopped or directed to
 * end, every image is there, probes succeed and volumes are not filled. Nothing is kept outside this process: after a
 * restart `restore` gives pods back as the API remembers them.
 */
export class SimulatedRuntime implements Runtime {
  readonly name = 'simulated';
  readonly containerRuntimeVersion = 'simulated://1.0.0';
  readonly runsProcesses = false;
  readonly images: Images;
  readonly #clock: Clock;
  readonly #shared = new AddressPool(sharedRange);
  readonly #nodes = new Map<string, SimulatedNode>();
  readonly #sinks = new Set<(event: RuntimeEvent) => void>();

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock;
    this.images = { find: imageOf, pull: imageOf, list: async () => [] };
  }

  async ensureNode(spec: NodeSpec): Promise<NodeMachine> {
    const known = this.#nodes.get(spec.name);
    if (known) return known.machine;
    let own: AddressPool | undefined;
    const pool = () => (own ??= spec.podCIDR ? new AddressPool(spec.podCIDR) : undefined);
    const machine = machineOf(spec, () => this.#take(pool()));
    this.#nodes.set(spec.name, { machine, pool, sandboxes: new Map(), usage: new SimulatedUsage() });
    return machine;
  }

  async removeNode(name: string): Promise<void> {
    for (const { ends } of this.#nodes.get(name)?.sandboxes.values() ?? [])
      for (const end of ends.values()) end.cancel();
    this.#nodes.delete(name);
  }

  async list(node: string): Promise<readonly SandboxState[]> {
    return [...(this.#nodes.get(node)?.sandboxes.values() ?? [])].map(stateOf);
  }

  restore(state: SandboxState): void {
    const node = this.#nodes.get(state.node);
    if (!node || node.sandboxes.has(state.id)) return;
    node.pool()?.claim(state.address);
    this.#shared.claim(state.address);
    const { id, address, createdAt, running } = state;
    const containers = new Map(state.containers.map((container) => [container.id, container]));
    const { node: name, pod, attempt } = state;
    node.sandboxes.set(id, { node: name, pod, attempt, id, address, createdAt, running, containers, ends: new Map() });
  }

  /** Containers that were directed to end do so by themselves; nothing else happens. */
  events(sink: (event: RuntimeEvent) => void): () => void {
    this.#sinks.add(sink);
    return () => void this.#sinks.delete(sink);
  }

  direct(node: string, containerId: string, end: ContainerEnd | undefined): void {
    const sandbox = this.#sandboxOf(node, containerId);
    sandbox?.ends.get(containerId)?.cancel();
    sandbox?.ends.delete(containerId);
    if (!sandbox || !end) return;
    const timer = this.#clock.after(end.after, () => {
      if (sandbox.containers.get(containerId)?.status !== 'running') return;
      this.#end(sandbox, containerId, end.exitCode);
      const { uid } = sandbox.pod;
      for (const sink of this.#sinks) sink({ type: 'container', node, podUid: uid, containerId, what: 'died' });
    });
    sandbox.ends.set(containerId, timer);
  }

  async startSandbox(spec: SandboxSpec): Promise<SandboxState> {
    const node = this.#node(spec.node);
    const id = `${spec.pod.uid}-${spec.attempt}`;
    const known = node.sandboxes.get(id);
    if (known) return stateOf(known);
    const address = spec.hostNetwork ? '' : this.#take(node.pool());
    const { node: name, pod, attempt } = spec;
    const createdAt = this.#clock.wall();
    const sandbox = {
      node: name,
      pod,
      attempt,
      id,
      address,
      createdAt,
      running: true,
      containers: new Map(),
      ends: new Map(),
    };
    node.sandboxes.set(id, sandbox);
    return stateOf(sandbox);
  }

  async stopSandbox(nodeName: string, sandboxId: string): Promise<void> {
    const node = this.#node(nodeName);
    const sandbox = node.sandboxes.get(sandboxId);
    if (!sandbox?.running) return;
    for (const id of sandbox.containers.keys()) this.#end(sandbox, id, 137);
    sandbox.running = false;
    node.pool()?.give(sandbox.address);
    this.#shared.give(sandbox.address);
  }

  async removeSandbox(nodeName: string, sandboxId: string): Promise<void> {
    await this.stopSandbox(nodeName, sandboxId);
    this.#node(nodeName).sandboxes.delete(sandboxId);
  }

  async startContainer(spec: ContainerSpec): Promise<ContainerState> {
    const sandbox = this.#node(spec.node).sandboxes.get(spec.sandboxId);
    if (!sandbox) throw new Error(`sandbox ${spec.sandboxId} does not exist`);
    const id = `${spec.sandboxId}-${spec.name}-${spec.attempt}`;
    const known = sandbox.containers.get(id);
    if (known) return known;
    const now = this.#clock.wall();
    const state: ContainerState = {
      id,
      name: spec.name,
      attempt: spec.attempt,
      image: spec.labels.image ?? spec.image,
      imageId: spec.image,
      labels: spec.labels,
      status: 'running',
      createdAt: now,
      startedAt: now,
      finishedAt: 0,
      exitCode: 0,
      oomKilled: false,
      error: '',
      terminationMessage: '',
    };
    sandbox.containers.set(id, state);
    return state;
  }

  /** A simulated process ends at once: a server as it should, work that has an end by the signal that cuts it short. */
  async stopContainer(node: string, containerId: string): Promise<ContainerState> {
    const sandbox = this.#sandboxOf(node, containerId);
    if (!sandbox) throw new Error(`container ${containerId} does not exist`);
    return this.#end(sandbox, containerId, sandbox.ends.has(containerId) ? terminated : 0);
  }

  async removeContainer(node: string, containerId: string): Promise<void> {
    this.#sandboxOf(node, containerId)?.containers.delete(containerId);
  }

  async inspect(node: string, containerId: string): Promise<ContainerState | undefined> {
    return this.#sandboxOf(node, containerId)?.containers.get(containerId);
  }

  async exec(node: string): Promise<StreamedProcess> {
    throw badRequest(`node "${node}" is simulated: its containers run no processes, so exec is not possible`);
  }

  async attach(node: string): Promise<StreamedProcess> {
    throw badRequest(`node "${node}" is simulated: its containers run no processes, so attach is not possible`);
  }

  async logs(node: string): Promise<Readable> {
    throw badRequest(`node "${node}" is simulated: its containers run no processes and write no logs`);
  }

  async stats(nodeName: string, pods: readonly Pod[]): Promise<NodeStats> {
    const node = this.#node(nodeName);
    return node.usage.read([...node.sandboxes.values()].map(stateOf), pods, this.#clock.wall(), this.#clock.steady());
  }

  async dial(target: DialTarget): Promise<Duplex> {
    throw badRequest(`node "${target.node}" is simulated: nothing listens in its pods`);
  }

  files(): PodFiles {
    return noFiles;
  }

  #node(name: string): SimulatedNode {
    const node = this.#nodes.get(name);
    if (!node) throw new Error(`simulated node ${name} does not exist`);
    return node;
  }

  /** Ids start with the sandbox's: "<uid>-<attempt>-<name>-<attempt>". */
  #sandboxOf(node: string, containerId: string): Sandbox | undefined {
    const sandboxes = this.#nodes.get(node)?.sandboxes;
    const uidEnd = 36;
    const end = containerId.indexOf('-', uidEnd + 1);
    return sandboxes?.get(containerId.slice(0, end));
  }

  #end(sandbox: Sandbox, id: string, exitCode: number): ContainerState {
    sandbox.ends.get(id)?.cancel();
    sandbox.ends.delete(id);
    const state = sandbox.containers.get(id);
    if (!state) throw new Error(`container ${id} does not exist`);
    if (state.status === 'exited') return state;
    const ended: ContainerState = { ...state, status: 'exited', finishedAt: this.#clock.wall(), exitCode };
    sandbox.containers.set(id, ended);
    return ended;
  }

  #take(pool: AddressPool | undefined): string {
    const address = pool?.take() ?? this.#shared.take();
    if (address === undefined) throw new Error(`no address of ${sharedRange} is free`);
    return address;
  }
}

/** The machine a node pretends to be. */
function machineOf({ name, template = {} }: NodeSpec, address: () => string): NodeMachine {
  // The same after every restart: a new id would look like another machine.
  const hash = createHash('md5').update(name).digest('hex');
  const capacity = { ...usualCapacity, ...template.capacity };
  return {
    name,
    addresses: template.addresses ?? [
      { type: 'InternalIP', address: address() },
      { type: 'Hostname', address: name },
    ],
    capacity,
    allocatable: { ...capacity, ...template.allocatable },
    info: {
      machineID: hash,
      systemUUID: `${hash.slice(0, 8)}-${hash.slice(8, 12)}-${hash.slice(12, 16)}-${hash.slice(16, 20)}-${hash.slice(20)}`,
      bootID: hash,
      kernelVersion: 'simulated',
      osImage: 'krill simulated node',
      architecture: 'amd64',
      operatingSystem: 'linux',
      ...template.info,
    },
    bootId: name,
  };
}

/** Every image is there. */
async function imageOf(reference: string): Promise<ImageInfo> {
  return { id: reference, names: [reference], sizeBytes: 0, user: '', entrypoint: [], command: [] };
}

function stateOf(sandbox: Sandbox): SandboxState {
  return {
    id: sandbox.id,
    node: sandbox.node,
    pod: sandbox.pod,
    attempt: sandbox.attempt,
    running: sandbox.running,
    address: sandbox.address,
    createdAt: sandbox.createdAt,
    containers: [...sandbox.containers.values()],
  };
}
