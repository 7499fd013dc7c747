import type { ContainerSummary } from '../../engine/types.ts';
import type { Counters, NodeStats } from '../../node/usage.ts';
import { label } from './names.ts';
import { hostRoot } from './wiring.ts';

/** A group prints a line `@index`, then its counters; both cgroup versions' files are tried. */
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

/**
 * What the script printed of a node's own group and, after it, of these containers. The engine's own statistics take a
 * second to come; the kernel's counters are there at once.
 */
export function parseStats(output: string, containers: readonly ContainerSummary[], now: number): NodeStats {
  const blocks = new Map<number, Counters | undefined>();
  for (const block of output.split(/^@/m).slice(1)) {
    const [index = '', ...lines] = block.split('\n');
    blocks.set(Number(index), countersOf(lines, now));
  }
  const found = containers.flatMap((container, i) => {
    const counters = blocks.get(i + 1);
    // It has ended meanwhile.
    if (!counters) return [];
    const { [label.podUid]: podUid = '', [label.container]: name = '' } = container.Labels;
    return [{ podUid, container: name, containerId: container.Id, ...counters }];
  });
  const sum = (of: 'memoryWorkingSetBytes' | 'memoryRssBytes') => found.reduce((total, c) => total + c[of], 0);
  return {
    // The CPU of containers that are gone stays counted in the group; memory is not summed up in every cgroup version 1.
    cpuNanos: blocks.get(0)?.cpuNanos ?? 0,
    memoryWorkingSetBytes: sum('memoryWorkingSetBytes'),
    memoryRssBytes: sum('memoryRssBytes'),
    sampledAt: now,
    containers: found,
  };
}

function countersOf(lines: readonly string[], sampledAt: number): Counters | undefined {
  const counters = new Map(lines.map((line) => line.split(' ') as [string, string]));
  const count = (...names: string[]) => Number(names.map((n) => counters.get(n)).find((n) => n !== undefined) ?? 0);
  if (!counters.has('cpu_nanos') && !counters.has('usage_usec')) return undefined;
  // Working set as upstream counts it: what is used, without file pages that could be dropped at once.
  const workingSet = count('usage') - count('total_inactive_file', 'inactive_file');
  return {
    cpuNanos: counters.has('cpu_nanos') ? count('cpu_nanos') : count('usage_usec') * 1000,
    memoryWorkingSetBytes: Math.max(0, workingSet),
    memoryRssBytes: count('total_rss', 'anon'),
    sampledAt,
  };
}
