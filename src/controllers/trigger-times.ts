import type { Pod, Service } from '../api/types/core-v1.gen.ts';
import { podCondition } from './pod-state.ts';

interface Seen {
  readonly service: string | undefined;
  readonly pods: ReadonlyMap<string, string>;
}

/** Remembers, per Service, which changes its endpoints have answered to. Source: upstream's trigger time tracker. */
export class TriggerTimes {
  readonly #seen = new Map<string, Seen>();

  /** The earliest change not answered yet, undefined when there is none that has a time. */
  next(key: string, service: Service, pods: readonly Pod[]): string | undefined {
    const before = this.#seen.get(key);
    const current = new Map<string, string>();
    const changed: string[] = [];
    for (const pod of pods) {
      const time = podCondition(pod, 'Ready')?.lastTransitionTime;
      if (!time) continue;
      const name = pod.metadata.name!;
      current.set(name, time);
      const known = before?.pods.get(name);
      if (known === undefined || known < time) changed.push(time);
    }
    const created = service.metadata.creationTimestamp ?? undefined;
    if (created && before?.service !== created) changed.push(created);
    this.#seen.set(key, { service: created, pods: current });
    return changed.sort()[0];
  }

  forget(key: string): void {
    this.#seen.delete(key);
  }
}
