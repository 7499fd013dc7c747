import { timestamp } from '../../base/clock.ts';
import type { ImageInfo, NodeMachine, NodeSpec, Runtime } from '../../node/runtime.ts';
import type { Node, NodeCondition } from '../types.ts';

/** The Kubernetes version krill speaks. */
export const kubeletVersion = 'v1.36.4';

/** Source: kubelet `nodeStatusMaxImages`. */
const maxImages = 50;

/** The labels a kubelet gives its own node; the wired ones win. */
export function nodeLabels(machine: NodeMachine, extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { architecture, operatingSystem } = machine.info;
  return {
    'beta.kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': operatingSystem,
    'kubernetes.io/arch': architecture,
    'kubernetes.io/hostname': machine.name,
    'kubernetes.io/os': operatingSystem,
    ...extra,
  };
}

/** The labels a node is to have besides those of its machine. */
export const wantedLabels = ({ labels, template }: NodeSpec): Record<string, string> => ({
  ...template?.labels,
  ...labels,
});

/** The whole Node object of a machine that is ready. */
export function nodeObject(
  spec: NodeSpec,
  machine: NodeMachine,
  runtime: Runtime,
  images: readonly ImageInfo[],
  now: number,
): Node {
  const { annotations, taints } = spec.template ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: machine.name,
      labels: nodeLabels(machine, wantedLabels(spec)),
      annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true', ...annotations },
    },
    spec: { podCIDR: spec.podCIDR, podCIDRs: [spec.podCIDR], ...(taints && { taints }) },
    status: nodeStatus(machine, runtime, images, undefined, now),
  };
}

/** The status a kubelet reports; conditions that say the same as before keep their transition time. */
export function nodeStatus(
  machine: NodeMachine,
  runtime: Runtime,
  images: readonly ImageInfo[],
  before: Node['status'],
  now: number,
): NonNullable<Node['status']> {
  const { info } = machine;
  return {
    addresses: machine.addresses.map(({ type, address }) => ({ type, address })),
    capacity: machine.capacity,
    allocatable: machine.allocatable,
    conditions: conditions(before?.conditions, now),
    // Nobody sets it any more, but KWOK's stages select by it.
    ...(!runtime.runsProcesses && { phase: 'Running' }),
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    ...(images.length && {
      images: images
        .toSorted((a, b) => b.sizeBytes - a.sizeBytes)
        .slice(0, maxImages)
        .map(({ names, sizeBytes }) => ({ names, sizeBytes })),
    }),
    nodeInfo: {
      machineID: info.machineID,
      systemUUID: info.systemUUID,
      bootID: info.bootID,
      kernelVersion: info.kernelVersion,
      osImage: info.osImage,
      architecture: info.architecture,
      operatingSystem: info.operatingSystem,
      containerRuntimeVersion: info.containerRuntimeVersion ?? runtime.containerRuntimeVersion,
      kubeletVersion: info.kubeletVersion ?? kubeletVersion,
      kubeProxyVersion: info.kubeProxyVersion ?? kubeletVersion,
    },
  };
}

const healthy = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
] as const;

function conditions(before: readonly NodeCondition[] | undefined, now: number): NodeCondition[] {
  return healthy.map(([type, status, reason, message]) => {
    const was = before?.find((condition) => condition.type === type);
    const kept = was?.status === status ? was.lastTransitionTime : undefined;
    const stamp = timestamp(now);
    return { type, status, lastHeartbeatTime: stamp, lastTransitionTime: kept ?? stamp, reason, message };
  });
}
