import { humanDuration } from '../../api/human-duration.ts';
import type { ContainerStatus, Pod } from '../../api/types/core-v1.gen.ts';
import { ageColumn, nameColumn, text, wide } from '../columns.ts';
import type { Column } from '../resource.ts';

/** The cells of `kubectl get pods`. Source of the rules: pkg/printers/internalversion printPod. */

export interface PodSummary {
  ready: number;
  total: number;
  status: string;
  restarts: number;
  /** Milliseconds of the latest restart, undefined when none is known. */
  lastRestart: number | undefined;
}

const isSidecar = (container: { readonly restartPolicy?: string } | undefined): boolean =>
  container?.restartPolicy === 'Always';

const later = (a: number | undefined, status: ContainerStatus): number | undefined => {
  const at = Date.parse(status.lastState?.terminated?.finishedAt ?? '');
  return Number.isNaN(at) || (a !== undefined && a >= at) ? a : at;
};

function terminatedReason(terminated: { reason?: string; signal?: number; exitCode?: number }): string {
  if (terminated.reason) return terminated.reason;
  return terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode ?? 0}`;
}

/** Where initialization stands; undefined when every init container is through. */
function initReason(pod: Pod, summary: PodSummary): string | undefined {
  const specs = pod.spec?.initContainers ?? [];
  for (const [i, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const { terminated, waiting } = status.state ?? {};
    const sidecar = isSidecar(specs.find((c) => c.name === status.name));
    summary.restarts += status.restartCount ?? 0;
    summary.lastRestart = later(summary.lastRestart, status);
    if (terminated && (terminated.exitCode ?? 0) === 0) continue;
    if (sidecar && status.started) {
      if (status.ready) summary.ready++;
      continue;
    }
    if (terminated) return `Init:${terminatedReason(terminated)}`;
    if (waiting?.reason && waiting.reason !== 'PodInitializing') return `Init:${waiting.reason}`;
    return `Init:${i}/${specs.length}`;
  }
  return undefined;
}

/** Restarts of sidecars alone: what counts once initialization is over. */
function resetToSidecars(pod: Pod, summary: PodSummary): void {
  summary.restarts = 0;
  summary.lastRestart = undefined;
  for (const status of pod.status?.initContainerStatuses ?? []) {
    if (!isSidecar(pod.spec?.initContainers?.find((c) => c.name === status.name))) continue;
    summary.restarts += status.restartCount ?? 0;
    summary.lastRestart = later(summary.lastRestart, status);
  }
}

function addContainers(pod: Pod, summary: PodSummary): void {
  let running = false;
  for (const status of [...(pod.status?.containerStatuses ?? [])].reverse()) {
    const { terminated, waiting, running: runs } = status.state ?? {};
    summary.restarts += status.restartCount ?? 0;
    summary.lastRestart = later(summary.lastRestart, status);
    if (waiting?.reason) summary.status = waiting.reason;
    else if (terminated) summary.status = terminatedReason(terminated);
    else if (status.ready && runs) {
      running = true;
      summary.ready++;
    }
  }
  if (summary.status === 'Completed' && running) {
    summary.status = hasTrueCondition(pod, 'Ready') ? 'Running' : 'NotReady';
  }
}

const hasTrueCondition = (pod: Pod, type: string): boolean =>
  (pod.status?.conditions ?? []).some((c) => c.type === type && c.status === 'True');

/** READY, STATUS and RESTARTS of a pod in one pass. */
export function summarize(pod: Pod): PodSummary {
  const phase = pod.status?.phase ?? '';
  const summary: PodSummary = {
    ready: 0,
    total: (pod.spec?.containers?.length ?? 0) + (pod.spec?.initContainers ?? []).filter(isSidecar).length,
    status: pod.status?.reason || phase,
    restarts: 0,
    lastRestart: undefined,
  };
  if ((pod.status?.conditions ?? []).some((c) => c.type === 'PodScheduled' && c.reason === 'SchedulingGated')) {
    summary.status = 'SchedulingGated';
  }
  const init = initReason(pod, summary);
  if (init !== undefined) summary.status = init;
  if (init === undefined || hasTrueCondition(pod, 'Initialized')) {
    resetToSidecars(pod, summary);
    addContainers(pod, summary);
  }
  if (pod.metadata?.deletionTimestamp) {
    if (pod.status?.reason === 'NodeLost') summary.status = 'Unknown';
    else if (phase !== 'Succeeded' && phase !== 'Failed') summary.status = 'Terminating';
  }
  return summary;
}

function restarts(pod: Pod, now: number): string {
  const { restarts: count, lastRestart } = summarize(pod);
  return count !== 0 && lastRestart !== undefined ? `${count} (${humanDuration(now - lastRestart)} ago)` : `${count}`;
}

function readinessGates(pod: Pod): string {
  const gates = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const passed = gates.filter(
    (gate) => pod.status?.conditions?.find((c) => c.type === gate.conditionType)?.status === 'True',
  );
  return `${passed.length}/${gates.length}`;
}

export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  text('Ready', (pod) => {
    const { ready, total } = summarize(pod);
    return `${ready}/${total}`;
  }),
  text('Status', (pod) => summarize(pod).status),
  text('Restarts', restarts),
  ageColumn,
  wide('IP', (pod) => pod.status?.podIPs?.[0]?.ip || '<none>'),
  wide('Node', (pod) => pod.spec?.nodeName || '<none>'),
  wide('Nominated Node', (pod) => pod.status?.nominatedNodeName || '<none>'),
  wide('Readiness Gates', readinessGates),
];
