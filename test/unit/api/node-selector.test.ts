import { expect, test } from 'vitest';
import { inTopology, nodeSelector, nodeTerm } from '../../../src/api/node-selector.ts';
import type { NodeSelectorTerm, TopologySelectorTerm } from '../../../src/api/types/core-v1.gen.ts';

const node = { name: 'n1', labels: { zone: 'a', cores: '8' } };

test.each<[string, NodeSelectorTerm, boolean]>([
  ['nothing', {}, false],
  ['a value', { matchExpressions: [{ key: 'zone', operator: 'In', values: ['a', 'b'] }] }, true],
  ['another value', { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] }, false],
  ['a label', { matchExpressions: [{ key: 'zone', operator: 'Exists' }] }, true],
  ['the absence of a label', { matchExpressions: [{ key: 'disk', operator: 'DoesNotExist' }] }, true],
  ['more than a number', { matchExpressions: [{ key: 'cores', operator: 'Gt', values: ['4'] }] }, true],
  ['less than a number', { matchExpressions: [{ key: 'cores', operator: 'Lt', values: ['8'] }] }, false],
  ['the name', { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }, true],
  [
    'both, of which one fails',
    {
      matchExpressions: [{ key: 'zone', operator: 'Exists' }],
      matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['n1'] }],
    },
    false,
  ],
])('a term that asks for %s', (_, term, matches) => {
  expect(nodeTerm(term)(node)).toBe(matches);
});

test('one of the terms is enough', () => {
  const zone = (value: string): NodeSelectorTerm => ({
    matchExpressions: [{ key: 'zone', operator: 'In', values: [value] }],
  });
  expect(nodeSelector({ nodeSelectorTerms: [zone('b'), zone('a')] })(node)).toBe(true);
  expect(nodeSelector({ nodeSelectorTerms: [zone('b'), zone('c')] })(node)).toBe(false);
});

test.each<[string, TopologySelectorTerm[] | undefined, boolean]>([
  ['no terms', undefined, true],
  ['an empty term', [{}], false],
  ['a value of the label', [{ matchLabelExpressions: [{ key: 'zone', values: ['a', 'b'] }] }], true],
  ['a label the node lacks', [{ matchLabelExpressions: [{ key: 'rack', values: ['1'] }] }], false],
  [
    'one of two terms',
    [
      { matchLabelExpressions: [{ key: 'zone', values: ['b'] }] },
      { matchLabelExpressions: [{ key: 'cores', values: ['8'] }] },
    ],
    true,
  ],
])('topologies: %s', (_, terms, allowed) => {
  expect(inTopology(terms, node)).toBe(allowed);
});
