import type { Timer } from '../../base/clock.ts';
import type { Container, Pod } from '../types.ts';
import type { PodContext } from './environment.ts';
import { alive, type Health } from './observed.ts';
import { type Director, isDirected, type Play, PlayError, playOf, undirected } from './play.ts';

/**
 * Directs the containers of one pod where no processes run: tells the runtime when each ends, and keeps the health
 * that probes would find. Annotations count while the pod runs, too.
 */
export class PodPlay implements Director {
  readonly #context: PodContext;
  readonly #changed: () => void;
  /** What the runtime was last told of each container, by id. */
  readonly #told = new Map<string, string>();
  #read: { readonly annotations: unknown; readonly directed: boolean } | undefined;
  #complaint = '';
  #timer: Timer | undefined;

  /** `changed` hears when a container becomes ready. */
  constructor(context: PodContext, changed: () => void) {
    this.#context = context;
    this.#changed = changed;
  }

  /** Directs what runs now. While the pod ends nothing ends by itself. */
  sync(ending: boolean): void {
    const { pod } = this.#context;
    this.#timer?.cancel();
    if (!this.#isDirected(pod) && this.#told.size === 0) return;
    if (ending) return;
    const wake = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map((container) =>
      this.#direct(container),
    );
    const next = Math.min(...wake);
    if (Number.isFinite(next)) this.#timer = this.#context.env.clock.after(next, this.#changed);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** What a container is to do; annotations that cannot be understood are told of once, and left aside. */
  of(container: Container): Play {
    const { env, pod } = this.#context;
    if (!this.#isDirected(pod)) return undirected;
    try {
      return playOf(pod, container);
    } catch (error) {
      if (!(error instanceof PlayError)) throw error;
      if (this.#complaint !== error.message) env.tell(pod, undefined, 'Warning', 'InvalidAnnotation', error.message);
      this.#complaint = error.message;
      return playOf({ ...pod, metadata: { ...pod.metadata, annotations: {} } }, container);
    }
  }

  #isDirected(pod: Pod): boolean {
    const { annotations } = pod.metadata;
    if (this.#read?.annotations !== annotations || !this.#read) {
      this.#read = { annotations, directed: isDirected(pod) };
    }
    return this.#read.directed;
  }

  /** Returns how long it takes until the container becomes ready, milliseconds; infinite when nothing is to come. */
  #direct(container: Container): number {
    const { env, world } = this.#context;
    const instance = world.instances.get(container.name)?.[0];
    if (!instance || !alive(instance)) return Number.POSITIVE_INFINITY;
    const { id, startedAt } = instance.state;
    const play = this.of(container);
    const age = Math.max(0, env.clock.wall() - startedAt);
    const end = play.runs === undefined ? undefined : { after: Math.max(0, play.runs - age), exitCode: play.exitCode };
    const text = `${play.runs}/${play.exitCode}`;
    if ((this.#told.get(id) ?? 'undefined/0') !== text) env.runtime.direct?.(env.node, id, end);
    this.#told.set(id, text);
    const left = play.ready ? Math.max(0, play.readyDelay - age) : Number.POSITIVE_INFINITY;
    if (left > 0) world.health.set(id, unready);
    else world.health.delete(id);
    return left || Number.POSITIVE_INFINITY;
  }
}

const unready: Health = { started: true, ready: false };
