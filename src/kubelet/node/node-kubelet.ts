import { nodes } from '../../api/kinds.gen.ts';
import type { NodeMachine, Runtime, RuntimeEvent } from '../../node/runtime.ts';
import type { NodeUsage } from '../../node/usage.ts';
import type { PodEnvironment } from '../pod-worker/environment.ts';
import type { PodWorker } from '../pod-worker/worker.ts';
import type { StagedNode } from '../stages/stages.ts';
import type { Node, Pod } from '../types.ts';
import { UsageMeter } from '../usage/meter.ts';
import { nodeUsage } from '../usage/node-usage.ts';
import { NodePods } from './node-pods.ts';
import type { NodeWorld } from './node-world.ts';
import { registerNode, reportNode } from './registration.ts';

/** Delay before a machine that would not start is tried again, milliseconds. */
const retryAfter = 2_000;
/** Who asks for a pod while its node is being taken up waits so long. Milliseconds. */
const startPatience = 10_000;

/** The kubelet of one node: it works only while the node's machine does. */
export class NodeKubelet implements StagedNode {
  readonly name: string;
  readonly runtime: Runtime;
  readonly #world: NodeWorld;
  readonly #env: PodEnvironment;
  readonly #book: NodePods;
  #hasStage = false;
  readonly #meter: UsageMeter;
  #machine: NodeMachine | undefined;
  #running = false;
  #wanted = true;
  #turn: Promise<void> = Promise.resolve();

  constructor(world: NodeWorld) {
    this.#world = world;
    this.name = world.spec.name;
    this.runtime = world.runtime;
    this.#env = world.environment(() => this.#machine);
    this.#book = new NodePods(world, this.#env);
    const take = (signal: AbortSignal) => this.runtime.stats(this.name, this.#pods(), signal);
    this.#meter = new UsageMeter(take, this.#env.clock, world.scope);
  }

  /** Whether it is there because somebody made its Node object. */
  get adopted(): boolean {
    return this.#world.spec.adopted ?? false;
  }

  /** The pods that are not a stage's, by uid. */
  get workers(): ReadonlyMap<string, PodWorker> {
    return this.#book.workers;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Brings the machine up and takes over what runs on it. Rejects only when the signal aborts. */
  start(signal: AbortSignal): Promise<void> {
    this.#wanted = true;
    return this.#inTurn(() => this.#start(signal));
  }

  /** The machine has stopped, is frozen or cut off: nothing is reported and nothing done until it is back. */
  stop(): void {
    this.#wanted = false;
    this.#halt();
  }

  #halt(): void {
    this.#running = false;
    this.#world.leases.drop(this.name);
    for (const worker of this.workers.values()) worker.pause();
  }

  /** Waits, for a while, until a start that is under way has ended. */
  async settled(signal: AbortSignal): Promise<void> {
    const given = new AbortController();
    const patience = this.#env.clock.sleep(startPatience, AbortSignal.any([signal, given.signal]));
    try {
      await Promise.race([this.#turn.catch(() => undefined), patience]);
    } finally {
      given.abort();
      patience.catch(() => undefined);
    }
  }

  /** A pod bound to this node, new or changed. */
  podChanged(pod: Pod): void {
    if (this.#running) this.#book.changed(pod);
  }

  podDeleted(pod: Pod): void {
    this.#book.deleted(pod);
  }

  /** The node itself has changed. One that stages give back reports itself at once. */
  nodeChanged(node: Node): void {
    if (!this.#machine || !this.#world.stages) return;
    const hadStage = this.#hasStage;
    this.#hasStage = this.#world.stages.takes('Node', node);
    if (hadStage && !this.#hasStage) this.#world.scope.spawn('report a node', (signal) => this.heartbeat(signal));
  }

  addressOf(pod: Pod, signal: AbortSignal): Promise<string> {
    return this.#book.addressOf(pod, signal);
  }

  get addresses(): readonly string[] {
    return this.#env.hostIPs();
  }

  notice(event: Exclude<RuntimeEvent, { type: 'node' | 'resync' }>): void {
    if (this.#running) this.workers.get(event.podUid)?.notice(event);
  }

  /** Lists everything anew. */
  async resync(signal: AbortSignal): Promise<void> {
    if (this.#running) await this.#inTurn(() => this.#takeOver(signal));
  }

  /** What the node and its pods use now. */
  async usage(signal: AbortSignal): Promise<NodeUsage> {
    const readings = await this.#meter.read(signal);
    const pods = [...this.workers.values()].map(({ pod, world }) => ({
      pod,
      startTime: pod.status?.startTime ?? '',
      startedAt: (containerId: string) => world.find(containerId)?.state.startedAt,
    }));
    return nodeUsage(this.name, readings, pods);
  }

  #pods(): Pod[] {
    return [...this.workers.values()].map(({ pod }) => pod);
  }

  /** Writes the node's status, a heartbeat. */
  async heartbeat(signal: AbortSignal): Promise<void> {
    if (!this.#running || !this.#machine || this.#hasStage) return;
    try {
      const before = await this.#world.client.resource(nodes).get({ name: this.name }, { signal });
      await reportNode(await this.#report(this.#env.clock.wall(), signal), before, signal, true);
    } catch (error) {
      if (!signal.aborted) this.#env.log.warn('node status not written', { node: this.name, error });
    }
  }

  close(): void {
    this.#wanted = false;
    this.#running = false;
    this.#world.leases.drop(this.name);
    for (const worker of this.workers.values()) worker.close();
  }

  /** Starts, stops and listings happen one after the other. */
  #inTurn(task: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.catch(() => undefined).then(task);
    return this.#turn;
  }

  async #start(signal: AbortSignal): Promise<void> {
    while (this.#wanted && !this.#running) {
      try {
        const machine = await this.runtime.ensureNode(this.#world.spec, signal);
        if (!this.#wanted) return;
        this.#machine = machine;
        await this.#register(signal);
        await this.#world.pods.whenSynced(signal);
        await this.#takeOver(signal);
      } catch (error) {
        signal.throwIfAborted();
        this.#halt();
        if (!this.#wanted) return;
        this.#env.log.warn('node not started', { node: this.name, error });
        await this.#env.clock.sleep(retryAfter, signal);
      }
    }
  }

  async #register(signal: AbortSignal): Promise<void> {
    const report = await this.#report(this.#env.clock.wall(), signal);
    await this.#world.stages?.whenSynced(signal);
    const node = await registerNode(report, (existing) => this.#isStaged(existing), signal);
    const { leases, client } = this.#world;
    await leases.hold(this.name, node.metadata.uid ?? '', client, this.runtime.runsProcesses, signal);
  }

  #isStaged(node: Node): boolean {
    this.#hasStage = this.#world.stages?.takes('Node', node) ?? false;
    return this.#hasStage;
  }

  async #report(now: number, signal: AbortSignal) {
    const { client, registrar, spec, runtime } = this.#world;
    return {
      client,
      registrar,
      spec,
      runtime,
      machine: this.#machine!,
      images: await runtime.images.list(signal),
      now,
    };
  }

  /** Lists what runs and hands it to the pods. */
  async #takeOver(signal: AbortSignal): Promise<void> {
    const asOf = this.#env.clock.steady();
    const listed = await this.runtime.list(this.name, signal);
    if (!this.#wanted) return;
    // From here on nothing waits: no pod gets a worker that does not know what runs of it.
    this.#running = true;
    this.#book.takeOver(listed, asOf);
  }
}
