import { byNode } from '../../client/informer.ts';
import type { SandboxState } from '../../node/runtime.ts';
import { sandboxSpec } from '../pod-worker/container-spec.ts';
import type { PodEnvironment } from '../pod-worker/environment.ts';
import { rememberedSandbox } from '../pod-worker/remembered.ts';
import { PodWorker } from '../pod-worker/worker.ts';
import { StagedAddresses } from '../stages/addresses.ts';
import type { Pod } from '../types.ts';
import type { NodeWorld } from './node-world.ts';

/** The pods of one node: each has a worker, unless a stage has taken it. */
export class NodePods {
  readonly workers = new Map<string, PodWorker>();
  readonly #world: NodeWorld;
  readonly #env: PodEnvironment;
  readonly #staged: StagedAddresses;

  constructor(world: NodeWorld, env: PodEnvironment) {
    this.#world = world;
    this.#env = env;
    const { clusterDomain } = env.dns;
    this.#staged = new StagedAddresses(world.runtime, env.node, (pod) => sandboxSpec(pod, 0, clusterDomain));
  }

  /** A pod bound to the node, new or changed. */
  changed(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const worker = this.workers.get(uid);
    if (this.#world.stages?.takes('Pod', pod)) {
      if (worker) this.#release(worker);
    } else if (worker) worker.update(pod);
    else this.#adopt(pod, []);
  }

  deleted(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const worker = this.workers.get(uid);
    if (worker) worker.vanish(pod);
    this.#world.stages?.forget(uid);
    if (this.#world.stages) this.#world.scope.spawn('free an address', (signal) => this.#staged.free(uid, signal));
  }

  /** The address of a pod that a stage has. */
  addressOf(pod: Pod, signal: AbortSignal): Promise<string> {
    return this.#staged.of(pod, signal);
  }

  /** Gives every bound pod a worker with what runs of it, as listed at `asOf`, and removes what runs of no pod. */
  takeOver(listed: readonly SandboxState[], asOf: number): void {
    const found = Map.groupBy(listed, (sandbox) => sandbox.pod.uid);
    for (const pod of this.#world.pods.by(byNode, this.#env.node)) {
      const uid = pod.metadata.uid ?? '';
      const worker = this.workers.get(uid);
      if (this.#world.stages?.takes('Pod', pod)) {
        if (worker) this.#release(worker);
        this.#staged.keep(pod);
        found.delete(uid);
        continue;
      }
      const sandboxes = found.get(uid) ?? this.#restored(pod);
      found.delete(uid);
      if (worker) {
        worker.update(pod);
        worker.resume(sandboxes, asOf);
      } else this.#adopt(pod, sandboxes);
    }
    for (const [uid, worker] of this.workers) {
      const sandboxes = found.get(uid) ?? [];
      if (found.delete(uid) || !this.#world.pods.get(keyOf(worker.pod))) {
        worker.vanish(worker.pod);
        worker.resume(sandboxes, asOf);
      }
    }
    for (const [uid, sandboxes] of found) this.#removeOrphan(uid, sandboxes);
  }

  /** Stages have taken the pod: its worker does nothing more, and its address stays. */
  #release(worker: PodWorker): void {
    worker.close();
    this.#world.writer.forget(worker.uid);
    this.workers.delete(worker.uid);
  }

  /** A runtime that keeps nothing is given back what the API remembers. */
  #restored(pod: Pod): readonly SandboxState[] {
    const sandbox = this.#world.runtime.restore && rememberedSandbox(pod);
    if (!sandbox) return [];
    this.#world.runtime.restore?.(sandbox);
    return [sandbox];
  }

  #adopt(pod: Pod, sandboxes: readonly SandboxState[]): void {
    const { writer } = this.#world;
    const worker = new PodWorker(
      pod,
      this.#env,
      {
        report: (of) => writer.report(of),
        reported: (of) => writer.reported(of),
        finished: (of) => {
          writer.forget(of.uid);
          this.workers.delete(of.uid);
        },
      },
      sandboxes,
    );
    this.workers.set(worker.uid, worker);
  }

  /** Sandboxes of a pod that was deleted while krill was away. */
  #removeOrphan(uid: string, sandboxes: readonly SandboxState[]): void {
    this.#world.scope.spawn('remove an orphan pod', async (signal) => {
      this.#env.log.info('removing a pod the API no longer has', { node: this.#env.node, pod: sandboxes[0]?.pod.name });
      await Promise.all(
        sandboxes.map((sandbox) => this.#world.runtime.removeSandbox(this.#env.node, sandbox.id, signal)),
      );
      await this.#world.runtime.files(this.#env.node, uid).removeAll(signal);
    });
  }
}

const keyOf = (pod: Pod) => ({ namespace: pod.metadata.namespace ?? '', name: pod.metadata.name ?? '' });
