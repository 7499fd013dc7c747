import type { LinuxResources } from '../../node/runtime.ts';
import { hostRoot } from './wiring.ts';

/** cgroup v2 counts weights from 1 to 10000 where v1 counts shares from 2 to 262144; the kernel's own mapping. */
export function weightOf(shares: number): number {
  const bounded = Math.min(262_144, Math.max(2, shares));
  return 1 + Math.floor(((bounded - 2) * 9999) / 262_142);
}

/** A script that limits all containers of a pod together, in either cgroup version; undefined when nothing is limited. */
export function limitPod(folder: string, { memoryBytes, cpuShares, cpuQuota, cpuPeriod = 100_000 }: LinuxResources) {
  const [v1, v2] = [`$H/sys/fs/cgroup`, `$H/sys/fs/cgroup${folder}`];
  const set = (value: string | number, file: string) => `[ ! -f ${file} ] || echo ${value} >${file}`;
  const lines = [
    ...(memoryBytes === undefined
      ? []
      : [set(memoryBytes, `${v1}/memory${folder}/memory.limit_in_bytes`), set(memoryBytes, `${v2}/memory.max`)]),
    ...(cpuShares === undefined
      ? []
      : [set(cpuShares, `${v1}/cpu${folder}/cpu.shares`), set(weightOf(cpuShares), `${v2}/cpu.weight`)]),
    ...(cpuQuota === undefined
      ? []
      : [
          set(cpuPeriod, `${v1}/cpu${folder}/cpu.cfs_period_us`),
          set(cpuQuota, `${v1}/cpu${folder}/cpu.cfs_quota_us`),
          set(`"${cpuQuota} ${cpuPeriod}"`, `${v2}/cpu.max`),
        ]),
  ];
  return lines.length === 0 ? undefined : ['set -e', hostRoot, ...lines].join('\n');
}

/** Removes a pod's empty group from every hierarchy; one that is in use or gone is left. */
export function removeGroup(folder: string): string {
  return `${hostRoot}\nfor d in $H/sys/fs/cgroup/*${folder} $H/sys/fs/cgroup${folder}; do [ ! -d "$d" ] || rmdir "$d" 2>/dev/null; done; true`;
}
