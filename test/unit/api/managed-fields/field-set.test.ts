import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  difference,
  exclude,
  type FieldSet,
  hasPath,
  intersection,
  isEmptySet,
  ordered,
  parseFieldSet,
  pathSet,
  pathsOf,
  select,
  union,
} from '../../../../src/api/managed-fields/field-set.ts';
import {
  canonicalElement,
  compareElements,
  elementText,
  PathError,
} from '../../../../src/api/managed-fields/path-element.ts';

const seed = 20_261_128;

const elements = fc.constantFrom('f:a', 'f:b', 'k:{"n":1}', 'v:"x"');
const node: fc.Arbitrary<FieldSet> = fc.letrec<{ set: FieldSet }>((tie) => ({
  set: fc
    .record({
      member: fc.boolean(),
      children: fc.dictionary(elements, fc.oneof({ depthSize: 'small' }, fc.constant({}), tie('set')), {
        maxKeys: 3,
        noNullPrototype: true,
      }),
    })
    .map(({ member, children }) =>
      member && Object.keys(children).length ? { '.': {}, ...children } : children,
    ) as fc.Arbitrary<FieldSet>,
})).set;
/** The root is never a member. */
const sets = node.map((set) => Object.fromEntries(Object.entries(set).filter(([key]) => key !== '.')) as FieldSet);

const listed = (set: FieldSet) => [...pathsOf(set)].map((path) => path.join('/'));
const same = (set: FieldSet, paths: Iterable<string>) => expect(new Set(listed(set))).toEqual(new Set(paths));
const check = (law: (a: FieldSet, b: FieldSet) => void) =>
  fc.assert(fc.property(sets, sets, law), { seed, numRuns: 300 });

test('operations are those of the sets of paths', () => {
  check((a, b) => {
    const [x, y] = [listed(a), listed(b)];
    same(union(a, b), [...x, ...y]);
    same(
      intersection(a, b),
      x.filter((path) => y.includes(path)),
    );
    same(
      difference(a, b),
      x.filter((path) => !y.includes(path)),
    );
    same(
      exclude(a, b),
      x.filter((path) => !y.some((other) => path === other || path.startsWith(`${other}/`))),
    );
  });
});

test('laws of algebra hold', () => {
  check((a, b) => {
    same(union(a, b), listed(union(b, a)));
    same(intersection(a, b), listed(intersection(b, a)));
    same(union(difference(a, b), intersection(a, b)), listed(a));
    same(difference(union(a, b), b), listed(difference(a, b)));
    expect(isEmptySet(difference(a, a)) || listed(difference(a, a)).length === 0).toBe(true);
    expect(union(a, a)).toBe(a);
  });
});

test('what is written is read back, and every path is found', () => {
  check((a, b) => {
    same(parseFieldSet(JSON.parse(JSON.stringify(a))), listed(a));
    for (const path of pathsOf(a)) expect(hasPath(a, path)).toBe(true);
    for (const path of pathsOf(b)) expect(hasPath(a, path)).toBe(listed(a).includes(path.join('/')));
  });
});

test('no operation leaves a node that says nothing', () => {
  const empties = (set: FieldSet): boolean =>
    Object.entries(set).some(
      ([key, child]) => key !== '.' && Object.keys(child).length > 0 && listed({ x: child }).length === 0,
    );
  check((a, b) => {
    for (const set of [union(a, b), intersection(a, b), difference(a, b), exclude(a, b)])
      expect(empties(set)).toBe(false);
  });
});

test('a pattern selects what is on its way and below', () => {
  const set = union(
    pathSet('f:spec', 'f:containers', 'k:{"name":"a"}', 'f:resources', 'f:limits'),
    union(pathSet('f:spec', 'f:containers', 'k:{"name":"a"}', 'f:image'), pathSet('f:status')),
  );
  const pattern = { 'f:spec': { 'f:containers': { '*': { 'f:resources': {} } } } };
  expect(listed(select(set, pattern))).toEqual(['f:spec/f:containers/k:{"name":"a"}/f:resources/f:limits']);
});

test('elements of clients come into one form', () => {
  expect(canonicalElement('k:{ "b": "x", "a": 1 }')).toBe('k:{"a":1,"b":"x"}');
  expect(canonicalElement('v: 9007199254740993')).toBe('v:9007199254740993');
  expect(canonicalElement('i:007')).toBe('i:7');
  expect(canonicalElement('z:new')).toBeUndefined();
  for (const wrong of ['x', 'fname', 'k:[]', 'k:{', 'v:', 'i:x', 'v:1 2'])
    expect(() => canonicalElement(wrong), wrong).toThrow(PathError);
});

test('sets of clients are read as upstream reads them', () => {
  expect(parseFieldSet({ 'f:a': { '.': {} }, 'f:b': null, 'z:c': {} })).toEqual({ 'f:a': {}, 'f:b': {} });
  expect(parseFieldSet({ 'f:a': { 'z:new': {} } })).toEqual({ 'f:a': {} });
  expect(parseFieldSet({ 'k:{"a":1,"b":2}': { 'f:x': {} }, 'k:{"b":2,"a":1}': { 'f:y': {} } })).toEqual({
    'k:{"a":1,"b":2}': { 'f:x': {}, 'f:y': {} },
  });
  expect(() => parseFieldSet({ 'f:a': 'text' })).toThrow(PathError);
  let deep: object = {};
  for (let i = 0; i < 200; i++) deep = { 'f:a': deep };
  expect(() => parseFieldSet(deep)).toThrow(PathError);
});

test('paths are shown and sorted as in conflicts', () => {
  const sorted = ['f:a', 'f:b', 'k:{"n":2}', 'k:{"n":10}', 'k:{"n":"a"}', 'v:1', 'v:"a"', 'v:true', 'i:2', 'i:10'];
  expect([...sorted].reverse().sort(compareElements)).toEqual(sorted);
  expect(sorted.map(elementText).join(' ')).toBe('.a .b [n=2] [n=10] [n="a"] [=1] [="a"] [=true] [2] [10]');
  expect(elementText('k:{"protocol":"TCP","containerPort":80}')).toBe('[containerPort=80,protocol="TCP"]');
});

test('a set is written in one order, and stays the same value when it has it', () => {
  const mixed = {
    'f:b': {},
    'v:2': {},
    'v:1': {},
    'k:{"name":"b"}': {},
    'k:{"name":"a"}': { 'f:x': {}, '.': {} },
    'f:a': {},
  };
  const sorted = ordered(mixed);
  expect(JSON.stringify(sorted)).toBe(
    '{"f:a":{},"f:b":{},"k:{\\"name\\":\\"a\\"}":{".":{},"f:x":{}},"k:{\\"name\\":\\"b\\"}":{},"v:1":{},"v:2":{}}',
  );
  expect(ordered(sorted)).toBe(sorted);
  expect(ordered({ ...sorted })['k:{"name":"a"}']).toBe(sorted['k:{"name":"a"}']);
});
