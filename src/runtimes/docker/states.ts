import { jsonValue } from '../../base/json-value.ts';
import type { ContainerInspect } from '../../engine/types.ts';
import type { ContainerState, SandboxState } from '../../node/runtime.ts';
import { label, labelsOf, podOf } from './names.ts';

/** Milliseconds since the epoch; the engine writes the year 1 for "never". */
function time(text: string): number {
  const ms = Date.parse(text);
  return Number.isNaN(ms) || ms <= 0 ? 0 : ms;
}

/** The exit code runtimes give a container whose first process could not be started. */
const couldNotStart = 128;

function statusOf({ State }: ContainerInspect): ContainerState['status'] {
  if (State.Running) return State.Paused ? 'paused' : 'running';
  // A start that failed leaves the container "created", with the reason.
  if (State.Status === 'created') return State.Error ? 'exited' : 'created';
  return 'exited';
}

/** A container as the kubelet sees it. */
export function containerState(inspected: ContainerInspect, terminationMessage: string): ContainerState {
  const { State } = inspected;
  const labels = labelsOf(inspected);
  const status = statusOf(inspected);
  const neverRan = State.Status === 'created';
  const createdAt = time(inspected.Created);
  const startedAt = time(State.StartedAt);
  return {
    id: inspected.Id,
    name: labels[label.container] ?? '',
    attempt: Number(labels[label.attempt] ?? 0),
    image: inspected.Config.Image,
    imageId: inspected.Image,
    labels: ownLabels(labels[label.own]),
    status,
    createdAt,
    startedAt,
    // The engine notes the start of a container that ends at once a moment after its end.
    finishedAt: status === 'exited' ? Math.max(startedAt, time(State.FinishedAt) || createdAt) : 0,
    exitCode: neverRan && State.Error ? State.ExitCode || couldNotStart : State.ExitCode,
    oomKilled: State.OOMKilled,
    error: State.Error,
    terminationMessage: status === 'exited' ? terminationMessage : '',
  };
}

function ownLabels(text: string | undefined): Readonly<Record<string, string>> {
  return ((text && jsonValue(text)) || {}) as Readonly<Record<string, string>>;
}

export function sandboxState(inspected: ContainerInspect, containers: readonly ContainerState[]): SandboxState {
  const labels = labelsOf(inspected);
  return {
    id: inspected.Id,
    node: labels[label.node] ?? '',
    pod: podOf(labels),
    attempt: Number(labels[label.attempt] ?? 0),
    running: inspected.State.Running,
    address: inspected.State.Running ? (labels[label.address] ?? '') : '',
    createdAt: time(inspected.Created),
    containers,
  };
}
