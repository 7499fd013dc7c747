import type { ContainerState, ImageInfo, SandboxState } from '../../node/runtime.ts';
import type { ContainerStatus, Pod } from '../types.ts';
import { alive, type Health, type Hold, type Instance, type Observed } from './observed.ts';
import { lost, remembered } from './remembered.ts';

/** The observed state of one pod, kept current by what the runtime says. */
export class PodWorld implements Observed {
  sandbox: SandboxState | undefined;
  older: string[] = [];
  nextAttempt = 0;
  readonly instances = new Map<string, Instance[]>();
  readonly health = new Map<string, Health>();
  volumesReady = false;
  readonly images = new Map<string, ImageInfo>();
  readonly held = new Map<string, Hold>();
  readonly deaths = new Map<string, number>();
  readonly busy = new Set<string>();
  /** When a sandbox or container was first heard of, steady milliseconds, by id. */
  readonly #known = new Map<string, number>();

  /**
   * Takes over a whole listing of the pod's sandboxes, begun at `asOf` (steady): what was known before and is missing
   * from it is lost; what came later the listing may have missed. `now` is wall time, `steady` steady.
   */
  adopt(sandboxes: readonly SandboxState[], now: number, steady: number, asOf = steady): void {
    const isOld = (id: string) => (this.#known.get(id) ?? 0) < asOf;
    const sorted = [...sandboxes].sort((a, b) => b.attempt - a.attempt);
    const [newest, ...older] = sorted;
    if (newest && newest.attempt + 1 >= this.nextAttempt) this.takeSandbox(newest, steady);
    this.older = older.map((sandbox) => sandbox.id);
    const seen = new Set<string>();
    for (const sandbox of sorted) {
      for (const state of sandbox.containers) {
        seen.add(state.id);
        if (!this.busy.has(`start:${state.name}`)) this.absorb(sandbox.id, state, now, steady);
      }
    }
    for (const instances of this.instances.values()) {
      for (const instance of instances) {
        const { id } = instance.state;
        if (alive(instance) && !seen.has(id) && isOld(id)) this.lose(id, now, steady);
      }
    }
    if (this.sandbox && !newest && isOld(this.sandbox.id)) this.sandbox = { ...this.sandbox, running: false };
  }

  takeSandbox(sandbox: SandboxState, steady: number): void {
    if (!this.#known.has(sandbox.id)) this.#known.set(sandbox.id, steady);
    if (this.sandbox && this.sandbox.id !== sandbox.id) this.older.push(this.sandbox.id);
    this.sandbox = sandbox;
    this.nextAttempt = Math.max(this.nextAttempt, sandbox.attempt + 1);
  }

  /** Takes over the state of one container, old or new. */
  absorb(sandboxId: string, reported: ContainerState, now: number, steady: number): void {
    const state = settled(reported, now);
    if (!this.#known.has(state.id)) this.#known.set(state.id, steady);
    const instances = this.instances.get(state.name) ?? [];
    const at = instances.findIndex((i) => (i.state.id ? i.state.id === state.id : i.state.attempt === state.attempt));
    if (at >= 0) instances[at] = { sandboxId, state };
    else instances.push({ sandboxId, state });
    instances.sort((a, b) => b.state.attempt - a.state.attempt || b.state.createdAt - a.state.createdAt);
    this.instances.set(state.name, instances);
    if (state.status === 'exited' && !this.deaths.has(state.id)) {
      const ago = state.finishedAt > 0 ? Math.max(0, now - state.finishedAt) : 0;
      this.deaths.set(state.id, steady - ago);
    }
  }

  /** A container that was there is gone without a word: it is dead, nobody knows how. */
  lose(containerId: string, now: number, steady: number): void {
    const instance = this.find(containerId);
    if (!instance || !alive(instance)) return;
    this.absorb(instance.sandboxId, lost({ ...instance.state, finishedAt: now }), now, steady);
  }

  /** What the API says ran here and the runtime has never heard of is dead too: its restart count must not be lost. */
  recall(pod: Pod, now: number, steady: number): void {
    const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
    for (const status of [...initContainerStatuses, ...containerStatuses] as readonly ContainerStatus[]) {
      if (!status.containerID || this.instances.get(status.name)?.length) continue;
      this.absorb('', remembered(status, now), now, steady);
    }
  }

  find(containerId: string): Instance | undefined {
    for (const instances of this.instances.values()) {
      const found = instances.find((instance) => instance.state.id === containerId);
      if (found) return found;
    }
    return undefined;
  }

  forget(containerId: string): void {
    this.deaths.delete(containerId);
    this.#known.delete(containerId);
    this.health.delete(containerId);
    for (const [name, instances] of this.instances) {
      const kept = instances.filter((instance) => instance.state.id !== containerId);
      if (kept.length !== instances.length) this.instances.set(name, kept);
    }
  }
}

/** A container the engine made but could not start is a dead one. */
function settled(state: ContainerState, now: number): ContainerState {
  if (state.status !== 'created' || !state.error) return state;
  return { ...state, status: 'exited', exitCode: state.exitCode || 128, finishedAt: state.finishedAt || now };
}
