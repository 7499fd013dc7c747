import type { Duplex, Readable } from 'node:stream';
import { badRequest, notFound, StatusError, serviceUnavailable } from '../api/status.ts';
import type {
  ContainerTarget,
  Dialer,
  DialTarget,
  ExecOptions,
  LogOptions,
  NodeGateway,
  StreamOptions,
} from '../node/gateway.ts';
import type { NodeUsage } from '../node/usage.ts';
import type { StreamedProcess } from '../stream/process.ts';
import { FirstSessions } from './first-sessions.ts';
import type { NodeKubelet } from './node/node-kubelet.ts';
import { alive } from './pod-worker/observed.ts';
import type { PodWorker } from './pod-worker/worker.ts';
import type { ContainerStatus } from './types.ts';

/** Why a container without an id has no log yet. Source: kubelet `validateContainerLogStatus`. */
const waitingTexts: Readonly<Record<string, string>> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: 'trying and failing to pull image',
};

/** What a node answers to the API server: logs, exec, attach, and connections to its pods. */
export class KubeletGateway implements NodeGateway, Dialer {
  readonly #nodeOf: (name: string) => NodeKubelet | undefined;
  readonly #sessions = new FirstSessions();

  constructor(nodeOf: (name: string) => NodeKubelet | undefined) {
    this.#nodeOf = nodeOf;
  }

  async logs(target: ContainerTarget, options: LogOptions, signal: AbortSignal): Promise<Readable> {
    const { node, worker } = await this.#find(target, signal);
    const id = logContainer(worker, target, options.previous ?? false);
    const log = await node.runtime.logs(node.name, id, options, signal);
    return this.#sessions.counted(worker, target.container, id, options, log);
  }

  async exec(target: ContainerTarget, options: ExecOptions, signal: AbortSignal): Promise<StreamedProcess> {
    const { node, worker } = await this.#find(target, signal);
    return node.runtime.exec(node.name, runningContainer(worker, target.container), options, signal);
  }

  async attach(target: ContainerTarget, options: StreamOptions, signal: AbortSignal): Promise<StreamedProcess> {
    const { node, worker } = await this.#find(target, signal);
    const id = this.#sessions.endedFor(worker, target.container) ?? runningContainer(worker, target.container);
    const replayFrom = this.#sessions.replayFrom(worker, target.container, id);
    const attach = { ...options, ...(replayFrom !== undefined && { replayFrom }) };
    const process = await node.runtime.attach(node.name, id, attach, signal);
    this.#sessions.begun(worker, id);
    return process;
  }

  async usage(name: string, signal: AbortSignal): Promise<NodeUsage> {
    return (await this.#running(name, signal)).usage(signal);
  }

  async dial(target: DialTarget, signal: AbortSignal): Promise<Duplex> {
    const node = await this.#running(target.node, signal);
    return node.runtime.dial(target, signal);
  }

  /** After a restart of krill its nodes are taken up one after the other: who comes before that waits. */
  async #running(name: string, signal: AbortSignal): Promise<NodeKubelet> {
    const node = this.#nodeOf(name);
    await node?.settled(signal);
    if (node?.running) return node;
    throw serviceUnavailable(
      node
        ? `node "${name}" does not answer: its machine is not running`
        : `node "${name}" has no kubelet in this cluster`,
    );
  }

  async #find(target: ContainerTarget, signal: AbortSignal): Promise<{ node: NodeKubelet; worker: PodWorker }> {
    const node = await this.#running(target.node, signal);
    const worker = node.workers.get(target.uid);
    if (!worker) throw notFound({ group: '', resource: 'pods' }, target.pod);
    return { node, worker };
  }
}

function runningContainer(worker: PodWorker, name: string): string {
  const instance = worker.world.instances.get(name)?.find(alive);
  if (instance) return instance.state.id;
  throw new StatusError('NotFound', `container not found ("${name}")`);
}

const idOf = (containerID: string | undefined): string | undefined => containerID?.split('://')[1] || undefined;

/** Which instance's log is meant. Throws with kubelet's texts where there is none. */
function logContainer(worker: PodWorker, { container, pod }: ContainerTarget, previous: boolean): string {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = worker.status;
  const all = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses] as ContainerStatus[];
  const status = all.find((s) => s.name === container);
  if (!status) throw badRequest(`container "${container}" in pod "${pod}" is not available`);
  const last = idOf(status.lastState.terminated?.containerID);
  if (previous) {
    if (last) return last;
    throw badRequest(`previous terminated container "${container}" in pod "${pod}" not found`);
  }
  const { running, terminated, waiting } = status.state;
  if (running) return idOf(status.containerID) ?? '';
  const id = idOf(terminated?.containerID) ?? last;
  if (id) return id;
  if (terminated) throw badRequest(`container "${container}" in pod "${pod}" is terminated`);
  const why = waitingTexts[waiting?.reason ?? ''] ?? waiting?.reason;
  throw badRequest(
    `container "${container}" in pod "${pod}" is waiting to start${why ? `: ${why}` : ' - no logs yet'}`,
  );
}
