import { describe, expect, test } from 'vitest';
import { celEnvironment } from '../../../../src/api/cel/cel-environment.ts';
import type { CelType } from '../../../../src/api/cel/cel-type.ts';
import { authorizerValue } from '../../../../src/api/cel/library/authorizers.ts';

/**
 * Costs are upstream's numbers: which rules a custom resource may have depends on them. Source of the numbers:
 * apiserver `pkg/cel/library` and apiextensions-apiserver `schema/cel`, at cel-go 0.26.
 */

const object = (name: string, fields: Record<string, CelType>): CelType => ({
  kind: 'object',
  name,
  fields: new Map(Object.entries(fields).map(([field, type]) => [field, { name: field, type, required: false }])),
});

/** A text without a limit is as long as a request, less its quotes. */
const text: CelType = { kind: 'string', maxLength: 3 * 1024 * 1024 - 2 };
const list = (element: CelType, maxElements?: number): CelType => ({
  kind: 'list',
  element,
  ...(maxElements !== undefined && { maxElements }),
});
const map = (value: CelType, maxElements?: number): CelType => ({
  kind: 'map',
  key: { kind: 'string' },
  value,
  ...(maxElements !== undefined && { maxElements }),
});

const fields = {
  i: { kind: 'int' },
  f: { kind: 'double' },
  s: text,
  d: { kind: 'duration' },
  t: { kind: 'timestamp' },
  short: list({ kind: 'string', maxLength: 40 }, 10),
  obj: object('self.obj', { field: text }),
  m: map(text),
  maps: map(map(text, 10), 10),
  lists: list(map(text, 10), 10),
  any: { kind: 'dyn', maxLength: 3 * 1024 * 1024 - 2 },
} satisfies Record<string, CelType>;

const env = celEnvironment({
  self: object('self', fields),
  authorizer: { kind: 'opaque', name: 'kubernetes.authorization.Authorizer' },
});

describe('estimates', () => {
  test.each<[string, number, number]>([
    // What is declared without a size counts nothing when it is compared.
    ['self.i == self.i', 4, 4],
    ['1 == 1', 1, 1],
    ['type(self.i) == int', 4, 4],
    ["self.obj.field == 'a'", 4, 4],
    ['has(self.obj.field)', 2, 2],
    ['self.s == self.s', 5, 314577],
    ["self.s.startsWith('Rook')", 3, 3],
    ["self.s.matches('^[^0-9]*$')", 5, 943721],
    ['size(self.s) == 12', 4, 4],
    ['self.maps.map(k, k).map(k, k).size() == 1', 26, 286],
    ['self.maps.map(k, self.maps[k].map(m, m)).size() == 1', 15, 1585],
    ['self.lists.map(e, e.map(m, m)).size() == 1', 15, 1555],
    ["self.short.exists(e, e == 'a')", 3, 63],
    ["self.m['k'] == 'v'", 4, 4],
    ["self.s.replace('a', 'bb').size() > 1", 4, 629150],
    ['self.short.isSorted()', 2, 52],
    ["self.short.join(',')", 2, 43],
    ["self.s.split(',')", 2, 629148],
    ['sets.contains([1, 2, 3, 4], [2, 3])', 29, 29],
    ['isQuantity(self.s)', 2, 314575],
    ["isQuantity('200M')", 1, 1],
    ["quantity('50k').sub(20) == quantity('49980')", 4, 4],
    ["self.?obj.?field.orValue('v') == 'a'", 5, 5],
    ["optional.of('a').optMap(v, v == 'value').hasValue()", 4, 18],
    ["{'a': 1, 'b': 2}.all(k, v, v > 0)", 37, 41],
    ['[1, 2].transformList(i, v, v < 5, v + 1)', 27, 53],
    ["ip('192.168.0.1').isLoopback()", 3, 3],
    ["cidr('192.168.0.0/16').containsIP('192.168.0.1')", 5, 8],
    ["url('https://a.com').getHost()", 3, 3],
    ["authorizer.group('apps').resource('deployments').check('create').allowed()", 350004, 350004],
    ['[3, 1, 2].sort()', 39, 39],
    ['lists.range(5)', 16, 16],
  ])('%s costs %d to %d', (expression, min, max) => {
    expect(env.compile(expression).cost).toEqual({ min, max });
  });

  test('without a limit there is none', () => {
    const unlimited = celEnvironment({ self: object('self', { names: list({ kind: 'string' }) }) });
    expect(unlimited.compile("self.names.all(n, n != '')").cost.max).toBe(Number.POSITIVE_INFINITY);
    expect(unlimited.compile('size(self.names) > 1').cost.max).toBe(4);
  });
});

const self = {
  i: 5,
  f: 10.5,
  s: 'Rook takes 👑',
  obj: { field: 'a' },
  m: { k: 'v' },
  maps: { a: { x: 'y' } },
  lists: [{ z: 'g' }],
  short: ['a', 'b', 'c'],
};
const authorizer = authorizerValue(() => ({ allowed: true, reason: '' }));

describe('evaluation', () => {
  test.each<[string, number]>([
    ['self.i == self.i', 5],
    ['type(self.i) == int', 4],
    ['double(self.i) < self.f', 6],
    ['double(5) < 10.0', 1],
    ["self.s.startsWith('Rook')", 3],
    ["!self.s.startsWith('knight')", 4],
    ["self.s.matches('^[^0-9]*$')", 8],
    ['size(self.s) == 12', 4],
    ["self.s.replace(' ', 'x') == 'Rookxtakesx👑'", 7],
    ["self.s.substring(4, 10).trim() == 'takes'", 6],
    ["self.s.upperAscii() == 'ROOK TAKES 👑'", 6],
    ["self.obj.field == 'a'", 4],
    ['has(self.obj.field)', 2],
    ['has(self.obj.field) ? self.i > 1 : false', 5],
    ['self.i in [1, 2, 5]', 2],
    ['self.short.all(e, e.size() == 1)', 21],
    ["self.short.exists(e, e == 'b')", 18],
    ["self.short.filter(e, e != 'b').size() == 2", 37],
    ["self.?obj.?field.orValue('v') == 'a'", 4],
    ["optional.of('a').optMap(v, v == 'value').hasValue()", 8],
    ["self.obj.missing == 'a' || true", 4],
    ["quantity('50k').sub(20) == quantity('49980')", 4],
    ["authorizer.path('/healthz').check('get').allowed()", 350003],
    ['[self.i, 2].sum() > 0', 15],
    ["{'a': self.i}.a > 0", 35],
  ])('%s costs %d', (expression, cost) => {
    const dynamic = celEnvironment({
      self: object('self', { ...fields, obj: { kind: 'map', key: { kind: 'string' }, value: text } }),
      authorizer: { kind: 'opaque', name: 'kubernetes.authorization.Authorizer' },
    });
    expect(dynamic.compile(expression).evaluate({ self, authorizer }, 1e6).cost).toBe(cost);
  });
});
