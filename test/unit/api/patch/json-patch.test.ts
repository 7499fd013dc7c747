import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyJsonPatch, type Operation, parseJsonPatch } from '../../../../src/api/patch/json-patch.ts';

const apply = (document: unknown, operations: unknown) =>
  applyJsonPatch(structuredClone(document), parseJsonPatch(operations));

test.each([
  ['adds a member', { a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
  ['inserts into a list', { a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2, 3] }],
  ['appends to a list', { a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], { a: [1, 2] }],
  ['adds at minus one: after the last', { a: [1] }, [{ op: 'add', path: '/a/-1', value: 2 }], { a: [1, 2] }],
  ['replaces on add', { a: 1 }, [{ op: 'add', path: '/a', value: null }], { a: null }],
  [
    'removes',
    { a: 1, b: [1, 2] },
    [
      { op: 'remove', path: '/a' },
      { op: 'remove', path: '/b/0' },
    ],
    { b: [2] },
  ],
  ['removes the last with minus one', { b: [1, 2] }, [{ op: 'remove', path: '/b/-1' }], { b: [1] }],
  ['replaces', { a: [1] }, [{ op: 'replace', path: '/a/0', value: { x: 1 } }], { a: [{ x: 1 }] }],
  ['moves', { a: { b: 1 } }, [{ op: 'move', from: '/a/b', path: '/c' }], { a: {}, c: 1 }],
  [
    'copies',
    { a: { b: 1 } },
    [
      { op: 'copy', from: '/a', path: '/c' },
      { op: 'remove', path: '/a/b' },
    ],
    { a: {}, c: { b: 1 } },
  ],
  [
    'unescapes',
    { 'a/b': 1, 'm~n': 2 },
    [
      { op: 'remove', path: '/a~1b' },
      { op: 'remove', path: '/m~0n' },
    ],
    {},
  ],
  [
    'tests',
    { a: { b: [1, { c: null }] } },
    [{ op: 'test', path: '/a', value: { b: [1, { c: null }] } }],
    { a: { b: [1, { c: null }] } },
  ],
  ['takes a missing member for null', {}, [{ op: 'test', path: '/a', value: null }], {}],
])('%s', (_, document, operations, result) => {
  expect(apply(document, operations)).toEqual(result);
});

test.each([
  [{}, [{ op: 'remove', path: '/a' }], 'Unable to remove nonexistent key: a'],
  [
    {},
    [{ op: 'replace', path: '/a', value: 1 }],
    'replace operation does not apply: doc is missing key: /a: missing value',
  ],
  [
    {},
    [{ op: 'add', path: '/a/b', value: 1 }],
    'add operation does not apply: doc is missing path: "/a/b": missing value',
  ],
  [{ a: [] }, [{ op: 'add', path: '/a/1', value: 1 }], 'Unable to access invalid index: 1'],
  [{ a: [] }, [{ op: 'add', path: '/a/x', value: 1 }], 'strconv.Atoi: parsing "x": invalid syntax'],
  [{ a: 1 }, [{ op: 'test', path: '/a', value: 2 }], 'testing value /a failed: test failed'],
  [{ a: 1 }, [{ op: 'move', from: '/x', path: '/b' }], "error in move for path: 'x': missing value"],
  [{ a: 1 }, [{ op: 'frob', path: '/b' }], 'Unexpected kind: frob'],
  [{ a: 1 }, [{ op: 'add', path: '/__proto__/x', value: 1 }], '"__proto__" is not supported'],
  [{ a: 1 }, { op: 'add' }, 'json: cannot unmarshal object into Go value of type jsonpatch.Patch'],
])('%j refuses %j', (document, operations, message) => {
  expect(() => apply(document, operations)).toThrow(message);
});

test('operations and copies are limited', () => {
  const many = Array(10_001).fill({ op: 'add', path: '/a', value: 1 });
  expect(() => apply({}, many)).toThrow(
    'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
  );
  const grow = Array(40).fill({ op: 'copy', from: '/a', path: '/a/-' });
  expect(() => apply({ a: ['x'.repeat(1000)] }, grow)).toThrow('the accumulated size increase of copy is');
});

test('values are copied in: patching a patched value does not change the patch', () => {
  const operations: Operation[] = [
    { op: 'add', path: '/a', value: { b: 1 } },
    { op: 'replace', path: '/a/b', value: 2 },
  ];
  expect(apply({}, operations)).toEqual({ a: { b: 2 } });
  expect(operations[0]!.value).toEqual({ b: 1 });
});

/** Hostile keys have tests of their own. */
const json = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__'));

test('add then remove is nothing', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z~/]{1,5}$/), json), json, (document, value) => {
      const path = '/n~0e~1w!';
      const result = apply(document, [
        { op: 'add', path, value },
        { op: 'remove', path },
      ]);
      expect(result).toEqual(document);
    }),
  );
});

test('a pointer that is no text is refused', () => {
  for (const path of [{ toString: 1, valueOf: 1 }, 1, null, []])
    expect(() => applyJsonPatch({}, [{ op: 'add', path, value: 1 } as never])).toThrow("failed to decode 'path'");
});
