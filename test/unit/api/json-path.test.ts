import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonPathError, parseJsonPath } from '../../../src/api/json-path.ts';

const object = {
  metadata: { name: 'a', annotations: { 'example.com/x': 'dotted' } },
  spec: {
    n: 3,
    list: [1, 2, 3, 4],
    pods: [
      { name: 'p', up: true, cpu: 2 },
      { name: 'q', up: false, cpu: 5 },
    ],
  },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Sick', status: 'False' },
    ],
  },
};

test.each([
  ['.spec.n', [3]],
  ['spec.n', [3]],
  ['$.spec.n', [3]],
  ['.spec.missing.deeper', []],
  [".metadata.annotations['example.com/x']", ['dotted']],
  ['.metadata.annotations["example.com/x"]', ['dotted']],
  ['.metadata.annotations.example\\.com/x', ['dotted']],
  ['.spec.list[0]', [1]],
  ['.spec.list[-1]', [4]],
  ['.spec.list[9]', []],
  ['.spec.list[1:3]', [2, 3]],
  ['.spec.list[::2]', [1, 3]],
  ['.spec.list[0,2]', [1, 3]],
  ['.spec.list[*]', [1, 2, 3, 4]],
  ['.spec.pods[*].name', ['p', 'q']],
  ["['spec']['n']", [3]],
  ['.status.conditions[?(@.type=="Ready")].status', ['True']],
  [".status.conditions[?(@.type=='Sick')].status", ['False']],
  ['.status.conditions[?(@.type != "Ready")].status', ['False']],
  ['.spec.pods[?(@.up==true)].name', ['p']],
  ['.spec.pods[?(@.cpu>=3)].name', ['q']],
  ['.spec.pods[?(@.cpu)].name', ['p', 'q']],
  ['.spec.pods[?(@.nothing)].name', []],
  ['.spec.pods[?(@.cpu=="2")].name', []],
  ['..name', ['a', 'p', 'q']],
  ['.spec..cpu', [2, 5]],
])('%s finds %j', (path, values) => {
  expect(parseJsonPath(path)(object)).toEqual(values);
});

test.each(['.spec[', '.spec[]', '.a[?(@.b==1]', '.a b', '.a..', '.a["b]', '.list[::0]'])('%s is refused', (path) => {
  expect(() => parseJsonPath(path)).toThrow(JsonPathError);
});

test('any text is a path or a JsonPathError, and a path never throws', () => {
  const text = fc.stringMatching(/^[.[\]'"@?()=*:,a-c0-2 $\\-]{0,24}$/);
  fc.assert(
    fc.property(text, fc.jsonValue(), (path, value) => {
      try {
        parseJsonPath(path)(value);
      } catch (error) {
        expect(error).toBeInstanceOf(JsonPathError);
      }
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test('what every object inherits is no field', () => {
  expect(parseJsonPath('.constructor.name')({})).toEqual([]);
  expect(parseJsonPath('.__proto__')({})).toEqual([]);
});
