import type { Timer } from '../../base/clock.ts';
import type { PodFiles, RuntimeEvent, SandboxState } from '../../node/runtime.ts';
import { ImageHold } from '../images.ts';
import type { Container, Pod, PodStatus } from '../types.ts';
import { PodVolumes } from '../volumes/pod-volumes.ts';
import type { Plan, Step } from './draft.ts';
import type { PodContext, PodEnvironment } from './environment.ts';
import { alive, anyAlive } from './observed.ts';
import { plan } from './plan.ts';
import { PodPlay } from './pod-play.ts';
import { PodProbes } from './pod-probes.ts';
import { PodWorld } from './pod-world.ts';
import { podText } from './restart.ts';
import { findImage, StepHold, setUpVolumes, startContainer, startSandbox } from './start-steps.ts';
import { statusOf } from './status.ts';
import {
  cleanUp,
  deleteObject,
  removeContainer,
  removeSandbox,
  stopContainer,
  stopSandbox,
  withLogMessage,
} from './stop-steps.ts';
import { type Termination, terminationOf } from './termination.ts';

/** Where a worker's results go. */
export interface WorkerSinks {
  /** The pod's status may have changed. */
  report(worker: PodWorker): void;
  /** Resolves when the newest reported status is written, or can no longer be. */
  reported(worker: PodWorker): Promise<void>;
  /** The pod is gone and so is everything that belonged to it. */
  finished(worker: PodWorker): void;
}

/** Longest wait after a failed step, milliseconds. */
const maxHold = 60_000;

type Runner = (context: PodContext, step: never, signal: AbortSignal) => Promise<void>;

const runners: Readonly<Record<Exclude<Step['do'], 'finish'>, Runner>> = {
  'start-sandbox': startSandbox,
  'stop-sandbox': stopSandbox,
  'set-up-volumes': async (context: PodContext, _step: Step, signal: AbortSignal) => {
    await setUpVolumes(context, signal);
    context.world.volumesReady = true;
  },
  'find-image': findImage,
  'start-container': startContainer,
  'stop-container': stopContainer,
  'remove-container': removeContainer,
  'remove-sandbox': removeSandbox,
};

/** Steps that only lead to a start: given up as soon as the pod is to end. */
const gives = (key: string): boolean => key === 'volumes' || key.startsWith('image:') || key.startsWith('start:');

/** Drives one pod: observes, plans, carries steps out and reports. It is poked, never polls. */
export class PodWorker implements PodContext {
  readonly env: PodEnvironment;
  readonly world = new PodWorld();
  readonly volumes = new PodVolumes();
  readonly files: PodFiles;
  readonly hooked = new Set<string>();
  readonly uid: string;
  pod: Pod;
  readonly #sinks: WorkerSinks;
  readonly #running = new Map<string, AbortController>();
  /** Absent where processes run. */
  readonly play: PodPlay | undefined;
  readonly #probes: Pick<PodProbes, 'sync' | 'stop'>;
  readonly #failures = new Map<string, number>();
  /** Containers whose end was heard of before the step that starts them made them known. */
  readonly #early = new Set<string>();
  #planned: { plan: Plan; termination: Termination | undefined };
  #timer: Timer | undefined;
  #poked = false;
  #paused = false;
  #stale = false;
  #vanished = false;
  #finished = false;
  #grace: number | undefined;

  constructor(pod: Pod, env: PodEnvironment, sinks: WorkerSinks, sandboxes: readonly SandboxState[] = []) {
    this.pod = pod;
    this.env = env;
    this.#sinks = sinks;
    this.uid = pod.metadata.uid ?? '';
    this.files = env.runtime.files(env.node, this.uid);
    const poke = () => this.poke();
    this.play = env.runtime.runsProcesses ? undefined : new PodPlay(this, poke);
    this.#probes = this.play ?? new PodProbes(this, poke);
    const now = env.clock.wall();
    this.world.adopt(sandboxes, now, env.clock.steady());
    this.world.recall(pod, now, env.clock.steady());
    this.#planned = { plan: plan(pod, this.world, env.clock.steady()), termination: undefined };
    this.poke();
  }

  /** A new version of the pod. */
  update(pod: Pod): void {
    const before = this.pod.metadata;
    this.pod = pod;
    const fields = before.labels !== pod.metadata.labels || before.annotations !== pod.metadata.annotations;
    if (fields && pod.spec.volumes?.some((v) => v.downwardAPI ?? v.projected)) this.#stale = true;
    this.poke();
  }

  /** The object is gone from the API, without waiting for its containers. */
  vanish(last: Pod): void {
    this.pod = last;
    this.#vanished = true;
    this.poke();
  }

  /** Something a ConfigMap or Secret of the pod holds has changed. */
  refreshConfig(): void {
    this.#stale = true;
    for (const [key, hold] of this.world.held) {
      if (key === 'volumes' || key === 'refresh' || hold.reason === 'CreateContainerConfigError')
        this.world.held.delete(key);
    }
    this.poke();
  }

  /** A claim of the pod, or the volume behind it, has changed: what is set up stays, what waits need wait no longer. */
  claimChanged(): void {
    if (this.world.held.delete('volumes')) this.poke();
  }

  /** While its node does not run, a worker does nothing and keeps what it knows. */
  pause(): void {
    this.#paused = true;
    this.#timer?.cancel();
    for (const controller of this.#running.values())
      controller.abort(new DOMException('the node has stopped', 'AbortError'));
    this.#probes.stop();
  }

  /** The node runs (again), and a listing begun at `asOf` (steady) found these sandboxes. */
  resume(sandboxes: readonly SandboxState[], asOf: number): void {
    this.#paused = false;
    this.world.adopt(sandboxes, this.env.clock.wall(), this.env.clock.steady(), asOf);
    this.poke();
  }

  /** A hint from the runtime. */
  notice(event: Exclude<RuntimeEvent, { type: 'node' | 'resync' }>): void {
    if (this.#paused || this.#finished) return;
    if (event.type === 'sandbox') {
      const { sandbox } = this.world;
      if (!sandbox?.running || sandbox.id !== event.sandboxId || this.world.busy.has('stop-sandbox')) return;
      this.world.sandbox = { ...sandbox, running: false };
    } else {
      const instance = this.world.find(event.containerId);
      if (!instance && event.what !== 'started') this.#early.add(event.containerId);
      if (event.what === 'started' || !alive(instance)) return;
    }
    this.#look((signal) =>
      event.type === 'sandbox' ? this.inspectAll(signal) : this.#inspect(event.containerId, signal),
    );
  }

  #look(inspect: (signal: AbortSignal) => Promise<void>): void {
    this.env.scope.spawn('look at a container', async (signal) => {
      await inspect(signal);
      this.poke();
    });
  }

  /** A container may end between the runtime's answer and its start step's end: nobody would tell of it again. */
  #catchUp(): void {
    for (const id of this.#early) if (alive(this.world.find(id))) this.#look((signal) => this.#inspect(id, signal));
    if (![...this.world.busy].some((key) => key.startsWith('start:'))) this.#early.clear();
  }

  /** Plans again soon; many pokes make one plan. */
  poke(): void {
    if (this.#poked || this.#finished || this.#paused) return;
    this.#poked = true;
    queueMicrotask(() => {
      this.#poked = false;
      if (this.#finished || this.#paused || this.env.scope.signal.aborted) return;
      try {
        this.#tick();
      } catch (error) {
        // One pod that cannot be planned must not end all others.
        this.env.log.error('pod not planned', { pod: podText(this.pod), error });
        this.#timer?.cancel();
        this.#timer = this.env.clock.after(maxHold, () => this.poke());
      }
    });
  }

  async inspectAll(signal: AbortSignal): Promise<void> {
    const living = [...this.world.instances.values()].flat().filter(alive);
    await Promise.all(living.map((instance) => this.#inspect(instance.state.id, signal)));
  }

  async shown(): Promise<void> {
    this.poke();
    // The plan is made in a microtask of its own, queued before this one.
    await Promise.resolve();
    await this.#sinks.reported(this);
  }

  /** Ends probes and timers; containers are left as they are. */
  close(): void {
    this.#finished = true;
    this.#timer?.cancel();
    for (const controller of this.#running.values()) controller.abort(new DOMException('krill stops', 'AbortError'));
    this.#probes.stop();
  }

  async #inspect(containerId: string, signal: AbortSignal): Promise<void> {
    const instance = this.world.find(containerId);
    if (!instance || !alive(instance) || this.world.busy.has(`stop:${instance.state.name}`)) return;
    const state = await this.env.runtime.inspect(this.env.node, containerId, signal);
    const { clock } = this.env;
    if (!state) return this.world.lose(containerId, clock.wall(), clock.steady());
    const complete = await withLogMessage(this, state, signal);
    if (complete.status === 'exited') await this.shown();
    this.world.absorb(instance.sandboxId, complete, clock.wall(), clock.steady());
  }

  #tick(): void {
    const { clock } = this.env;
    const termination = terminationOf(this.pod, clock.wall(), this.#vanished);
    if (termination) this.#end(termination);
    this.#probes.sync(termination !== undefined);
    const next = plan(this.pod, this.world, clock.steady(), termination);
    for (const step of next.steps) this.#begin(step);
    if (!termination && this.world.volumesReady) this.#refreshVolumes();
    this.#arm(next, termination);
    this.#tellBackoff(next);
    this.#planned = { plan: next, termination };
    this.#sinks.report(this);
  }

  /** The status to show, as of the last plan. Made when it is asked for: not every plan is written. */
  get status(): PodStatus {
    return statusOf(this.pod, {
      ...this.#planned,
      observed: this.world,
      runtime: this.env.runtime.name,
      hostIPs: this.env.hostIPs(),
      now: this.env.clock.wall(),
    });
  }

  /** The pod is to end: what leads to a start is given up, and a shorter grace overtakes a longer one. */
  #end(termination: Termination): void {
    const shorter = this.#grace !== undefined && termination.graceSeconds < this.#grace;
    if (this.#grace === undefined && termination.reason) {
      this.env.tell(this.pod, undefined, 'Normal', termination.reason, termination.message ?? '');
    }
    this.#grace = Math.min(termination.graceSeconds, this.#grace ?? termination.graceSeconds);
    for (const [key, controller] of this.#running) {
      if (gives(key) || (shorter && key.startsWith('stop:'))) {
        controller.abort(new DOMException('the pod is to end', 'AbortError'));
      }
    }
  }

  #begin(step: Step): void {
    if (step.do === 'finish') {
      this.#finish(step.key);
      return;
    }
    const runner = runners[step.do] as (context: PodContext, step: Step, signal: AbortSignal) => Promise<void>;
    this.#run(step.key, (signal) => runner(this, step, signal));
  }

  #run(key: string, task: (signal: AbortSignal) => Promise<void>): void {
    const controller = new AbortController();
    this.#running.set(key, controller);
    this.world.busy.add(key);
    this.env.scope.spawn(key, async () => {
      try {
        await task(controller.signal);
        this.#failures.delete(key);
      } catch (error) {
        if (!controller.signal.aborted) this.#hold(key, error);
      } finally {
        this.#running.delete(key);
        this.world.busy.delete(key);
        if (this.#early.size > 0) this.#catchUp();
        this.poke();
      }
    });
  }

  #hold(key: string, error: unknown): void {
    const now = this.env.clock.steady();
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof ImageHold) {
      this.world.held.set(key, { until: error.until, reason: error.reason, message });
      return;
    }
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const first = error instanceof StepHold ? error.delay : 1000;
    const until = now + Math.min(maxHold, first * 2 ** (failures - 1));
    this.world.held.set(key, { until, reason: error instanceof StepHold ? error.reason : 'Failed', message });
    if (error instanceof StepHold) return;
    this.env.log.warn('pod step failed', { pod: podText(this.pod), step: key, error });
  }

  /** Brings volumes up to date when something they are made of has changed or a token nears its end. */
  #refreshVolumes(): void {
    if (this.volumes.renewAt <= this.env.clock.wall()) this.#stale = true;
    const held = (this.world.held.get('refresh')?.until ?? 0) > this.env.clock.steady();
    if (!this.#stale || held || this.#running.has('refresh')) return;
    this.#stale = false;
    this.#run('refresh', async (signal) => {
      try {
        await setUpVolumes(this, signal);
      } catch (error) {
        this.#stale = true;
        throw error;
      }
    });
  }

  #arm(next: Plan, termination: Termination | undefined): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const { clock } = this.env;
    const wall = clock.wall();
    let ms = next.wakeAt - clock.steady();
    if (!termination && !next.done) {
      const { activeDeadlineSeconds } = this.pod.spec;
      const started = Date.parse(this.pod.status?.startTime ?? '');
      if (activeDeadlineSeconds && started) ms = Math.min(ms, started + activeDeadlineSeconds * 1000 - wall);
      const held = (this.world.held.get('refresh')?.until ?? 0) - clock.steady();
      if (held > 0) ms = Math.min(ms, held);
      else if (!this.#running.has('refresh')) ms = Math.min(ms, this.volumes.renewAt - wall);
    }
    if (Number.isFinite(ms)) this.#timer = clock.after(Math.max(1, ms), () => this.poke());
  }

  /** One event when a container enters its back-off, not one per plan. */
  #tellBackoff(next: Plan): void {
    if (!this.env.runtime.runsProcesses) return;
    for (const [name, { reason }] of next.waiting) {
      const instance = this.world.instances.get(name)?.[0];
      const key = `backoff/${instance?.state.id ?? ''}`;
      if (reason !== 'CrashLoopBackOff' || !instance || this.hooked.has(key)) continue;
      this.hooked.add(key);
      const text = `Back-off restarting failed container ${name} in pod ${podText(this.pod)}`;
      this.env.tell(this.pod, this.#containerOf(name), 'Warning', 'BackOff', text);
    }
  }

  #containerOf(name: string): Container | undefined {
    return [...this.pod.spec.containers, ...(this.pod.spec.initContainers ?? [])].find((c) => c.name === name);
  }

  /** Nothing runs any more. An object on its way out goes now; others keep their containers for the logs. */
  #finish(key: string): void {
    if (!this.#vanished && !this.pod.metadata.deletionTimestamp) {
      this.env.configs.release(this.uid);
      this.env.claims.release(this.uid);
      this.env.tokens.forget(this.uid);
      return;
    }
    this.#run(key, async (signal) => {
      await this.#sinks.reported(this);
      if (anyAlive(this.world)) return;
      if (!this.#vanished) await deleteObject(this, signal);
      await cleanUp(this, signal);
      this.env.configs.release(this.uid);
      this.env.claims.release(this.uid);
      this.env.tokens.forget(this.uid);
      this.env.images.forget(this.uid);
      this.#running.delete(key);
      this.close();
      this.#sinks.finished(this);
    });
  }
}
