import type { LinuxResources } from '../../node/runtime.ts';
import { amount } from '../quantity.ts';
import type { Container, Pod } from '../types.ts';

const period = 100_000;
const minShares = 2;
const maxShares = 262_144;
const minQuota = 1000;

/** Relative weight of a CPU request in cores. */
const shares = (cores: number): number => Math.min(maxShares, Math.max(minShares, Math.floor(cores * 1024)));

/**
 * A container's limits as cgroups know them, and how readily the kernel kills it when memory runs out.
 * Source of the numbers: kubelet `kuberuntime_container_linux.go` and `qos/policy.go`.
 */
export function containerResources(pod: Pod, container: Container, qos: string, nodeMemory: number): LinuxResources {
  const { requests, limits } = container.resources ?? {};
  const cpuLimit = amount(limits?.cpu);
  const memory = amount(limits?.memory);
  return {
    cpuShares: shares(amount(requests?.cpu) ?? cpuLimit ?? 0),
    ...(cpuLimit && { cpuQuota: Math.max(minQuota, Math.round(cpuLimit * period)), cpuPeriod: period }),
    ...(memory && { memoryBytes: Math.ceil(memory) }),
    oomScoreAdj: oomScore(pod, requests?.memory ?? limits?.memory, qos, nodeMemory),
  };
}

function oomScore(pod: Pod, memoryRequest: string | undefined, qos: string, nodeMemory: number): number {
  const criticalPriority = 2_000_000_000;
  if ((pod.spec.priority ?? 0) >= criticalPriority || qos === 'Guaranteed') return -997;
  if (qos === 'BestEffort') return 1000;
  const share = Math.floor(1000 - (1000 * (amount(memoryRequest) ?? 0)) / Math.max(1, nodeMemory));
  return Math.min(999, Math.max(3, share));
}

/** The pod's own limits: the sum of its containers', or what spec.resources says. Absent where one is unlimited. */
export function podResources(pod: Pod): LinuxResources {
  const total = (kind: 'cpu' | 'memory'): number | undefined => {
    const own = amount(pod.spec.resources?.limits?.[kind]);
    if (own !== undefined) return own;
    const all = pod.spec.containers.map((c) => amount(c.resources?.limits?.[kind]));
    if (all.some((value) => value === undefined)) return undefined;
    const sidecarsAndInits = (pod.spec.initContainers ?? []).map((c) => amount(c.resources?.limits?.[kind]));
    if (sidecarsAndInits.some((value) => value === undefined)) return undefined;
    const sum = (list: (number | undefined)[]) => list.reduce<number>((a, b) => a + (b ?? 0), 0);
    return Math.max(sum(all), ...sidecarsAndInits.map((value) => value ?? 0));
  };
  const cpu = total('cpu');
  const memory = total('memory');
  const requested = pod.spec.containers.reduce((sum, c) => sum + (amount(c.resources?.requests?.cpu) ?? 0), 0);
  return {
    cpuShares: shares(requested),
    ...(cpu && { cpuQuota: Math.max(minQuota, Math.round(cpu * period)), cpuPeriod: period }),
    ...(memory && { memoryBytes: Math.ceil(memory) }),
  };
}
