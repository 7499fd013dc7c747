import { describe, expect, test } from 'vitest';
import type { NodeSelectorTerm } from '../../../../src/api/types/core-v1.gen.ts';
import { nodeAffinity } from '../../../../src/scheduler/plugins/node-affinity.ts';
import { filtered, type PodFields, scored } from '../kit.ts';

const nodes = [
  { name: 'a', labels: { disk: 'ssd', size: '10' } },
  { name: 'b', labels: { disk: 'hdd', size: '3' } },
  { name: 'c' },
];
const required = (...nodeSelectorTerms: NodeSelectorTerm[]): PodFields => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
});

describe('filter', () => {
  test.each<[string, PodFields, string[]]>([
    ['nothing asked', {}, ['a', 'b', 'c']],
    ['nodeSelector', { nodeSelector: { disk: 'ssd' } }, ['a']],
    ['In', required({ matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd', 'hdd'] }] }), ['a', 'b']],
    ['NotIn', required({ matchExpressions: [{ key: 'disk', operator: 'NotIn', values: ['ssd'] }] }), ['b', 'c']],
    ['Exists', required({ matchExpressions: [{ key: 'disk', operator: 'Exists' }] }), ['a', 'b']],
    ['DoesNotExist', required({ matchExpressions: [{ key: 'disk', operator: 'DoesNotExist' }] }), ['c']],
    ['Gt', required({ matchExpressions: [{ key: 'size', operator: 'Gt', values: ['5'] }] }), ['a']],
    ['Lt', required({ matchExpressions: [{ key: 'size', operator: 'Lt', values: ['5'] }] }), ['b']],
    ['by name', required({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['c'] }] }), ['c']],
    [
      'terms are alternatives, expressions are not',
      required(
        {
          matchExpressions: [
            { key: 'disk', operator: 'Exists' },
            { key: 'size', operator: 'Gt', values: ['5'] },
          ],
        },
        { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['c'] }] },
      ),
      ['a', 'c'],
    ],
    ['an empty term matches nothing', required({}), []],
    [
      'selector and affinity must both hold',
      {
        nodeSelector: { disk: 'hdd' },
        ...required({ matchExpressions: [{ key: 'size', operator: 'Gt', values: ['5'] }] }),
      },
      [],
    ],
  ])('%s', (_, pod, expected) => {
    const result = filtered(nodeAffinity, pod, nodes);
    expect(Object.keys(result).filter((name) => result[name] === 'ok')).toEqual(expected);
    for (const reason of Object.values(result)) {
      expect(['ok', "node(s) didn't match Pod's node affinity/selector (unresolvable)"]).toContain(reason);
    }
  });
});

test('preferred terms add up by weight', () => {
  const preferred = (weight: number, key: string, value: string) => ({
    weight,
    preference: { matchExpressions: [{ key, operator: 'In' as const, values: [value] }] },
  });
  const affinity = {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        preferred(30, 'disk', 'ssd'),
        preferred(10, 'size', '10'),
        preferred(20, 'disk', 'hdd'),
      ],
    },
  };
  expect(scored(nodeAffinity, { affinity }, nodes)).toEqual({ a: 100, b: 50, c: 0 });
});
