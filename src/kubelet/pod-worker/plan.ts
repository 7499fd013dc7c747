import type { Container, Pod } from '../types.ts';
import { Draft, type Plan } from './draft.ts';
import { alive, anyAlive, type Instance, labels, newest, type Observed } from './observed.ts';
import { backoffAfter, goDuration, isSidecar, nextBackoff, podText, shouldRestart } from './restart.ts';
import { planTermination, type Termination } from './termination.ts';

/**
 * What to do next for a pod. Pure: the same pod and observation give the same plan. `now` is steady time.
 * With `termination` the pod is being ended and nothing is started any more.
 */
export function plan(pod: Pod, observed: Observed, now: number, termination?: Termination): Plan {
  const draft = new Draft(pod, observed, now);
  if (termination) planTermination(draft, termination);
  else planRun(draft);
  planGarbage(draft);
  return draft.finished();
}

/** The newest instance when it belongs to the live sandbox. */
function current(observed: Observed, name: string): Instance | undefined {
  const instance = newest(observed, name);
  return instance && observed.sandbox?.running && instance.sandboxId === observed.sandbox.id ? instance : undefined;
}

interface Wanted {
  readonly container: Container;
  readonly last: Instance | undefined;
}

function planRun(draft: Draft): void {
  const { pod, observed } = draft;
  const verdict = judge(draft);
  if (verdict.done) {
    endSidecars(draft);
    return;
  }
  const sandbox = observed.sandbox;
  if (!sandbox?.running) {
    if (sandbox && anyAlive(observed)) {
      draft.add({ key: 'stop-sandbox', do: 'stop-sandbox', sandboxId: sandbox.id });
      return;
    }
    draft.add({ key: 'sandbox', do: 'start-sandbox', attempt: observed.nextAttempt });
  }
  if (!observed.volumesReady) draft.add({ key: 'volumes', do: 'set-up-volumes' });
  for (const name of (pod.spec.ephemeralContainers ?? []).filter((c) => !newest(observed, c.name))) {
    verdict.start.push({ container: name, last: undefined });
  }
  for (const wanted of verdict.start) planStart(draft, wanted);
  const mains = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  for (const container of mains) planHealth(draft, container);
}

/** Which containers should be started now, and whether the pod is over. */
function judge(draft: Draft): { start: Wanted[]; done: boolean } {
  const { pod, observed } = draft;
  const start: Wanted[] = [];
  const inits = pod.spec.initContainers ?? [];
  const mains = pod.spec.containers;
  const rebuilt = !observed.sandbox?.running;
  const initialized = !rebuilt && mains.some((c) => current(observed, c.name));
  const ended = mains.map((container) => endedForGood(draft, container, 'main'));
  // Seen even when the sandbox is gone already: the first failure for good stops it.
  const failed = inits.some((container) => {
    const last = newest(observed, container.name)?.state;
    if (isSidecar(container) || last?.status !== 'exited' || last.exitCode === 0) return false;
    return !shouldRestart(pod, container, 'init', last.exitCode);
  });
  if (failed || ended.every(Boolean)) return { start, done: true };

  for (const [i, container] of inits.entries()) {
    const instance = current(observed, container.name);
    const last = newest(observed, container.name);
    if (isSidecar(container)) {
      if (!alive(instance)) start.push({ container, last });
      const up = alive(instance) && (observed.health.get(instance!.state.id)?.started ?? true);
      if (!up && !initialized) return { start, done: false };
      continue;
    }
    const later = inits.slice(i + 1).some((c) => current(observed, c.name));
    if (initialized || later) continue;
    if (alive(instance)) return { start, done: false };
    if (instance?.state.status === 'exited' && instance.state.exitCode === 0) continue;
    start.push({ container, last });
    return { start, done: false };
  }
  for (const [i, container] of mains.entries()) {
    if (!ended[i] && !alive(current(observed, container.name))) {
      start.push({ container, last: newest(observed, container.name) });
    }
  }
  return { start, done: false };
}

function endedForGood(draft: Draft, container: Container, kind: 'init' | 'main'): boolean {
  const last = newest(draft.observed, container.name);
  return last?.state.status === 'exited' && !shouldRestart(draft.pod, container, kind, last.state.exitCode);
}

function planStart(draft: Draft, { container, last }: Wanted): void {
  const { observed, now, pod } = draft;
  const key = `start:${container.name}`;
  if (observed.busy.has(key) || observed.busy.has(`stop:${container.name}`)) return;
  if (last?.state.status === 'exited') {
    const delay = backoffAfter(last.state);
    const due = (observed.deaths.get(last.state.id) ?? now) + delay;
    if (due > now) {
      draft.wakeAt(due);
      const text = `back-off ${goDuration(delay)} restarting failed container=${container.name} pod=${podText(pod)}`;
      draft.waits(container.name, 'CrashLoopBackOff', text);
      return;
    }
  }
  const hold = draft.isHeld(`image:${container.name}`) ?? draft.isHeld(key);
  if (hold) {
    draft.waits(container.name, hold.reason, hold.message);
    return;
  }
  if (!observed.images.has(container.name)) {
    draft.add({ key: `image:${container.name}`, do: 'find-image', container });
    return;
  }
  if (!observed.sandbox?.running || !observed.volumesReady) return;
  const attempt = !last ? 0 : last.state.status === 'created' ? last.state.attempt : last.state.attempt + 1;
  draft.add({ key, do: 'start-container', container, attempt, backoff: nextBackoff(last?.state) });
}

/** Ends a running container whose probes gave it up or whose image changed; the next plan starts it anew. */
function planHealth(draft: Draft, container: Container): void {
  const { observed, pod } = draft;
  const instance = current(observed, container.name);
  if (!instance || !alive(instance)) return;
  const kill = observed.health.get(instance.state.id)?.kill;
  const changed = (instance.state.labels[labels.image] ?? container.image) !== container.image;
  if (!kill && !changed) return;
  draft.add({
    key: `stop:${container.name}`,
    do: 'stop-container',
    container,
    instance,
    graceSeconds: kill?.graceSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30,
    message: kill?.message ?? `Container ${container.name} definition changed, will be restarted`,
    hook: true,
  });
}

/** The pod's work is done: whatever still runs beside it ends, then the sandbox. */
function endSidecars(draft: Draft): void {
  planTermination(draft, { graceSeconds: draft.pod.spec.terminationGracePeriodSeconds ?? 30 });
}

/** One dead instance per container is kept for its logs and last state; emptied old sandboxes go. */
function planGarbage(draft: Draft): void {
  const kept = new Set<string>();
  if (draft.observed.sandbox) kept.add(draft.observed.sandbox.id);
  for (const [name, instances] of draft.observed.instances) {
    const settling = draft.observed.busy.has(`start:${name}`);
    let dead = 0;
    for (const instance of instances) {
      if (settling) {
        kept.add(instance.sandboxId);
        continue;
      }
      if (alive(instance) || instance.state.status === 'created' || ++dead <= 1) kept.add(instance.sandboxId);
      else if (instance.state.id) {
        draft.add({ key: `remove:${instance.state.id}`, do: 'remove-container', instance });
      }
    }
  }
  for (const sandboxId of draft.observed.older) {
    if (!kept.has(sandboxId)) draft.add({ key: `remove:${sandboxId}`, do: 'remove-sandbox', sandboxId });
  }
}
