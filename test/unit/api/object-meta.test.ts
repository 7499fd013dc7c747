import { expect, test } from 'vitest';
import { ErrorList } from '../../../src/api/field-errors.ts';
import { nameIsDns1035Label, nameIsLabel, nameIsSubdomain } from '../../../src/api/names.ts';
import { sameValue, validateObjectMeta, validateObjectMetaUpdate } from '../../../src/api/object-meta.ts';

const errorsOf = (run: (errors: ErrorList) => void) => {
  const errors = new ErrorList();
  run(errors);
  return errors.errors.map((e) => e.text);
};

test('good metadata passes', () => {
  const meta = { name: 'web-1', namespace: 'default', labels: { 'x.io/a': '' }, finalizers: ['x.io/f'] };
  expect(errorsOf((e) => validateObjectMeta(meta, true, nameIsSubdomain, e))).toEqual([]);
});

test('every fault is named with its field', () => {
  const meta = {
    name: 'Web',
    labels: { 'a b': '-' },
    annotations: { x: 'y'.repeat(256 * 1024) },
    ownerReferences: [{ apiVersion: 'v1', kind: '', name: 'a', uid: 'b' }],
    finalizers: ['a/b/c'],
  };
  const texts = errorsOf((e) => validateObjectMeta(meta, true, nameIsLabel, e));
  expect(texts).toEqual([
    expect.stringContaining(`metadata.name: Invalid value: "Web": a lowercase RFC 1123 label must consist of`),
    'metadata.namespace: Required value',
    expect.stringContaining('metadata.labels: Invalid value: "a b": name part must consist of'),
    expect.stringContaining('metadata.labels: Invalid value: "-": a valid label must be an empty string or'),
    'metadata.annotations: Too long: may not be more than 262144 bytes',
    'metadata.ownerReferences.kind: Invalid value: "": must not be empty',
    expect.stringContaining('metadata.finalizers: Invalid value: "a/b/c": a valid label key must consist of'),
  ]);
});

test('identity cannot change', () => {
  const old = { name: 'a', namespace: 'n', uid: '1', resourceVersion: '5', generation: 2, deletionTimestamp: 'x' };
  const meta = { ...old, uid: '2', generation: 1, finalizers: ['x.io/f'], resourceVersion: '' };
  expect(errorsOf((e) => validateObjectMetaUpdate(meta, old, e))).toEqual([
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x.io/f"}',
    'metadata.resourceVersion: Invalid value: "": must be specified for an update',
    'metadata.generation: Invalid value: 1: must not be decremented',
    'metadata.uid: Invalid value: "2": field is immutable',
  ]);
});

test('a generateName may end in a dash', () => {
  expect(nameIsLabel('web-', true)).toEqual([]);
  expect(nameIsLabel('web-', false)).toHaveLength(1);
  expect(nameIsDns1035Label('1a', false)).toHaveLength(1);
  expect(nameIsLabel('a.b', false)).toEqual(['must not contain dots']);
});

test('semantic equality', () => {
  expect(sameValue({ a: [], b: null }, {})).toBe(true);
  expect(sameValue({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  expect(sameValue([{ a: 1 }], [{ a: 1 }])).toBe(true);
});
