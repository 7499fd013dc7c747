import type { Container, Pod } from '../types.ts';
import type { Draft } from './draft.ts';
import { alive, type Instance, type Observed } from './observed.ts';
import { isSidecar } from './restart.ts';

/** How a pod is ended. */
export interface Termination {
  readonly graceSeconds: number;
  /** The pod's own end, where it is not deletion: status.reason and message. */
  readonly reason?: string;
  readonly message?: string;
}

/**
 * Stops everything that runs: first the app containers, all at once; then the sidecars, last started first; then the
 * sandbox; then the pod is finished.
 */
export function planTermination(draft: Draft, termination: Termination): void {
  const { observed, pod } = draft;
  if (isStarting(observed)) return;
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar);
  const sidecarNames = new Set(sidecars.map((c) => c.name));
  const apps: [string, Instance][] = [];
  for (const [name, instances] of observed.instances) {
    for (const instance of instances) if (alive(instance) && !sidecarNames.has(name)) apps.push([name, instance]);
  }
  for (const [name, instance] of apps) stop(draft, find(draft, name), name, instance, termination);
  if (apps.length) return;
  for (const sidecar of sidecars.reverse()) {
    const instance = observed.instances.get(sidecar.name)?.find(alive);
    if (!instance) continue;
    stop(draft, sidecar, sidecar.name, instance, termination);
    return;
  }
  if (observed.sandbox?.running) {
    draft.add({ key: 'stop-sandbox', do: 'stop-sandbox', sandboxId: observed.sandbox.id });
    return;
  }
  draft.done = true;
  draft.add({ key: 'finish', do: 'finish' });
}

/** Steps that start something are aborted when termination begins; until they have let go nothing is final. */
function isStarting(observed: Observed): boolean {
  for (const key of observed.busy) if (key === 'sandbox' || key.startsWith('start:')) return true;
  return false;
}

function find(draft: Draft, name: string): Container | undefined {
  const { containers, initContainers = [], ephemeralContainers = [] } = draft.pod.spec;
  return [...containers, ...initContainers, ...ephemeralContainers].find((c) => c.name === name);
}

function stop(
  draft: Draft,
  container: Container | undefined,
  name: string,
  instance: Instance,
  termination: Termination,
): void {
  draft.add({
    key: `stop:${name}`,
    do: 'stop-container',
    container,
    instance,
    graceSeconds: termination.graceSeconds,
    message: `Stopping container ${name}`,
    hook: true,
  });
}

/** Source: kubelet `calculateEffectiveGracePeriod`: never less than a second. */
const leastGrace = 1;

/**
 * Why and how a pod must end now, if it must. `now` is wall time; `vanished` when its object is gone already: somebody
 * deleted it without grace, and nobody waits for it. Source: kubelet `HandlePodCleanups`, which grants orphans a second.
 */
export function terminationOf(pod: Pod, now: number, vanished: boolean): Termination | undefined {
  const own = pod.spec.terminationGracePeriodSeconds ?? 30;
  if (vanished) return { graceSeconds: leastGrace };
  if (pod.metadata.deletionTimestamp) {
    return { graceSeconds: Math.max(leastGrace, pod.metadata.deletionGracePeriodSeconds ?? own) };
  }
  const phase = pod.status?.phase;
  if (phase === 'Failed' || phase === 'Succeeded') return { graceSeconds: Math.max(leastGrace, own) };
  const started = Date.parse(pod.status?.startTime ?? '');
  const { activeDeadlineSeconds } = pod.spec;
  if (!activeDeadlineSeconds || !started || now < started + activeDeadlineSeconds * 1000) return undefined;
  return {
    graceSeconds: Math.max(leastGrace, own),
    reason: 'DeadlineExceeded',
    message: 'Pod was active on the node longer than the specified deadline',
  };
}
