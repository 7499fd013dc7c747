import type { Engine } from '../../engine/engine.ts';
import { EngineError, isConflict } from '../../engine/errors.ts';
import type { ContainerInspect } from '../../engine/types.ts';
import { type SandboxSpec, type SandboxState, StartError } from '../../node/runtime.ts';
import { limitPod, removeGroup } from './cgroups.ts';
import { label, labelsOf, sandboxName } from './names.ts';
import type { DockerNode } from './node.ts';
import type { DockerNodes } from './nodes.ts';
import { type PodContext, type SandboxShape, sandboxConfig } from './pod-containers.ts';
import { killInTurn } from './removal.ts';
import { sandboxState } from './states.ts';
import { type HostPort, unwirePod, wirePod } from './wiring.ts';

/** Makes, wires and ends the sandboxes of pods. */
export class Sandboxes {
  readonly #engine: Engine;
  readonly #nodes: DockerNodes;
  readonly #context: PodContext;
  readonly #mtu: number;
  /** Labels never change, so what was read once stays true. */
  readonly #shapes = new Map<string, SandboxShape>();

  constructor(engine: Engine, nodes: DockerNodes, context: PodContext, mtu: number) {
    this.#engine = engine;
    this.#nodes = nodes;
    this.#context = context;
    this.#mtu = mtu;
  }

  async start(spec: SandboxSpec, signal: AbortSignal): Promise<SandboxState> {
    const node = this.#nodes.get(spec.node);
    const name = sandboxName(this.#context.cluster.name, spec.pod.uid, spec.attempt);
    const address = spec.hostNetwork ? node.address : node.pool.allocate(name);
    const config = sandboxConfig(this.#context, spec, address, node.running.id);
    let id: string;
    try {
      id = await this.#engine.containers.create(name, config, signal);
    } catch (error) {
      if (!spec.hostNetwork) node.pool.release(address, name);
      if (isConflict(error)) return this.#adopt(node, name, spec, signal);
      throw refused(error);
    }
    if (!spec.hostNetwork) node.pool.take(address, id);
    this.#shapes.set(id, { id, nodeId: node.running.id, labels: { ...config.Labels } });
    return this.#run(node, id, spec, signal);
  }

  async #adopt(node: DockerNode, name: string, spec: SandboxSpec, signal: AbortSignal): Promise<SandboxState> {
    const found = await this.#engine.containers.inspect(name, signal);
    if (!found) throw new StartError('CreatePodSandboxError', `sandbox ${name} is being removed`);
    const address = labelsOf(found)[label.address];
    const held = address !== undefined && node.pool.holder(address) !== undefined;
    if (address && labelsOf(found)[label.network] === 'pod' && !held) node.pool.take(address, found.Id);
    if (found.State.Status === 'created' || found.State.Running) return this.#run(node, found.Id, spec, signal);
    // It ran and ended: a sandbox is never started twice.
    return sandboxState(found, []);
  }

  async #run(node: DockerNode, id: string, spec: SandboxSpec, signal: AbortSignal): Promise<SandboxState> {
    try {
      await this.#engine.containers.start(id, signal);
      const found = await this.#engine.containers.inspect(id, signal);
      if (!found?.State.Running) throw new Error('the sandbox ended as soon as it was started');
      const folder = this.#context.cgroupFolder(node.name, spec.pod.uid);
      const limit = limitPod(folder, spec.resources);
      await Promise.all([this.wire(node, found, signal), limit && node.files.run(limit, signal)]);
      return sandboxState(found, []);
    } catch (error) {
      throw refused(error);
    }
  }

  /** Lays (or lays again) the cable and the host ports of a running sandbox. */
  async wire(node: DockerNode, found: ContainerInspect, signal: AbortSignal): Promise<void> {
    const labels = labelsOf(found);
    const address = labels[label.address];
    if (labels[label.network] !== 'pod' || !address) return;
    const anchor = { pid: found.State.Pid, containerId: found.Id };
    const sysctls = JSON.parse(labels[label.sysctls] || '{}') as Record<string, string>;
    await node.net.run(wirePod(anchor, address, this.#mtu, hostPortsOf(labels), sysctls), signal);
  }

  /** What an app container must know of its sandbox. */
  async shape(id: string, signal: AbortSignal): Promise<SandboxShape> {
    const known = this.#shapes.get(id);
    if (known) return known;
    const found = await this.#engine.containers.inspect(id, signal);
    if (!found) throw new StartError('CreateContainerError', `sandbox ${id} is gone`);
    const labels = labelsOf(found);
    const node = this.#nodes.get(labels[label.node] ?? '');
    const shape = { id, nodeId: node.running.id, labels };
    this.#shapes.set(id, shape);
    return shape;
  }

  /** Kills what runs in the sandbox and the sandbox itself; takes back its address and ports. */
  async stop(nodeName: string, id: string, signal: AbortSignal): Promise<void> {
    const found = await this.#engine.containers.inspect(id, signal);
    if (!found) return;
    const uid = labelsOf(found)[label.podUid];
    const containers = await this.#nodes.podContainers(nodeName, signal);
    const alive = containers.filter(
      (c) => c.Labels[label.podUid] === uid && c.State === 'running' && c.Id !== found.Id,
    );
    await Promise.all(alive.map((c) => this.#engine.containers.kill(c.Id, 'SIGKILL', signal)));
    await Promise.all([killInTurn(this.#engine, found.Id, false, signal), this.#unwire(nodeName, found, signal)]);
  }

  /** Removes the sandbox, what still uses it, and the pod's then empty cgroup. */
  async remove(nodeName: string, id: string, signal: AbortSignal): Promise<void> {
    const found = await this.#engine.containers.inspect(id, signal);
    if (!found) return;
    const labels = labelsOf(found);
    const mine = await this.#nodes.podContainers(nodeName, signal, labels[label.podUid]);
    const others = mine.some((c) => c.Labels[label.role] === 'sandbox' && c.Id !== found.Id);
    const apps = others ? [] : mine.filter((c) => c.Labels[label.role] === 'container');
    await Promise.all([
      ...apps.map((c) => this.#engine.containers.remove(c.Id, signal)),
      this.#engine.inTurn(() => this.#engine.containers.remove(found.Id, signal)),
      this.#unwire(nodeName, found, signal),
    ]);
    this.#shapes.delete(found.Id);
    const node = this.#nodes.find(nodeName);
    if (others || !node?.runs) return;
    const folder = this.#context.cgroupFolder(nodeName, labels[label.podUid] ?? '');
    await node.files.run(removeGroup(folder), signal).catch(() => undefined);
  }

  /** Takes the cable and the address back, if the sandbox still holds them: stopped ones have given them up before. */
  async #unwire(nodeName: string, { Id, Config }: ContainerInspect, signal: AbortSignal): Promise<void> {
    const labels = Config.Labels ?? {};
    const node = this.#nodes.find(nodeName);
    const address = labels[label.address];
    if (!node || !address || labels[label.network] !== 'pod' || node.pool.holder(address) !== Id) return;
    if (node.runs) await node.net.run(unwirePod(address, hostPortsOf(labels)), signal).catch(() => undefined);
    node.pool.release(address, Id);
  }
}

export function hostPortsOf(labels: Readonly<Record<string, string>>): readonly HostPort[] {
  return JSON.parse(labels[label.hostPorts] || '[]');
}

function refused(error: unknown): Error {
  if (error instanceof StartError) return error;
  if ((error as Error).name === 'AbortError') return error as Error;
  const words = error instanceof EngineError || error instanceof Error ? error.message : String(error);
  return new StartError('CreatePodSandboxError', words, error);
}
