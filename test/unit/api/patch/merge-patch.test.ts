import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyMergePatch } from '../../../../src/api/patch/merge-patch.ts';

type Tree = Record<string, unknown>;

test.each([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  [{ a: 'foo' }, { a: { b: null, c: 1 } }, { a: { c: 1 } }],
])('%j with %j is %j', (document, patch, result) => {
  expect(applyMergePatch(structuredClone(document) as Tree, patch)).toEqual(result);
});

test('patches that are no objects, and prototypes, are refused', () => {
  expect(() => applyMergePatch({}, [])).toThrow('Invalid JSON Patch');
  expect(() => applyMergePatch({}, JSON.parse('{"a":{"__proto__":{"x":1}}}'))).toThrow('"__proto__" is not supported');
});

/** Hostile keys have tests of their own. */
const json = fc.jsonValue({ maxDepth: 2 }).filter((value) => !JSON.stringify(value).includes('__proto__'));

test('applying a patch twice is applying it once', () => {
  const tree = fc.dictionary(fc.stringMatching(/^[a-c]$/), json);
  fc.assert(
    fc.property(tree, tree, (document, patch) => {
      const once = applyMergePatch(structuredClone(document), patch);
      expect(applyMergePatch(structuredClone(once), patch)).toEqual(once);
    }),
  );
});
