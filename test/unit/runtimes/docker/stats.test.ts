import { expect, test } from 'vitest';
import type { ContainerSummary } from '../../../../src/engine/types.ts';
import { label } from '../../../../src/runtimes/docker/names.ts';
import { parseStats } from '../../../../src/runtimes/docker/stats.ts';

const container = (name: string): ContainerSummary =>
  ({ Id: `id-${name}`, Labels: { [label.podUid]: 'u', [label.container]: name } }) as unknown as ContainerSummary;

test.each([
  ['1', '@0\ncpu_nanos 900\n@1\ncpu_nanos 500\nusage 1000\ntotal_inactive_file 300\ntotal_rss 200\n'],
  ['2', '@0\nusage_usec 0.9\n@1\nusage_usec 0.5\nusage 1000\nanon 200\ninactive_file 300\n'],
])('counters of cgroup version %s', (_, output) => {
  const stats = parseStats(output, [container('a')], 7);
  const memory = { memoryWorkingSetBytes: 700, memoryRssBytes: 200, sampledAt: 7 };
  expect(stats).toEqual({
    cpuNanos: 900,
    ...memory,
    containers: [{ podUid: 'u', container: 'a', containerId: 'id-a', cpuNanos: 500, ...memory }],
  });
});

test('a container that ended meanwhile is left out', () => {
  const stats = parseStats('@0\ncpu_nanos 9\n@1\n@2\ncpu_nanos 5\nusage 10\n', [container('a'), container('b')], 0);
  expect(stats.containers.map(({ container: name }) => name)).toEqual(['b']);
});
