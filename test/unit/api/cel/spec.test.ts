import { describe, expect, test } from 'vitest';
import { knownFailures, otherLibraries } from './known-failures.ts';
import { failure, needsProtobuf, vectors } from './spec-run.ts';

/** The official vectors of cel-spec, apart from those that need protobuf messages, which Kubernetes has none of. */
const all = vectors().filter(
  (vector) => !otherLibraries.includes(vector.name.split('/')[0]!) && !needsProtobuf(vector),
);
const known = new Set(Object.values(knownFailures).flat());

describe('cel-spec', () => {
  const suites = Map.groupBy(all, ({ name }) => name.slice(0, name.indexOf('/')));
  test.each([...suites])('%s', (_, suite) => {
    const failing = suite.flatMap((vector) => (failure(vector) === undefined ? [] : [vector.name]));
    const expected = suite.flatMap(({ name }) => (known.has(name) ? [name] : []));
    expect(failing).toEqual(expected);
  });

  test('every known failure is a vector', () => {
    const names = new Set(all.map(({ name }) => name));
    expect([...known].filter((name) => !names.has(name))).toEqual([]);
  });
});
