import type { ContainerSummary } from '../../engine/types.ts';
import type { ContainerStats } from '../../node/runtime.ts';
import { label } from './names.ts';
import { hostRoot } from './wiring.ts';

/** A group of one container prints a line `@index`, then its counters; both cgroup versions' files are tried. */
export function statsScript(paths: readonly string[]): string {
  const each = paths.map((path, index) =>
    [
      `echo @${index}`,
      `c=$H/sys/fs/cgroup/cpuacct${path}/cpuacct.usage; [ -f $c ] && echo cpu_nanos $(cat $c)`,
      `m=$H/sys/fs/cgroup/memory${path}; [ -d $m ] && { echo usage $(cat $m/memory.usage_in_bytes); cat $m/memory.stat; }`,
      `u=$H/sys/fs/cgroup${path}; [ -d $u ] && { cat $u/cpu.stat; echo usage $(cat $u/memory.current); cat $u/memory.stat; }`,
    ].join('\n'),
  );
  return `${hostRoot}\n{\n${each.join('\n')}\n} 2>/dev/null\ntrue`;
}

/** The engine's own statistics take a second to come; the kernel's counters are there at once. */
export function parseStats(output: string, containers: readonly ContainerSummary[], now: number): ContainerStats[] {
  const found: ContainerStats[] = [];
  for (const block of output.split(/^@/m).slice(1)) {
    const [index = '', ...lines] = block.split('\n');
    const container = containers[Number(index)];
    const counters = new Map(lines.map((line) => line.split(' ') as [string, string]));
    const count = (...names: string[]) => Number(names.map((n) => counters.get(n)).find((n) => n !== undefined) ?? 0);
    if (!container || !counters.has('usage')) continue;
    // Working set as upstream counts it: what is used, without file pages that could be dropped at once.
    const workingSet = count('usage') - count('total_inactive_file', 'inactive_file');
    found.push({
      podUid: container.Labels[label.podUid] ?? '',
      container: container.Labels[label.container] ?? '',
      containerId: container.Id,
      cpuNanos: counters.has('cpu_nanos') ? count('cpu_nanos') : count('usage_usec') * 1000,
      memoryWorkingSetBytes: Math.max(0, workingSet),
      memoryRssBytes: count('total_rss', 'anon'),
      sampledAt: now,
    });
  }
  return found;
}
