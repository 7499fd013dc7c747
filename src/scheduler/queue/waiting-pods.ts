import { asksFor, type ClusterEvent, type EventHint } from '../events/events.ts';
import { profileOf, type QueuedPod } from './queued-pod.ts';

/** Pods that the same plugin of the same profile keeps waiting. */
interface Group {
  readonly hints: readonly EventHint[];
  readonly pods: Set<QueuedPod>;
}

type Hints = ReadonlyMap<string, { readonly hints: ReadonlyMap<string, readonly EventHint[]> }>;

/**
 * Pods by the plugins that keep them waiting, so that an event is compiled once for each plugin that asked for it and
 * looks at that plugin's pods only.
 */
export class WaitingPods {
  readonly #profiles: Hints;
  readonly #groups = new Map<string, Group>();

  /** `profiles` has, by schedulerName and plugin, what may undo a refusal. */
  constructor(profiles: Hints) {
    this.#profiles = profiles;
  }

  add(pod: QueuedPod): void {
    for (const plugin of pod.refusedBy) this.#groupOf(pod, plugin).pods.add(pod);
  }

  delete(pod: QueuedPod): void {
    for (const plugin of pod.refusedBy) this.#groupOf(pod, plugin).pods.delete(pod);
  }

  /** The pods that an event may let fit. */
  concerned(event: ClusterEvent): Set<QueuedPod> {
    const concerned = new Set<QueuedPod>();
    for (const { hints, pods } of this.#groups.values()) {
      if (pods.size === 0) continue;
      for (const test of testsOf(hints, event)) {
        for (const pod of pods) if (test === true || test(pod.info)) concerned.add(pod);
      }
    }
    return concerned;
  }

  /** Whether an event may let this one pod fit, wherever it is. */
  concerns(event: ClusterEvent, pod: QueuedPod): boolean {
    if (pod.refusedBy.size === 0) return true;
    for (const plugin of pod.refusedBy) {
      for (const test of testsOf(this.#groupOf(pod, plugin).hints, event)) {
        if (test === true || test(pod.info)) return true;
      }
    }
    return false;
  }

  #groupOf({ info }: QueuedPod, plugin: string): Group {
    const profile = profileOf(info.pod);
    const id = `${profile}/${plugin}`;
    let group = this.#groups.get(id);
    if (!group) {
      group = { hints: this.#profiles.get(profile)?.hints.get(plugin) ?? [], pods: new Set() };
      this.#groups.set(id, group);
    }
    return group;
  }
}

function* testsOf(hints: readonly EventHint[], event: ClusterEvent) {
  for (const hint of hints) {
    if (!asksFor(hint, event)) continue;
    const test = hint.hint?.(event) ?? true;
    if (test !== false) yield test;
  }
}
