import type { ContainerStatus, Pod } from '../types.ts';
import { isSidecar, shouldRestart } from './restart.ts';

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

/**
 * The pod's phase from its containers' statuses. `final` once nothing runs and nothing will be started.
 * Source of the rules: kubelet `getPhase`.
 */
export function phaseOf(
  pod: Pod,
  inits: readonly ContainerStatus[],
  mains: readonly ContainerStatus[],
  final: boolean,
): Phase {
  const init = countInit(pod, inits);
  if (init.failedForGood) return 'Failed';
  const main = countMain(mains);
  const policy = pod.spec.restartPolicy ?? 'Always';
  if (init.pending && !main.begun && !final) return 'Pending';
  if (main.waiting && !final) return 'Pending';
  if (main.running && !final) return 'Running';
  if (final) return main.succeeded === mains.length ? 'Succeeded' : 'Failed';
  if (!main.stopped) return 'Pending';
  const restarts = pod.spec.containers.some((container, i) => {
    const ended = mains[i]?.state.terminated ?? mains[i]?.lastState.terminated;
    return ended && shouldRestart(pod, container, 'main', ended.exitCode);
  });
  if (restarts || policy === 'Always') return 'Running';
  return main.succeeded === main.stopped ? 'Succeeded' : 'Failed';
}

function countInit(pod: Pod, statuses: readonly ContainerStatus[]): { pending: boolean; failedForGood: boolean } {
  let pending = false;
  let failedForGood = false;
  for (const [i, container] of (pod.spec.initContainers ?? []).entries()) {
    const status = statuses[i];
    if (isSidecar(container)) {
      if (!status?.started) pending = true;
      continue;
    }
    const ended = status?.state.terminated;
    if (ended?.exitCode === 0) continue;
    if (ended && !shouldRestart(pod, container, 'init', ended.exitCode)) failedForGood = true;
    pending = true;
  }
  return { pending, failedForGood };
}

function countMain(statuses: readonly ContainerStatus[]) {
  const count = { running: 0, waiting: 0, stopped: 0, succeeded: 0, begun: false };
  for (const { state, lastState } of statuses) {
    if (state.running) count.running++;
    else if (state.terminated) {
      count.stopped++;
      if (state.terminated.exitCode === 0) count.succeeded++;
    } else if (lastState.terminated) count.stopped++;
    else count.waiting++;
  }
  count.begun = count.running + count.stopped > 0;
  return count;
}
