import { expect, test } from 'vitest';
import { DryRuns } from '../../../../src/scheduler/preemption/dry-runs.ts';
import { podInfo } from '../../../../src/scheduler/state/pod-info.ts';
import { pod, table } from '../kit.ts';

test('what came of a dry run is kept until the node changes, for pods of the same kind', () => {
  const nodes = table([{ name: 'a' }, { name: 'b' }]);
  const [a, b] = nodes.live() as [number, number];
  const runs = new DryRuns(nodes);
  const asked: string[] = [];
  const candidate = (kind: string, slot: number) =>
    runs.of(kind, (at) => {
      const node = nodes.slots[at]!.name;
      asked.push(`${kind} ${node}`);
      return { node, pods: [], violations: 0 };
    })(slot);
  expect(candidate('x', a)).toMatchObject({ node: 'a' });
  expect(candidate('x', b)).toMatchObject({ node: 'b' });
  expect(candidate('x', a)).toMatchObject({ node: 'a' });
  expect(asked).toEqual(['x a', 'x b']);
  nodes.addPod(podInfo(pod()), 'a');
  candidate('x', a);
  candidate('x', b);
  candidate('y', b);
  expect(asked).toEqual(['x a', 'x b', 'x a', 'y b']);
});
