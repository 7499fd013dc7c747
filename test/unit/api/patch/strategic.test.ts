import fc from 'fast-check';
import { expect, test } from 'vitest';
import { customKindFacts, typeFacts } from '../../../../src/api/facts.ts';
import { applyStrategicPatch } from '../../../../src/api/patch/strategic.ts';

type Tree = Record<string, unknown>;
const spec = typeFacts('core/v1.PodSpec');
const apply = (document: unknown, patch: unknown, type = spec) =>
  applyStrategicPatch(structuredClone(document) as Tree, patch, type);
const c = (name: string, more: object = {}) => ({ name, ...more });

test.each([
  [
    'merges lists by key',
    { containers: [c('a', { image: '1' }), c('b')] },
    { containers: [c('a', { tty: true })] },
    { containers: [c('a', { image: '1', tty: true }), c('b')] },
  ],
  [
    'puts new elements after those they follow in the patch',
    { containers: [c('a')] },
    { containers: [c('b'), c('a')] },
    { containers: [c('b'), c('a')] },
  ],
  [
    'appends new elements',
    { containers: [c('a'), c('b')] },
    { containers: [c('x')] },
    { containers: [c('x'), c('a'), c('b')] },
  ],
  [
    'deletes elements by key',
    { containers: [c('a'), c('b')] },
    { containers: [{ $patch: 'delete', name: 'a' }] },
    { containers: [c('b')] },
  ],
  [
    'replaces a whole list',
    { containers: [c('a'), c('b')] },
    { containers: [c('z'), { $patch: 'replace' }] },
    { containers: [c('z')] },
  ],
  [
    'replaces atomic lists',
    { tolerations: [{ key: 'a' }] },
    { tolerations: [{ key: 'b' }] },
    { tolerations: [{ key: 'b' }] },
  ],
  [
    'drops what is null',
    { hostname: 'a', containers: [c('a', { image: '1' })] },
    { hostname: null, containers: [c('a', { image: null })] },
    { containers: [c('a')] },
  ],
  [
    'ignores nulls in new elements',
    { containers: [] },
    { containers: [c('a', { image: null })] },
    { containers: [c('a')] },
  ],
  [
    'replaces a map',
    { nodeSelector: { a: '1' } },
    { nodeSelector: { $patch: 'replace', b: '2' } },
    { nodeSelector: { b: '2' } },
  ],
  ['empties a map', { nodeSelector: { a: '1' } }, { nodeSelector: { $patch: 'delete' } }, { nodeSelector: {} }],
  [
    'merges plain maps',
    { nodeSelector: { a: '1' } },
    { nodeSelector: { b: '2' } },
    { nodeSelector: { a: '1', b: '2' } },
  ],
  [
    'keeps only retained keys',
    { volumes: [c('v', { emptyDir: {} })] },
    { volumes: [c('v', { $retainKeys: ['name', 'hostPath'], hostPath: { path: '/x' } })] },
    { volumes: [c('v', { hostPath: { path: '/x' } })] },
  ],
  [
    'orders as told',
    { containers: [c('a'), c('b'), c('c')] },
    { '$setElementOrder/containers': [c('c'), c('a')], containers: [c('a', { tty: true })] },
    { containers: [c('b'), c('c'), c('a', { tty: true })] },
  ],
  [
    'orders without changes',
    { containers: [c('a'), c('b')] },
    { '$setElementOrder/containers': [c('b'), c('a')] },
    { containers: [c('b'), c('a')] },
  ],
  [
    'puts an added element first where another was deleted',
    { containers: [c('c'), c('d')] },
    { containers: [c('e'), { $patch: 'delete', name: 'd' }] },
    { containers: [c('e'), c('c')] },
  ],
  [
    'puts an added element where an ordered list had one deleted',
    { containers: [c('a'), c('d'), c('c')] },
    {
      containers: [{ $patch: 'delete', name: 'd' }, c('b')],
      '$setElementOrder/containers': [{ name: 'b' }, { name: 'c' }],
    },
    { containers: [c('a'), c('b'), c('c')] },
  ],
  [
    'merges lists inside of list elements',
    { containers: [c('a', { env: [c('x', { value: '1' }), c('y')] }), c('b')] },
    {
      '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }],
      containers: [
        {
          name: 'a',
          '$setElementOrder/env': [{ name: 'z' }, { name: 'x' }],
          env: [{ name: 'y', $patch: 'delete' }, c('z')],
        },
      ],
    },
    { containers: [c('b'), c('a', { env: [c('z'), c('x', { value: '1' })] })] },
  ],
  [
    'keeps the order of elements that a directive does not name',
    { containers: [c('a'), c('b'), c('c'), c('d')] },
    { '$setElementOrder/containers': [c('d'), c('b')] },
    { containers: [c('a'), c('c'), c('d'), c('b')] },
  ],
  [
    'adds a list with its order',
    {},
    { '$setElementOrder/containers': [c('a'), c('b')], containers: [c('a'), c('b')] },
    { containers: [c('a'), c('b')] },
  ],
  [
    'deletes elements of one key all, and none that are not there',
    { containers: [c('a'), c('a'), c('b')] },
    {
      containers: [
        { $patch: 'delete', name: 'a' },
        { $patch: 'delete', name: 'z' },
      ],
    },
    { containers: [c('b')] },
  ],
  [
    'retains keys and takes what is null away',
    { volumes: [c('v', { emptyDir: {}, secret: {} })] },
    { volumes: [c('v', { $retainKeys: ['name', 'emptyDir'], secret: null })] },
    { volumes: [c('v', { emptyDir: {} })] },
  ],
  [
    'empties an element that is to be replaced',
    { securityContext: { runAsUser: 1, fsGroup: 2 } },
    { securityContext: { $patch: 'replace', runAsUser: 3 } },
    { securityContext: { runAsUser: 3 } },
  ],
  ['changes kinds', { hostname: 'a' }, { hostname: { x: 1 } }, { hostname: { x: 1 } }],
  [
    'leaves directives out of what is new',
    {},
    { containers: [c('a'), { $patch: 'delete', name: 'b' }] },
    { containers: [c('a')] },
  ],
])('%s', (_, document, patch, result) => {
  expect(apply(document, patch)).toEqual(result);
});

const meta = typeFacts('meta/v1.ObjectMeta');

test.each([
  ['merges sets', { finalizers: ['a'] }, { finalizers: ['b', 'a'] }, { finalizers: ['b', 'a'] }],
  [
    'deletes from sets',
    { finalizers: ['a', 'b', 'c'] },
    { '$deleteFromPrimitiveList/finalizers': ['b'] },
    { finalizers: ['a', 'c'] },
  ],
  [
    'adds, deletes and orders a set',
    { finalizers: ['a', 'b'] },
    { '$deleteFromPrimitiveList/finalizers': ['b'], '$setElementOrder/finalizers': ['c', 'a'], finalizers: ['c'] },
    { finalizers: ['c', 'a'] },
  ],
])('%s', (_, document, patch, result) => {
  expect(apply(document, patch, meta)).toEqual(result);
});

test.each([
  [
    { containers: [c('a')] },
    { containers: [{ image: 'x' }] },
    'map: map[image:x] does not contain declared merge key: name',
  ],
  [{ containers: [c('a')] }, { containers: [[]] }, 'list element types are not identical: [map[name:a] []]'],
  [{ containers: [[]] }, { containers: [[]] }, 'lists of lists are not supported'],
  [{}, { '$setElementOrder/containers': 'x' }, 'expected a []interface {}, but received a string'],
  [{}, { '$setElementOrder/nope': [] }, 'unable to find api field in struct PodSpec for the json field "nope"'],
  [{}, { '$setElementOrder/hostname': [] }, 'expected slice or array type, but got: string'],
  [{ containers: [c('a')] }, { '$setElementOrder/containers': [1], containers: [c('a')] }, 'but received a int64'],
  [{ containers: [c('a')] }, { containers: [{ $patch: 'delete' }] }, 'does not contain declared merge key: name'],
  [{ finalizers: ['a'] }, { $deleteFromPrimitiveListX: ['a'] }, 'invalid patch format of primitive list'],
  [{ nodeSelector: {} }, { nodeSelector: { $patch: 'frob' } }, 'unknown patch type: frob in map: map[$patch:frob]'],
  [
    { containers: [c('a')] },
    { containers: [{ $patch: 'merge', name: 'a' }] },
    'merging lists cannot yet be specified in the patch',
  ],
  [{ containers: [c('a')] }, { containers: ['x'] }, 'list element types are not identical'],
  [{}, { $retainKeys: 'x' }, 'invalid patch format of retainKeys'],
  [{}, { $retainKeys: ['x'], y: 1 }, 'invalid patch format of retainKeys'],
  [{}, { $setElementOrderX: [] }, 'invalid patch format of setElementOrder list'],
  [
    { containers: [c('a')] },
    { '$setElementOrder/containers': [c('b')], containers: [c('x')] },
    "The order in patch list:\n[map[name:x]]\n doesn't match $setElementOrder list:\n[map[name:b]]\n",
  ],
])('%j refuses %j', (document, patch, message) => {
  expect(() => apply(document, patch)).toThrow(message);
});

test('custom resources have no strategic merge', () => {
  expect(() => apply({}, {}, customKindFacts('x.io', 'v1', 'X'))).toThrow(
    'strategic merge patch format is not supported',
  );
});

test('a patch without directives is idempotent and leaves other elements alone', () => {
  const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 });
  fc.assert(
    fc.property(names, names, (old, changed) => {
      const document = { containers: old.map((n) => c(n, { image: 'old' })) };
      const patch = { containers: changed.map((n) => c(n, { image: 'new' })) };
      const once = apply(document, patch) as { containers: { name: string; image: string }[] };
      expect(apply(once, patch)).toEqual(once);
      expect(new Set(once.containers.map((x) => x.name))).toEqual(new Set([...old, ...changed]));
      for (const x of once.containers) expect(x.image).toBe(changed.includes(x.name as 'a') ? 'new' : 'old');
    }),
  );
});
