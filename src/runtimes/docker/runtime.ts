import { posix } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Scope } from '../../base/scope.ts';
import type { Engine } from '../../engine/engine.ts';
import { followEvents } from '../../engine/events.ts';
import type { Turns } from '../../engine/turns.ts';
import type { EngineEvent, EngineInfo } from '../../engine/types.ts';
import type { AttachOptions, DialTarget, ExecOptions, LogOptions } from '../../node/gateway.ts';
import type { HostReach, NodeNetwork, UdpFlow } from '../../node/network.ts';
import type {
  ContainerSpec,
  ContainerState,
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
import { Containers } from './containers.ts';
import { DockerDialer } from './dialer.ts';
import { runtimeEvent } from './events.ts';
import { DockerPodFiles } from './files.ts';
import { DockerFolders } from './folders.ts';
import {
  HostUnreachable,
  hostName,
  lookupHost,
  probeReach,
  type ReachPlan,
  type ReachPorts,
  reachOf,
} from './host-reach.ts';
import { DockerImages } from './images.ts';
import { containerLogs } from './logs.ts';
import {
  type ClusterIdentity,
  cgroupFolder,
  cgroupParent,
  cgroupPath,
  diskRoot,
  label,
  memoryRoot,
  nodeContainerName,
  podFolder,
} from './names.ts';
import type { ClusterNetwork } from './network.ts';
import { DockerNodes } from './nodes.ts';
import { allowsOwnNetworks, type PodContext } from './pod-containers.ts';
import { removeContainers } from './removal.ts';
import { Sandboxes } from './sandboxes.ts';
import { containerState, sandboxState } from './states.ts';
import { parseStats, statsScript } from './stats.ts';
import { attachTo, execIn } from './streams.ts';
import { forgetUdp } from './wiring.ts';

export interface DockerRuntimeOptions {
  readonly engine: Engine;
  readonly cluster: ClusterIdentity;
  readonly network: ClusterNetwork;
  /** The engine's name of the node image, from `ensureNodeImage`. */
  readonly nodeImage: string;
  /** What the engine says of itself, where that has been asked already. */
  readonly info?: EngineInfo;
  readonly clock: Clock;
  readonly log: Logger;
  /** Owns the event stream; closing it leaves every container running. */
  readonly scope: Scope;
}

/** Largest packet on the nodes' network and in pods. */
const mtu = 1500;

type NodeEvent = RuntimeEvent & { readonly type: 'node' };

/** Runs pods as containers of a Docker engine, on nodes that are containers too. */
export class DockerRuntime implements Runtime, NodeNetwork {
  readonly name = 'docker';
  readonly runsProcesses = true;
  readonly containerRuntimeVersion: string;
  readonly images: DockerImages;
  readonly folders: DockerFolders;
  readonly shellImage: string;
  readonly #options: DockerRuntimeOptions;
  readonly #engine: Engine;
  readonly #nodes: DockerNodes;
  readonly #sandboxes: Sandboxes;
  readonly #containers: Containers;
  readonly #dialer: DockerDialer;
  readonly #cgroupDriver: string;
  readonly #sinks = new Set<(event: RuntimeEvent) => void>();
  /** Per node, when its last event has been told. */
  readonly #told = new Map<string, Promise<void>>();
  readonly #resets = new Set<(node: string) => void>();
  /** What has happened to each node and is still being dealt with. */
  readonly #news = new Map<string, Turns>();

  private constructor(options: DockerRuntimeOptions, info: EngineInfo) {
    const { engine, cluster, network, clock, log, nodeImage } = options;
    this.#options = options;
    this.#engine = engine;
    this.containerRuntimeVersion = `docker://${engine.version.Version}`;
    this.images = new DockerImages(engine);
    this.#cgroupDriver = info.CgroupDriver;
    this.#nodes = new DockerNodes(engine, cluster, network, nodeImage, info, log);
    this.shellImage = nodeImage;
    this.folders = new DockerFolders(cluster.name, this.#nodes);
    const context: PodContext = {
      cluster,
      nodeImage,
      volumesFolder: `${info.DockerRootDir}/volumes`,
      ownNetworks: allowsOwnNetworks(info),
      cgroupParent: (node, podUid) => cgroupParent(info.CgroupDriver, cluster.name, node, podUid),
      cgroupFolder: (node, podUid) =>
        cgroupFolder(info.CgroupDriver, cgroupParent(info.CgroupDriver, cluster.name, node, podUid)),
    };
    this.#sandboxes = new Sandboxes(engine, this.#nodes, context, mtu);
    this.#containers = new Containers(engine, this.#nodes, this.#sandboxes, context);
    this.#dialer = new DockerDialer(engine, this.#nodes, network.gateway, clock);
  }

  /** Takes up what runs of the cluster already, and follows the engine's events from then on. */
  static async open(options: DockerRuntimeOptions, signal: AbortSignal): Promise<DockerRuntime> {
    const runtime = new DockerRuntime(options, options.info ?? (await options.engine.info(signal)));
    await runtime.#nodes.recover(signal);
    options.scope.spawn('docker events', (scopeSignal) => runtime.#follow(scopeSignal));
    options.scope.defer(() => {
      for (const node of runtime.#nodes.all()) node.stopped();
    });
    return runtime;
  }

  async ensureNode(spec: NodeSpec, signal: AbortSignal): Promise<NodeMachine> {
    const machine = await this.#nodes.ensure(
      spec,
      async (node, running) => {
        await Promise.all(
          running.map(async (sandbox) => {
            const found = await this.#engine.containers.inspect(sandbox.Id, signal);
            if (found?.State.Running) await this.#sandboxes.wire(node, found, signal);
          }),
        );
      },
      signal,
    );
    for (const sink of this.#resets) sink(spec.name);
    return machine;
  }

  async removeNode(name: string, signal: AbortSignal): Promise<void> {
    const containers = await this.#nodes.podContainers(name, signal);
    await removeContainers(this.#engine, containers, signal);
    const node = this.#nodes.find(name);
    const roots = [diskRoot, memoryRoot].map((root) => `${root}/${this.#cluster}/${name}/*`);
    if (node?.runs) await node.files.run(`rm -rf ${roots.join(' ')}`, signal).catch(() => undefined);
    await this.#engine.inTurn(() => this.#engine.containers.remove(nodeContainerName(this.#cluster, name), signal));
    this.#nodes.forget(name);
    this.#news.delete(name);
  }

  async list(nodeName: string, signal: AbortSignal): Promise<readonly SandboxState[]> {
    const summaries = await this.#nodes.podContainers(nodeName, signal);
    const found = await Promise.all(summaries.map((c) => this.#engine.containers.inspect(c.Id, signal)));
    const roleOf = (c: (typeof found)[number]) => c?.Config.Labels?.[label.role];
    const sandboxes = found.filter((c) => c && roleOf(c) === 'sandbox').map((c) => c!);
    const states = new Map<string, ContainerState[]>();
    await Promise.all(
      found.map(async (c) => {
        if (!c || roleOf(c) !== 'container') return;
        const state = await this.#containers.inspect(c.Id, signal);
        const uid = c.Config.Labels?.[label.podUid] ?? '';
        states.set(uid, [...(states.get(uid) ?? []), state ?? containerState(c, '')]);
      }),
    );
    const attempt = (c: (typeof sandboxes)[number]) => Number(c.Config.Labels?.[label.attempt] ?? 0);
    sandboxes.sort((a, b) => attempt(b) - attempt(a));
    // Containers belong to the pod's newest sandbox in the listing; an older one is dead and has none to run.
    return sandboxes.map((c) => {
      const uid = c.Config.Labels?.[label.podUid] ?? '';
      const own = states.get(uid) ?? [];
      states.delete(uid);
      return sandboxState(
        c,
        own.sort((a, b) => a.createdAt - b.createdAt),
      );
    });
  }

  /** A node's own address on the cluster network. */
  nodeAddress(name: string): string {
    return this.#nodes.get(name).address;
  }

  events(sink: (event: RuntimeEvent) => void): () => void {
    this.#sinks.add(sink);
    return () => void this.#sinks.delete(sink);
  }

  startSandbox(spec: SandboxSpec, signal: AbortSignal): Promise<SandboxState> {
    return this.#sandboxes.start(spec, signal);
  }

  stopSandbox(node: string, sandboxId: string, signal: AbortSignal): Promise<void> {
    return this.#sandboxes.stop(node, sandboxId, signal);
  }

  removeSandbox(node: string, sandboxId: string, signal: AbortSignal): Promise<void> {
    return this.#sandboxes.remove(node, sandboxId, signal);
  }

  startContainer(spec: ContainerSpec, signal: AbortSignal): Promise<ContainerState> {
    return this.#containers.start(spec, signal);
  }

  stopContainer(_node: string, id: string, graceSeconds: number, signal: AbortSignal): Promise<ContainerState> {
    return this.#containers.stop(id, graceSeconds, signal);
  }

  removeContainer(_node: string, id: string, signal: AbortSignal): Promise<void> {
    return this.#engine.containers.remove(id, signal);
  }

  inspect(_node: string, id: string, signal: AbortSignal): Promise<ContainerState | undefined> {
    return this.#containers.inspect(id, signal);
  }

  exec(node: string, id: string, options: ExecOptions, signal: AbortSignal): Promise<StreamedProcess> {
    return execIn(this.#engine, this.#options.clock, this.#nodes.get(node), id, options, signal);
  }

  async attach(_node: string, id: string, options: AttachOptions, signal: AbortSignal): Promise<StreamedProcess> {
    const found = await this.#containers.find(id, signal);
    return attachTo(this.#engine, id, found.Config.Tty, options, signal);
  }

  logs(_node: string, id: string, options: LogOptions, signal: AbortSignal): Promise<Readable> {
    return containerLogs(this.#engine, this.#options.clock, id, options, signal);
  }

  async stats(nodeName: string, _pods: readonly Pod[], signal: AbortSignal): Promise<NodeStats> {
    const containers = await this.#nodes.podContainers(nodeName, signal);
    const { driver, cluster } = { driver: this.#cgroupDriver, cluster: this.#cluster };
    const parentOf = (podUid: string) => cgroupParent(driver, cluster, nodeName, podUid);
    const running = containers.filter((c) => c.State === 'running' && c.Labels[label.role] === 'container');
    const paths = running.map((c) => cgroupPath(driver, parentOf(c.Labels[label.podUid] ?? ''), c.Id));
    const whole = posix.dirname(cgroupFolder(driver, parentOf('any')));
    const output = await this.#nodes.get(nodeName).files.run(statsScript([whole, ...paths]), signal);
    return parseStats(output, running, this.#options.clock.wall());
  }

  files(node: string, podUid: string): PodFiles {
    const folder = (root: string) => podFolder(root, this.#cluster, node, podUid);
    const removeVolumes = async () => {
      const volumes = await this.#engine.volumes.list({ label: [`${label.podUid}=${podUid}`] });
      await Promise.all(volumes.map(({ Name }) => this.#engine.volumes.remove(Name)));
    };
    return new DockerPodFiles(() => this.#nodes.get(node).files, folder(diskRoot), folder(memoryRoot), removeVolumes);
  }

  dial(target: DialTarget, signal: AbortSignal): Promise<Duplex> {
    return this.#dialer.dial(target, signal);
  }

  async apply(node: string, script: string, signal: AbortSignal): Promise<void> {
    await this.#nodes.get(node).net.run(`/sbin/nft -f - <<'END'\n${script}\nEND`, signal);
  }

  async forgetUdp(node: string, flows: readonly UdpFlow[], signal: AbortSignal): Promise<void> {
    await this.#nodes.get(node).net.run(forgetUdp(flows), signal);
  }

  onReset(sink: (node: string) => void): () => void {
    this.#resets.add(sink);
    return () => void this.#resets.delete(sink);
  }

  /**
   * The address at which pods reach this process, tried from a node that runs, with the API server and the DNS
   * listening as `planReach` says. Throws `HostUnreachable`.
   */
  async probeHost(nodeName: string, plan: ReachPlan, ports: ReachPorts, signal: AbortSignal): Promise<HostReach> {
    const { net } = this.#nodes.get(nodeName);
    const address = plan.address ?? (await net.run(lookupHost, signal)).trim();
    if (!address) throw new HostUnreachable(hostName, 'the engine does not offer that name');
    const blocked = (await net.run(probeReach(address, ports), signal)).trim();
    const failed = blocked.split('\n').filter((line) => /^(TCP|UDP) \d+$/.test(line));
    if (failed.length > 0) throw new HostUnreachable(address, failed.join(', '));
    return reachOf(plan, address, ports);
  }

  get #cluster(): string {
    return this.#options.cluster.name;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { clock, log, network } = this.#options;
    const nodeOf = (id: string) => this.#nodes.all().find((node) => node.runs && node.running.id === id)?.name;
    const lookup = { cluster: this.#cluster, network: network.name, nodeOf };
    const sink = {
      event: (event: EngineEvent) => {
        const meaning = runtimeEvent(event, lookup);
        if (meaning) this.#heard(meaning);
      },
      connected: () => this.#options.scope.spawn('docker resync', () => this.#resync()),
      broken: (error: unknown) => log.warn('the event stream of the engine broke', { error }),
    };
    await followEvents(this.#engine, { type: ['container', 'network'] }, sink, clock, signal);
  }

  /** After a gap nobody knows what happened. Nodes that are down went with the engine, and come back with it. */
  async #resync(): Promise<void> {
    const ran = this.#nodes.all().filter((node) => node.runs);
    await Promise.all(
      ran.map(async ({ name }) => {
        if (!(await this.#nodes.lostPower(name))) return;
        this.#emit({ type: 'node', node: name, what: 'stopped' });
        await this.#nodes.switchOn(name);
      }),
    );
    this.#emit({ type: 'resync' });
  }

  /**
   * What runs on a node shares its fate before anybody hears of it. Events of one node are told in their order: a start
   * that overtook the stop before it would leave the node's kubelet stopped for good.
   */
  #heard(event: RuntimeEvent): void {
    if (event.type !== 'node') {
      this.#emit(event);
      return;
    }
    const told = (this.#told.get(event.node) ?? Promise.resolve()).then(async () => {
      await this.#fates[event.what]?.(event.node);
      this.#emit(event);
    });
    this.#told.set(
      event.node,
      told.catch(() => undefined),
    );
    this.#options.scope.spawn(`node ${event.what}`, () => told);
  }

  readonly #fates: Partial<Record<NodeEvent['what'], (node: string) => Promise<unknown>>> = {
    stopped: (node) => this.#nodes.lostPower(node),
    paused: (node) => this.#nodes.pauseAll(node, true),
    unpaused: (node) => this.#nodes.pauseAll(node, false),
  };

  #emit(event: RuntimeEvent): void {
    for (const sink of this.#sinks) sink(event);
  }
}
