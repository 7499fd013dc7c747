import { PassThrough, Readable } from 'node:stream';
import type { Clock } from '../../src/base/clock.ts';
import type { DialTarget, ExecOptions, LogOptions } from '../../src/node/gateway.ts';
import type {
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
  VolumeFile,
} from '../../src/node/runtime.ts';
import { ImageError, type StartError } from '../../src/node/runtime.ts';
import type { NodeStats } from '../../src/node/usage.ts';
import type { StreamedProcess } from '../../src/stream/process.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };
interface FakeSandbox {
  spec: SandboxSpec;
  id: string;
  address: string;
  running: boolean;
  containers: Writable<ContainerState>[];
}

/** What a command run in a container answers. */
export interface FakeExec {
  readonly exitCode: number;
  readonly output?: string;
}

/**
 * A Runtime in memory whose containers are "real": they keep their state over restarts of the kubelet, die when the
 * test says so, and their files can be read. What the engine would refuse is scripted by image name.
 */
export class FakeRuntime implements Runtime {
  readonly name = 'docker';
  readonly containerRuntimeVersion = 'docker://fake';
  readonly runsProcesses = true;
  readonly images: Images;
  readonly specs: ContainerSpec[] = [];
  readonly sandboxSpecs: SandboxSpec[] = [];
  readonly stops: { name: string; grace: number }[] = [];
  readonly execs: string[] = [];
  readonly written = new Map<string, string>();
  readonly volumes = new Map<string, readonly VolumeFile[]>();
  readonly removedPods: string[] = [];
  /** Paths of the host that are not what is asked for, with what is said then. */
  readonly badPaths = new Map<string, string>();
  /** Images the engine has. */
  readonly present = new Set<string>(['app:1', 'app:2', 'init:1']);
  /** Images a registry has. */
  readonly registry = new Set<string>();
  /** Nanoseconds of CPU that containers of these names have used each millisecond since the runtime began. */
  readonly cpu = new Map<string, number>();
  /** How often a node's usage was read. */
  readings = 0;
  pulls = 0;
  /** How often a whole node was listed and a container looked at. */
  lists = 0;
  inspections = 0;
  /** Refuses to start containers of these images. */
  readonly broken = new Map<string, StartError>();
  /** Containers of these images end right after the engine has said that they run. */
  readonly brief = new Set<string>();
  /** Containers of these images have ended before anybody hears that they run. */
  readonly over = new Set<string>();
  imageUser = '';
  onExec: (command: readonly string[], containerId: string) => FakeExec | Promise<FakeExec> = () => ({ exitCode: 0 });
  onDial: (target: DialTarget) => Promise<import('node:stream').Duplex> = async () => {
    throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  };
  logText = 'hello\n';
  readonly #clock: Clock;
  readonly #sandboxes = new Map<string, FakeSandbox>();
  readonly #sinks = new Set<(event: RuntimeEvent) => void>();
  #addresses = 1;
  #bootId = 'boot-1';
  readonly #since: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.wall();
    const info = (reference: string): ImageInfo => ({
      id: `sha256:${reference}`,
      names: [reference],
      sizeBytes: 1000,
      user: this.imageUser,
      entrypoint: [],
      command: [],
    });
    this.images = {
      find: async (reference) => (this.present.has(reference) ? info(reference) : undefined),
      pull: async (reference) => {
        this.pulls++;
        if (!this.registry.has(reference)) throw new ImageError('ErrImagePull', `manifest for ${reference} not found`);
        this.present.add(reference);
        return info(reference);
      },
      list: async () => [...this.present].map(info),
    };
  }

  async ensureNode(spec: NodeSpec): Promise<NodeMachine> {
    return {
      name: spec.name,
      addresses: [{ type: 'InternalIP', address: '172.30.0.2' }],
      capacity: { cpu: '4', memory: '8Gi', pods: '110' },
      allocatable: { cpu: '4', memory: '8Gi', pods: '110' },
      info: {
        machineID: 'm',
        systemUUID: 's',
        bootID: 'b',
        kernelVersion: 'k',
        osImage: 'o',
        architecture: 'amd64',
        operatingSystem: 'linux',
      },
      bootId: this.#bootId,
    };
  }

  async removeNode(): Promise<void> {
    this.#sandboxes.clear();
  }

  async list(node: string): Promise<readonly SandboxState[]> {
    this.lists++;
    return [...this.#sandboxes.values()].filter((s) => s.spec.node === node).map(stateOf);
  }

  events(sink: (event: RuntimeEvent) => void): () => void {
    this.#sinks.add(sink);
    return () => void this.#sinks.delete(sink);
  }

  emit(event: RuntimeEvent): void {
    for (const sink of this.#sinks) sink(event);
  }

  async startSandbox(spec: SandboxSpec): Promise<SandboxState> {
    this.sandboxSpecs.push(spec);
    const id = `sandbox-${spec.pod.name}-${spec.attempt}`;
    const address = spec.hostNetwork ? '' : `10.244.0.${++this.#addresses}`;
    const sandbox: FakeSandbox = { spec, id, address, running: true, containers: [] };
    this.#sandboxes.set(id, sandbox);
    return stateOf(sandbox);
  }

  async stopSandbox(_node: string, id: string): Promise<void> {
    const sandbox = this.#sandboxes.get(id);
    if (!sandbox) return;
    sandbox.running = false;
    for (const container of sandbox.containers) this.#end(container, 137);
    const { node, pod } = sandbox.spec;
    this.emit({ type: 'sandbox', node, podUid: pod.uid, sandboxId: id, what: 'died' });
  }

  async removeSandbox(_node: string, id: string): Promise<void> {
    this.#sandboxes.delete(id);
  }

  async startContainer(spec: ContainerSpec): Promise<ContainerState> {
    this.specs.push(spec);
    const refused = this.broken.get(spec.labels.image ?? '');
    if (refused) throw refused;
    const now = this.#clock.wall();
    const container: Writable<ContainerState> = {
      id: `${spec.pod.name}-${spec.name}-${spec.attempt}`,
      name: spec.name,
      attempt: spec.attempt,
      image: spec.labels.image ?? '',
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
    this.#sandboxes.get(spec.sandboxId)?.containers.push(container);
    if (this.over.has(container.image)) this.die(container.id, 0);
    const answer = { ...container };
    if (this.brief.has(container.image)) this.die(container.id, 1);
    return answer;
  }

  async stopContainer(_node: string, id: string, grace: number): Promise<ContainerState> {
    const container = this.#container(id);
    if (!container) throw new Error(`no container ${id}`);
    if (container.status === 'running') {
      this.stops.push({ name: container.name, grace });
      this.die(id, 143);
    }
    return { ...container };
  }

  async removeContainer(_node: string, id: string): Promise<void> {
    for (const sandbox of this.#sandboxes.values()) sandbox.containers = sandbox.containers.filter((c) => c.id !== id);
  }

  async inspect(_node: string, id: string): Promise<ContainerState | undefined> {
    this.inspections++;
    const container = this.#container(id);
    return container && { ...container };
  }

  async exec(_node: string, containerId: string, options: ExecOptions): Promise<StreamedProcess> {
    this.execs.push(options.command.join(' '));
    const answer = await this.onExec(options.command, containerId);
    const stdout = new PassThrough();
    stdout.end(answer.output ?? '');
    return { stdout, exit: Promise.resolve(answer.exitCode), resize: () => undefined, kill: () => undefined };
  }

  async attach(): Promise<StreamedProcess> {
    return { exit: Promise.resolve(0), resize: () => undefined, kill: () => undefined };
  }

  async logs(_node: string, containerId: string, _options: LogOptions): Promise<Readable> {
    return Readable.from([Buffer.from(`${containerId}: ${this.logText}`)]);
  }

  async stats(node: string): Promise<NodeStats> {
    this.readings++;
    const sampledAt = this.#clock.wall();
    const use = (cpuNanos: number) => ({
      cpuNanos,
      memoryWorkingSetBytes: 1 << 20,
      memoryRssBytes: 1 << 19,
      sampledAt,
    });
    const sandboxes = [...this.#sandboxes.values()].filter(({ spec }) => spec.node === node);
    const containers = sandboxes.flatMap(({ spec, containers: all }) =>
      all
        .filter(({ status }) => status === 'running')
        .map(({ id, name }) => {
          const cpuNanos = (this.cpu.get(name) ?? 0) * (sampledAt - this.#since);
          return { podUid: spec.pod.uid, container: name, containerId: id, ...use(cpuNanos) };
        }),
    );
    return { ...use(containers.reduce((sum, { cpuNanos }) => sum + cpuNanos, 0)), containers };
  }

  dial(target: DialTarget) {
    return this.onDial(target);
  }

  files(_node: string, podUid: string): PodFiles {
    return {
      path: (relative) => `/disk/${podUid}/${relative}`,
      memoryPath: (relative) => `/memory/${podUid}/${relative}`,
      ensureFolder: async () => undefined,
      writeVolume: async (path, files) => void this.volumes.set(path, files),
      writeFile: async (path, content) => void this.written.set(path, content.toString()),
      subPath: async (path, relative) => `${path}/${relative}`,
      checkHostPath: async (path) => {
        const why = this.badPaths.get(path);
        if (why) throw new Error(why);
      },
      removeAll: async () => void this.removedPods.push(podUid),
    };
  }

  /** A container's process ends. */
  die(id: string, exitCode: number, extra: Partial<ContainerState> = {}): void {
    const container = this.#container(id);
    if (!container) throw new Error(`no container ${id}`);
    this.#end(container, exitCode);
    Object.assign(container, extra);
    const sandbox = [...this.#sandboxes.values()].find((s) => s.containers.includes(container));
    const podUid = sandbox?.spec.pod.uid ?? '';
    this.emit({ type: 'container', node: sandbox?.spec.node ?? '', podUid, containerId: id, what: 'died' });
  }

  /** Power loss: everything on the node is dead. */
  kill(node: string): void {
    for (const sandbox of this.#sandboxes.values()) {
      if (sandbox.spec.node !== node) continue;
      sandbox.running = false;
      for (const container of sandbox.containers) this.#end(container, 137);
    }
    this.emit({ type: 'node', node, what: 'stopped' });
  }

  /** Ids of everything that runs. */
  running(): string[] {
    return [...this.#sandboxes.values()].flatMap((s) =>
      s.containers.filter((c) => c.status === 'running').map((c) => c.id),
    );
  }

  sandboxCount(): number {
    return this.#sandboxes.size;
  }

  #container(id: string): Writable<ContainerState> | undefined {
    for (const sandbox of this.#sandboxes.values()) {
      const found = sandbox.containers.find((c) => c.id === id);
      if (found) return found;
    }
    return undefined;
  }

  #end(container: Writable<ContainerState>, exitCode: number): void {
    if (container.status === 'exited') return;
    Object.assign(container, { status: 'exited', exitCode, finishedAt: this.#clock.wall() });
  }
}

function stateOf(sandbox: FakeSandbox): SandboxState {
  return {
    id: sandbox.id,
    node: sandbox.spec.node,
    pod: sandbox.spec.pod,
    attempt: sandbox.spec.attempt,
    running: sandbox.running,
    address: sandbox.running ? sandbox.address : '',
    createdAt: 0,
    containers: sandbox.containers.map((c) => ({ ...c })),
  };
}
