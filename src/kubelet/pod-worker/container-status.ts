import { timestamp } from '../../base/clock.ts';
import type { ContainerState } from '../../node/runtime.ts';
import type {
  Container,
  ContainerStateTerminated,
  ContainerStatus,
  Pod,
  ContainerState as State,
  VolumeMount,
  VolumeMountStatus,
} from '../types.ts';
import type { Plan } from './draft.ts';
import { alive, type Instance, labels, newest, type Observed } from './observed.ts';
import { isSidecar } from './restart.ts';

/** The scheme of `containerID` and of `nodeInfo.containerRuntimeVersion`. */
export type RuntimeName = 'docker' | 'simulated';

const running = (instance: Instance): State => ({
  running: instance.state.startedAt > 0 ? { startedAt: timestamp(instance.state.startedAt) } : {},
});

/** A dead instance as the API shows it. */
export function terminated(state: ContainerState, runtime: RuntimeName): ContainerStateTerminated {
  const failed = state.error !== '' && (state.startedAt === 0 || state.labels.reason !== undefined);
  const reason = state.oomKilled
    ? 'OOMKilled'
    : failed
      ? (state.labels.reason ?? 'ContainerCannotRun')
      : state.exitCode === 0
        ? 'Completed'
        : 'Error';
  const message = state.terminationMessage || state.error;
  return {
    exitCode: state.exitCode,
    reason,
    ...(message && { message }),
    ...(state.startedAt > 0 && { startedAt: timestamp(state.startedAt) }),
    ...(state.finishedAt > 0 && { finishedAt: timestamp(state.finishedAt) }),
    ...(state.id && { containerID: `${runtime}://${state.id}` }),
  };
}

/** Inputs of the status builders that are not the pod or its containers. */
export interface StatusContext {
  readonly runtime: RuntimeName;
  readonly plan: Plan;
  /** Set once nothing will be started any more, so what waited has missed its chance. */
  readonly ending: boolean;
}

/** Statuses of one list of containers, in the order of the spec. */
export function containerStatuses(
  pod: Pod,
  containers: readonly Container[],
  kind: 'init' | 'main' | 'ephemeral',
  observed: Observed,
  context: StatusContext,
): ContainerStatus[] {
  return containers.map((container) => containerStatus(pod, container, kind, observed, context));
}

function containerStatus(
  pod: Pod,
  container: Container,
  kind: 'init' | 'main' | 'ephemeral',
  observed: Observed,
  context: StatusContext,
): ContainerStatus {
  const instances = observed.instances.get(container.name) ?? [];
  const instance = newest(observed, container.name);
  const health = instance && observed.health.get(instance.state.id);
  const waiting = context.plan.waiting.get(container.name);
  const dead = instance && !alive(instance) && instance.state.status === 'exited' ? instance : undefined;
  const previous = dead && waiting && !context.ending ? dead : instances.find((i) => i !== instance && !alive(i));
  const state = stateOf();
  const isRunning = state.running !== undefined;
  const started = isRunning ? (health?.started ?? true) : false;
  const shown = instance?.state;
  return {
    name: container.name,
    state,
    lastState: previous ? { terminated: terminated(previous.state, context.runtime) } : {},
    ready: isReady(),
    restartCount: shown && shown.status !== 'created' ? shown.attempt : Math.max(0, (shown?.attempt ?? 0) - 1),
    image: shown?.labels[labels.image] || shown?.image || (container.image ?? ''),
    imageID: shown?.imageId ?? '',
    ...(shown?.id && { containerID: `${context.runtime}://${shown.id}` }),
    started,
    ...(isRunning && resourcesOf(container)),
    ...(container.volumeMounts?.length && { volumeMounts: container.volumeMounts.map(mountStatus) }),
  };

  function stateOf(): State {
    if (alive(instance)) return running(instance!);
    if (dead && (!waiting || context.ending)) return { terminated: terminated(dead.state, context.runtime) };
    if (waiting) return { waiting };
    const hasInit = (pod.spec.initContainers?.length ?? 0) > 0;
    return { waiting: { reason: hasInit && kind !== 'ephemeral' ? 'PodInitializing' : 'ContainerCreating' } };
  }

  function isReady(): boolean {
    if (kind === 'ephemeral') return false;
    if (kind === 'init' && !isSidecar(container)) return state.terminated?.exitCode === 0;
    return isRunning && started && (health?.ready ?? true);
  }
}

/**
 * What a running container was granted: the spec's own values, which never change without a resize. Nothing is said too:
 * by that the API server knows that the node can resize.
 */
function resourcesOf(container: Container): Pick<ContainerStatus, 'allocatedResources' | 'resources'> {
  const { requests, limits } = container.resources ?? {};
  return {
    ...(requests && { allocatedResources: requests }),
    resources: { ...(limits && { limits }), ...(requests && { requests }) },
  };
}

function mountStatus(mount: VolumeMount): VolumeMountStatus {
  return {
    name: mount.name,
    mountPath: mount.mountPath,
    ...(mount.readOnly && { readOnly: true, recursiveReadOnly: 'Disabled' }),
  };
}
