import { expect, test } from 'vitest';
import type { KnownPlugin } from '../../../../src/scheduler/config/known-plugins.ts';
import { expandPlugins, type PluginSets } from '../../../../src/scheduler/config/plugin-sets.ts';

const known: readonly KnownPlugin[] = [
  { name: 'Sort', points: ['queueSort'] },
  { name: 'A', points: ['filter', 'score'], weight: 3 },
  { name: 'B', points: ['filter', 'score'] },
  { name: 'C', points: ['filter', 'score'], weight: 2 },
  { name: 'Bind', points: ['bind'] },
];

const expanded = (sets: PluginSets) => {
  const { filter, score } = expandPlugins('x', sets, known);
  return {
    filter: filter.map(({ name }) => name).join(' '),
    score: score.map(({ name, weight }) => `${name}${weight}`).join(' '),
  };
};
const on = (...names: string[]) =>
  names.map((text) => {
    const weight = Number(text.slice(1)) || undefined;
    return { name: text[0]!, ...(weight && { weight }) };
  });

test.each<[string, PluginSets, string, string]>([
  ['nothing said', {}, 'A B C', 'A3 B1 C2'],
  ['one off everywhere', { multiPoint: { disabled: on('B') } }, 'A C', 'A3 C2'],
  ['one off at one point', { filter: { disabled: on('B') } }, 'A C', 'A3 B1 C2'],
  ['all off at one point', { score: { disabled: on('*') } }, 'A B C', ''],
  ['all off at one point, one on again', { score: { disabled: on('*'), enabled: on('B') } }, 'A B C', 'B1'],
  [
    'all off but those named, in their order',
    { multiPoint: { disabled: [{ name: '*' }], enabled: [{ name: 'Bind' }, { name: 'Sort' }, ...on('C', 'A')] } },
    'C A',
    'C1 A1',
  ],
  ['a default with another weight keeps its place', { multiPoint: { enabled: on('B7') } }, 'A B C', 'A3 B7 C2'],
  ['a point names a weight of its own and goes first', { score: { enabled: on('C9') } }, 'A B C', 'C9 A3 B1'],
  [
    'named at a point though off in general, it goes last',
    { multiPoint: { disabled: on('A') }, filter: { enabled: on('A') } },
    'B C A',
    'B1 C2',
  ],
])('%s', (_, sets, filter, score) => {
  expect(expanded(sets)).toEqual({ filter, score });
});

test('a plugin is named once', () => {
  expect(() => expanded({ filter: { enabled: on('A', 'A') } })).toThrow(
    'plugin "A" already registered as "FilterPlugin"',
  );
  expect(() => expanded({ multiPoint: { disabled: on('A'), enabled: on('A', 'A') } })).toThrow(
    'plugin "A" already registered as "FilterPlugin"',
  );
});
