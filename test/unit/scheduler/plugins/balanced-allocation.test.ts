import { expect, test } from 'vitest';
import { balancedAllocation } from '../../../../src/scheduler/plugins/balanced-allocation.ts';
import { scored } from '../kit.ts';

test('prefers the node where cpu and memory would be used more alike than they are', () => {
  const nodes = [
    { name: 'cpu-heavy', pods: [{ requests: { cpu: '2' } }] },
    { name: 'memory-heavy', pods: [{ requests: { memory: '4Gi' } }] },
  ];
  expect(scored(balancedAllocation, { requests: { cpu: '2' } }, nodes)).toEqual({
    'cpu-heavy': 62,
    'memory-heavy': 87,
  });
  expect(scored(balancedAllocation, {}, nodes)).toBeUndefined();
});

/** In thousandths of a cpu and bytes of memory. */
const node = (cpu: number, memory: number, used: { cpu?: string; memory?: string } = {}) => ({
  allocatable: { cpu: `${cpu}m`, memory: String(memory) },
  pods: [{ requests: used }],
});

test.each([
  ['empty nodes of other sizes', { cpu: '3', memory: '5000' }, [node(4000, 10000), node(6000, 10000)], [68, 75]],
  [
    'one that is out of balance and one that is not',
    { cpu: '3', memory: '5000' },
    [node(10000, 20000, { cpu: '3' }), node(10000, 20000, { cpu: '3', memory: '5000' })],
    [73, 74],
  ],
  ['the best and the worst', { memory: '5000' }, [node(3000, 5000, { cpu: '3' }), node(3000, 5000)], [100, 50]],
  [
    'as much lost here as there',
    { cpu: '3' },
    [node(6000, 10000, { cpu: '3' }), node(6000, 10000, { cpu: '3', memory: '5000' })],
    [62, 62],
  ],
])('%s', (_what, requests, nodes, [a, b]) => {
  const named = nodes.map((one, i) => ({ name: i === 0 ? 'a' : 'b', ...one }));
  expect(scored(balancedAllocation, { requests }, named)).toEqual({ a, b });
});
