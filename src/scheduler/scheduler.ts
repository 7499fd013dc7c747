import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { Informers } from '../client/informers.ts';
import type { Runnable } from '../client/reconciler.ts';
import { Bindings, type BindingTools } from './binding/bindings.ts';
import { defaultSchedulerConfig } from './config/scheduler-config.ts';
import type { SchedulerConfig } from './config/types.ts';
import type { Diagnosis } from './cycle/diagnosis.ts';
import { fitError } from './cycle/fit-error.ts';
import { type FollowCluster, prepareFollowing } from './events/follow.ts';
import { type Consultation, Consultations } from './extender/consultations.ts';
import { Extender } from './extender/extender.ts';
import { type ConsultTools, placeWithExtenders } from './extender/extender-cycle.ts';
import { availablePlugins, buildFramework, type Framework, noNodes } from './framework.ts';
import { LiveBook } from './live-book.ts';
import { SchedulerMetrics } from './metrics.ts';
import { PluginError } from './plugin.ts';
import { type Preemption, type PreemptionTools, Preemptor } from './preemption/preemptor.ts';
import { tryRemedies } from './preemption/remedies.ts';
import { SchedulingQueue } from './queue/queue.ts';
import { profileOf, type QueuedPod } from './queue/queued-pod.ts';
import { type NotPlaced, report } from './report.ts';
import { InformerWorld } from './state/informer-world.ts';
import { NodeTable } from './state/node-table.ts';
import { Nominations } from './state/nominations.ts';
import type { PodInfo } from './state/pod-info.ts';

export interface SchedulerOptions {
  /** Writes as system:kube-scheduler; without the read-your-writes wait of the controllers. */
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** Records events in the name of a profile. */
  readonly recorder: (schedulerName: string) => EventRecorder;
  /** Upstream's defaults unless given. */
  readonly config?: SchedulerConfig;
}

/** How long one turn may place pods before others get the loop, in milliseconds. */
const burst = 5;

export interface RunningScheduler extends Runnable {
  /** The scheduler's figures, in the text format of Prometheus. */
  metrics(): Iterable<string>;
}

/** Makes the scheduler. It works from `run` until the signal aborts. Pods of no profile's name are left alone. */
export function createScheduler(options: SchedulerOptions): RunningScheduler {
  return new Scheduler(options);
}

class Scheduler implements RunningScheduler {
  readonly #options: SchedulerOptions;
  /** By schedulerName. */
  readonly #frameworks: ReadonlyMap<string, Framework>;
  readonly #extenders: readonly Extender[];
  readonly #consultations = new Consultations((consultation) => this.#consult(consultation));
  readonly #follow: FollowCluster;
  readonly #nodes = new NodeTable();
  readonly #queue: SchedulingQueue;
  readonly #nominations = new Nominations(this.#nodes);
  readonly #preemptor: Preemptor;
  readonly #bindings: Bindings;
  readonly #tools: BindingTools & PreemptionTools & ConsultTools;
  readonly #tasks = new Set<Promise<void>>();
  #pumping = false;
  #signal: AbortSignal | undefined;

  constructor(options: SchedulerOptions) {
    const { informers, clock, recorder, config = defaultSchedulerConfig(availablePlugins) } = options;
    this.#options = options;
    const metrics = new SchedulerMetrics(clock, () => ({
      pods: this.#queue.pods,
      cache: { nodes: this.#nodes.size, pods: this.#nodes.podCount, assumed_pods: this.#bindings.size },
    }));
    const preempting = new Set<string>();
    const world = new InformerWorld(informers);
    this.#extenders = config.extenders.map((extender) => new Extender(extender, clock));
    const scene = { nodes: this.#nodes, world, extenders: this.#extenders, preempting };
    const frameworks = config.profiles.map((profile) =>
      buildFramework(profile, options, scene, recorder(profile.schedulerName)),
    );
    this.#frameworks = new Map(frameworks.map((framework) => [framework.name, framework]));
    this.#follow = prepareFollowing(
      informers,
      frameworks.flatMap(({ hints }) => [...hints.values()]),
    );
    this.#queue = new SchedulingQueue({
      clock,
      initialBackoff: config.podInitialBackoffSeconds * 1000,
      maxBackoff: config.podMaxBackoffSeconds * 1000,
      profiles: this.#frameworks,
      wake: () => this.#wake(),
      incoming: (queue, event) => metrics.incoming(queue, event),
    });
    this.#tools = {
      ...options,
      metrics,
      nodes: this.#nodes,
      world,
      queue: this.#queue,
      nominations: this.#nominations,
      random: () => options.ids.random(),
      wake: () => this.#wake(),
      spawn: (work) => this.#spawn(work),
    };
    this.#bindings = new Bindings(this.#tools);
    this.#preemptor = new Preemptor(this.#tools, preempting);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { informers, log } = this.#options;
    let stop: (() => void) | undefined;
    try {
      await informers.synced(signal);
      await Promise.all([...this.#frameworks.values()].map(({ prepare }) => prepare()));
      if (signal.aborted) return;
      const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      stop = this.#follow(new LiveBook({ ...this.#tools, bindings: this.#bindings, profiles: this.#frameworks }));
      this.#signal = signal;
      log.info('The scheduler is up', { profiles: [...this.#frameworks.keys()], nodes: this.#nodes.size });
      this.#wake();
      await aborted;
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#signal = undefined;
      stop?.();
      this.#queue.close();
      await Promise.all(this.#tasks);
    }
  }

  metrics(): Iterable<string> {
    return this.#tools.metrics.lines();
  }

  /** Pods are placed in a later turn, so that what came together is seen together. */
  #wake(): void {
    if (this.#pumping || !this.#signal || this.#bindings.full) return;
    this.#pumping = true;
    setImmediate(() => this.#pump());
  }

  #pump(): void {
    this.#pumping = false;
    const until = this.#options.clock.steady() + burst;
    while (this.#signal && !this.#bindings.full) {
      if (this.#options.clock.steady() > until) {
        this.#wake();
        return;
      }
      const pod = this.#queue.take();
      if (!pod) return;
      this.#schedule(pod, this.#signal);
    }
  }

  #schedule(pod: QueuedPod, signal: AbortSignal): void {
    const { info } = pod;
    const framework = this.#frameworks.get(profileOf(info.pod))!;
    const extenders = this.#extenders.filter((extender) => extender.isInterested(info.pod));
    if (extenders.length > 0) {
      this.#queue.park(pod);
      const turn = this.#consultations.add({ pod, framework, extenders });
      if (turn) this.#spawn(turn);
      return;
    }
    try {
      const outcome = this.#nominations.respecting(info, () => framework.cycle.place(info, this.#tools.random));
      if (outcome.node !== undefined) this.#give(pod, framework, outcome.node, signal);
      else {
        const remedies = this.#remedies(info, framework, outcome.diagnosis, signal);
        const preemption = this.#preemptor.preempt(info, framework, outcome.diagnosis, signal);
        this.#refuse(pod, framework, outcome.diagnosis, remedies, preemption, signal);
      }
    } catch (error) {
      this.#wentWrong(pod, framework, error, signal);
    }
  }

  /** The same for a pod that others have a say in: they take their time. */
  async #consult(consultation: Consultation): Promise<void> {
    const { pod, framework, extenders } = consultation;
    const signal = this.#signal;
    const { info } = pod;
    if (!signal || !this.#queue.inFlight(pod)) return;
    this.#queue.resume(pod);
    try {
      const outcome = await placeWithExtenders(info, framework, extenders, this.#tools, signal);
      if (!this.#queue.inFlight(pod)) return;
      // What was found out is about another version of the pod.
      if (pod.info !== info) return await this.#consult(consultation);
      if (outcome.node !== undefined) {
        this.#give(pod, framework, outcome.node, signal);
        return;
      }
      const remedies = this.#remedies(info, framework, outcome.diagnosis, signal);
      const preempt = this.#preemptor.preemptAsking(info, framework, outcome.diagnosis, extenders, signal);
      this.#refuse(pod, framework, outcome.diagnosis, remedies, await preempt, signal);
    } catch (error) {
      if (!signal.aborted) this.#wentWrong(pod, framework, error, signal);
    }
  }

  /** The pod is told and tried again later; others are placed meanwhile, whatever it was. */
  #wentWrong(pod: QueuedPod, framework: Framework, error: unknown, signal: AbortSignal): void {
    const { namespace, name } = pod.info;
    const { log } = this.#tools;
    if (!(error instanceof PluginError)) log.error('Placing a pod went wrong', { pod: `${namespace}/${name}`, error });
    this.#queue.failed(pod);
    this.#report(pod, framework, error instanceof Error ? error.message : String(error), 'SchedulerError', signal);
  }

  #remedies(info: PodInfo, framework: Framework, { nodes }: Diagnosis, signal: AbortSignal): string[] {
    return nodes === 0 ? [] : tryRemedies(this.#tools, info, framework, signal);
  }

  #give(pod: QueuedPod, framework: Framework, node: string, signal: AbortSignal): void {
    this.#tools.metrics.chosen(pod);
    this.#nominations.delete(pod.info.uid);
    this.#bindings.begin(pod, framework, node, signal);
  }

  #refuse(
    pod: QueuedPod,
    framework: Framework,
    diagnosis: Diagnosis,
    remedies: readonly string[],
    { made, why }: Preemption,
    signal: AbortSignal,
  ): void {
    this.#queue.refused(pod, diagnosis.nodes === 0 ? noNodes : diagnosis.plugins);
    // Where room is being made there is no more to say.
    const text = made ? fitError(diagnosis, undefined) : fitError(diagnosis, why, remedies);
    this.#report(pod, framework, text, 'Unschedulable', signal);
  }

  #report(pod: QueuedPod, framework: Framework, message: string, reason: NotPlaced, signal: AbortSignal): void {
    this.#spawn(report(this.#tools, pod, framework, message, reason, signal));
  }

  #spawn(work: Promise<void>): void {
    const task = work.finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
  }
}
