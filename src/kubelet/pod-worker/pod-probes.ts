import { check } from '../probes/check.ts';
import { hasProbes, Prober } from '../probes/prober.ts';
import type { Container } from '../types.ts';
import { type PodContext, podIPs } from './environment.ts';
import { alive, type Instance } from './observed.ts';
import { podText } from './restart.ts';

/** The probers of one pod: every running container with probes has one, and what they say is the pod's observed health. */
export class PodProbes {
  readonly #context: PodContext;
  readonly #changed: () => void;
  readonly #probers = new Map<string, Prober>();

  /** `changed` hears of every change of health. */
  constructor(context: PodContext, changed: () => void) {
    this.#context = context;
    this.#changed = changed;
  }

  /** Starts and stops probers by what runs now. While the pod ends none is started. */
  sync(ending: boolean): void {
    const { pod, world } = this.#context;
    for (const [id, prober] of this.#probers) {
      if (ending) prober.ending();
      if (alive(world.find(id))) continue;
      prober.stop();
      this.#probers.delete(id);
      world.health.delete(id);
    }
    if (ending) return;
    for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
      const instance = world.instances.get(container.name)?.[0];
      if (!instance || !alive(instance) || !hasProbes(container) || this.#probers.has(instance.state.id)) continue;
      const prober = this.#start(container, instance);
      this.#probers.set(instance.state.id, prober);
      world.health.set(instance.state.id, prober.health);
    }
  }

  stop(): void {
    for (const prober of this.#probers.values()) prober.stop();
    this.#probers.clear();
  }

  #start(container: Container, { state }: Instance): Prober {
    const context = this.#context;
    const { env, world } = context;
    const { containerStatuses = [], initContainerStatuses = [] } = context.pod.status ?? {};
    const known = [...containerStatuses, ...initContainerStatuses];
    const before = known.find((status) => status.containerID?.endsWith(`://${state.id}`));
    const prober: Prober = new Prober({
      container,
      clock: env.clock,
      scope: env.scope,
      age: Math.max(0, env.clock.wall() - state.startedAt),
      before: before && { started: before.started ?? false, ready: before.ready },
      check: (probe, signal) => {
        const podIP = podIPs(context)[0] ?? '';
        return check({ pod: context.pod, container, containerId: state.id, podIP }, probe, env, signal);
      },
      tell: (type, reason, message) => env.tell(context.pod, container, type, reason, message),
      changed: () => {
        world.health.set(state.id, prober.health);
        if (prober.health.kill) {
          env.log.debug('probe gave a container up', { pod: podText(context.pod), container: container.name });
        }
        this.#changed();
      },
    });
    return prober;
  }
}
