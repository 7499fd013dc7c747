import { expect, test } from 'vitest';
import { Jq } from '../../../src/base/jq/run.ts';

const pod = {
  metadata: { name: 'web', annotations: { 'a.b/c': '5s' }, owners: [{ kind: 'Job' }, { kind: 'Set' }] },
  status: {
    phase: 'Running',
    restarts: 2,
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Other', status: 'False' },
    ],
  },
};

test.each<[string, unknown[]]>([
  ['.', [pod]],
  ['.status.phase', ['Running']],
  ['.none.of.it', [null]],
  ['.metadata.annotations["a.b/c"]', ['5s']],
  ['.metadata."name"', ['web']],
  ['.metadata.owners[].kind', ['Job', 'Set']],
  ['.metadata.owners.[].kind', ['Job', 'Set']],
  ['.metadata.owners[0].kind, .metadata.owners[-1].kind', ['Job', 'Set']],
  ['.status.conditions.[] | select( .type == "Ready" ) | .status', ['True']],
  ['.status.conditions[] | select(.type == "None") | .status', []],
  ['.status.conditions | map(.type)', [['Ready', 'Other']]],
  ['[.status.conditions[].status] | length', [2]],
  ['.none // "d"', ['d']],
  ['.none[]? // 1', [1]],
  ['.status.restarts > 1 and .status.phase != "Failed"', [true]],
  ['(.status.restarts < 1) or (.status.phase | startswith("Run"))', [true]],
  ['.status.conditions | any', [true]],
  ['.status | has("phase"), has("none")', [true, false]],
  ['.status.restarts | tostring | not', [false]],
  ['true, null, -1.5, "a\\"b"', [true, null, -1.5, 'a"b']],
])('%s', (source, expected) => {
  expect(new Jq(source).run(pod)).toEqual(expected);
});

test.each([
  ['.a |', 'unexpected end'],
  ['.a b', 'unexpected b'],
  ['.a[', 'unexpected end'],
  ['(.a', 'missing )'],
  ['.a & .b', 'unexpected "&"'],
  ['sort_by(.a)', 'function not defined: sort_by/1'],
  ['select', 'function not defined: select/0'],
])('%s cannot be read', (source, message) => {
  expect(() => new Jq(source)).toThrow(message);
});

test.each([
  ['.none[]', 'cannot iterate over: null'],
  ['.status.phase.a', 'cannot index string with "a"'],
  ['.status.phase | tonumber', 'cannot be converted to a number: Running'],
])('%s fails', (source, message) => {
  expect(() => new Jq(source).run(pod)).toThrow(message);
});
