import type { ContainerState, SandboxState } from '../../node/runtime.ts';
import type { ContainerStatus, Pod } from '../types.ts';
import { labels } from './observed.ts';

/** A container nobody can say anything about any more. Source of exit code and text: kubelet `convertStatusToAPIStatus`. */
export const lost = (state: ContainerState): ContainerState => ({
  ...state,
  status: 'exited',
  exitCode: 137,
  labels: { ...state.labels, reason: 'ContainerStatusUnknown' },
  error: 'The container could not be located when the pod was terminated',
});

/** A container as the API remembers it: dead, and lost if it was running. */
export function remembered(status: ContainerStatus, now: number): ContainerState {
  const ended = status.state.terminated;
  const dead: ContainerState = {
    ...stateOf(status),
    status: 'exited',
    finishedAt: Date.parse(ended?.finishedAt ?? '') || now,
    exitCode: ended?.exitCode ?? 137,
    oomKilled: ended?.reason === 'OOMKilled',
    terminationMessage: ended?.message ?? '',
  };
  return ended ? dead : lost(dead);
}

/** The live sandbox of a pod as its status remembers it; undefined when nothing ran. */
export function rememberedSandbox(pod: Pod): SandboxState | undefined {
  const { containerStatuses = [], initContainerStatuses = [], podIP = '', startTime } = pod.status ?? {};
  const all = [...initContainerStatuses, ...containerStatuses] as ContainerStatus[];
  const running = all.filter((status) => status.state?.running && status.containerID);
  if (!running.length) return undefined;
  const uid = pod.metadata.uid ?? '';
  const createdAt = Date.parse(startTime ?? '') || 0;
  const images = new Map([...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map((c) => [c.name, c.image]));
  const containers = running.map((status): ContainerState => {
    const state = stateOf(status);
    return { ...state, createdAt: state.startedAt, labels: { [labels.image]: images.get(status.name) ?? '' } };
  });
  const ended = all.filter((status) => status.state?.terminated?.containerID);
  return {
    id: sandboxIdOf(containers[0]!, uid),
    node: pod.spec.nodeName ?? '',
    pod: { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name ?? '', uid },
    attempt: 0,
    running: true,
    address: pod.spec.hostNetwork ? '' : podIP,
    createdAt,
    containers: [...containers, ...ended.map((status) => remembered(status, createdAt))],
  };
}

/** Runtimes that are given sandboxes back name containers "<sandbox>-<container>-<attempt>". */
function sandboxIdOf(container: ContainerState, uid: string): string {
  const suffix = `-${container.name}-${container.attempt}`;
  return container.id.endsWith(suffix) ? container.id.slice(0, -suffix.length) : `${uid}-0`;
}

function stateOf(status: ContainerStatus): ContainerState {
  return {
    id: status.containerID?.split('://')[1] ?? '',
    name: status.name,
    attempt: status.restartCount,
    image: status.image,
    imageId: status.imageID,
    labels: {},
    status: 'running',
    createdAt: 0,
    startedAt: Date.parse(status.state.terminated?.startedAt ?? status.state.running?.startedAt ?? '') || 0,
    finishedAt: 0,
    exitCode: 0,
    oomKilled: false,
    error: '',
    terminationMessage: '',
  };
}
