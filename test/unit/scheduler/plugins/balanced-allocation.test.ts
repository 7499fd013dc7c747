import { expect, test } from 'vitest';
import { balancedAllocation } from '../../../../src/scheduler/plugins/balanced-allocation.ts';
import { scored } from '../kit.ts';

test('prefers the node where cpu and memory would be used alike', () => {
  const nodes = [
    { name: 'cpu-heavy', pods: [{ requests: { cpu: '2' } }] },
    { name: 'memory-heavy', pods: [{ requests: { memory: '4Gi' } }] },
  ];
  expect(scored(balancedAllocation, { requests: { cpu: '2' } }, nodes)).toEqual({
    'cpu-heavy': 50,
    'memory-heavy': 100,
  });
  expect(scored(balancedAllocation, {}, nodes)).toBeUndefined();
});
