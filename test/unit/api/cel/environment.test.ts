import { expect, test } from 'vitest';
import { celEnvironment } from '../../../../src/api/cel/cel-environment.ts';
import type { CelType } from '../../../../src/api/cel/cel-type.ts';
import { CelBudgetError, CelCompileError, CelRuntimeError } from '../../../../src/api/cel/environment.ts';
import { quantityVariable } from '../../../../src/api/cel/library/quantities.ts';
import { semverVariable } from '../../../../src/api/cel/library/semvers.ts';
import { bigInteger } from '../../../../src/api/json-number.ts';

const object = (name: string, fields: Record<string, CelType>): CelType => ({
  kind: 'object',
  name,
  fields: new Map(Object.entries(fields).map(([field, type]) => [field, { name: field, type, required: false }])),
});

const string: CelType = { kind: 'string' };
const int: CelType = { kind: 'int' };
const list = (element: CelType, listType?: 'set' | 'map', listKeys?: string[]): CelType => ({
  kind: 'list',
  element,
  ...(listType && { listType }),
  ...(listKeys && { listKeys }),
});

const port = object('self.ports.@idx', { name: string, port: int });
const self = object('self', {
  min: int,
  max: int,
  ratio: { kind: 'double' },
  big: int,
  name: string,
  when: { kind: 'timestamp' },
  grace: { kind: 'duration' },
  data: { kind: 'bytes' },
  labels: { kind: 'map', key: string, value: string },
  tags: list(string, 'set'),
  ports: list(port, 'map', ['name']),
  any: { kind: 'dyn' },
  none: string,
});

const env = celEnvironment({ self });
const value = {
  min: 1,
  max: 3,
  ratio: 2,
  big: bigInteger('9223372036854775807'),
  name: 'web',
  when: '2026-01-02T03:04:05.6Z',
  grace: '1m30s',
  data: 'aGk=',
  labels: { app: 'web', tier: 'front' },
  tags: ['a', 'b'],
  ports: [
    { name: 'http', port: 80 },
    { name: 'https', port: 443 },
  ],
  any: { deep: [1, 2.5, 'x', null] },
};

const evaluate = (expression: string) => env.compile(expression).evaluate({ self: value }, 1e6).value;

test.each([
  ['self.min <= self.max', true],
  ['self.ratio + 0.5', 2.5],
  ['self.big', bigInteger('9223372036854775807')],
  ['self.big - 1', bigInteger('9223372036854775806')],
  ['self.ports.all(p, p.port > 0 && p.port < 65536)', true],
  ['self.ports.filter(p, p.port > 100)', [{ name: 'https', port: 443 }]],
  ['self.ports.map(p, p.name)', ['http', 'https']],
  ["self.labels.exists(k, self.labels[k] == 'front')", true],
  ['self.labels.all(k, v, k != v)', true],
  ['self.labels.transformMap(k, v, k + v)', { app: 'appweb', tier: 'tierfront' }],
  ['self.when.getFullYear()', 2026],
  ["self.when + duration('1h')", '2026-01-02T04:04:05.6Z'],
  ["self.grace > duration('1m')", true],
  ["self.data == b'hi'", true],
  ['self.any.deep[0] + 1', 2],
  ['self.any.deep[1]', 2.5],
  ['type(self.any.deep[3])', 'null_type'],
  ['has(self.none)', false],
  ["self.?none.orValue('default')", 'default'],
  ["{'a': 1, ?'b': optional.none(), ?'c': optional.of(3)}", { a: 1, c: 3 }],
  ['[1, ?optional.none(), ?optional.of(2)]', [1, 2]],
  ['self.any.deep[?9].hasValue()', false],
])('%s', (expression, expected) => {
  expect(evaluate(expression)).toEqual(expected);
});

test('lists of type set and map are equal in any order', () => {
  const two = celEnvironment({ self, oldSelf: self });
  const reordered = { ...value, tags: ['b', 'a'], ports: value.ports.toReversed() };
  const same = (expression: string) => two.compile(expression).evaluate({ self: value, oldSelf: reordered }, 1e6).value;
  expect(same('self.tags == oldSelf.tags')).toBe(true);
  expect(same('self.ports == oldSelf.ports')).toBe(true);
  expect(same("self.tags + ['c']")).toEqual(['a', 'b', 'c']);
  expect(same('self.tags + oldSelf.tags')).toEqual(['a', 'b']);
  expect(same('self == oldSelf')).toBe(true);
});

test.each([
  ['x', "ERROR: <input>:1:1: undeclared reference to 'x' (in container '')\n | x\n | ^"],
  ['self.x', "ERROR: <input>:1:5: undefined field 'x'\n | self.x\n | ....^"],
  [
    "self.min + 'a'",
    "ERROR: <input>:1:10: found no matching overload for '_+_' applied to '(int, string)'\n | self.min + 'a'\n | .........^",
  ],
  [
    'self.name.foo()',
    "ERROR: <input>:1:14: undeclared reference to 'foo' (in container '')\n | self.name.foo()\n | .............^",
  ],
  ["[1, 'a']", "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, 'a']\n | ....^"],
  ['(1 + 2', "ERROR: <input>:1:7: Syntax error: missing ')' at '<EOF>'\n | (1 + 2\n | ......^"],
  ['1 2', "ERROR: <input>:1:3: Syntax error: extraneous input '2' expecting <EOF>\n | 1 2\n | ..^"],
  ["'é' + ä", "ERROR: <input>:1:7: Syntax error: token recognition error at: 'ä'\n | 'é' + ä\n | .．....＾"],
])('%s does not compile', (expression, message) => {
  const compile = () => env.compile(expression);
  expect(compile).toThrow(CelCompileError);
  expect(compile).toThrow(message);
});

test.each([
  ['self.labels.missing', 'no such key: missing'],
  ["self.labels['missing'] == 'x'", 'no such key: missing'],
  ['self.none', 'no such key: none'],
  ['self.ports[5].name', 'index out of bounds: 5'],
  ['1 / (self.min - 1)', 'division by zero'],
  ['self.big + 1', 'integer overflow'],
  ['self.any + 1', 'no such overload'],
  ["self.any.deep[0].startsWith('a')", 'no such overload: startsWith(int, string)'],
])('%s fails', (expression, message) => {
  const run = () => evaluate(expression);
  expect(run).toThrow(CelRuntimeError);
  expect(run).toThrow(message);
});

test('a fault counts for nothing where the other operand settles the result', () => {
  expect(evaluate("self.labels.missing == 'x' || self.min == 1")).toBe(true);
  expect(evaluate("self.min == 2 && self.labels.missing == 'x'")).toBe(false);
  expect(evaluate("self.ports.exists(p, p.port / (p.port - 80) > 0 || p.name == 'https')")).toBe(true);
});

test('a constant that cannot be converted is refused when the program is made', () => {
  const compile = () => env.compile("int('a') == self.min");
  expect(compile).toThrow("type conversion error from 'string' to 'int'");
  expect(compile).toThrow(expect.objectContaining({ stage: 'program instantiation' }));
});

test('an evaluation stops when its budget is spent', () => {
  const program = env.compile('self.ports.all(p, p.port > 0)');
  const { cost } = program.evaluate({ self: value }, 1e6);
  expect(program.evaluate({ self: value }, cost).value).toBe(true);
  expect(() => program.evaluate({ self: value }, cost - 1)).toThrow(CelBudgetError);
});

test('a failed evaluation says what it has cost', () => {
  const run = () => env.compile("self.labels.missing == 'x'").evaluate({ self: value }, 1e6);
  expect(run).toThrow(expect.objectContaining({ cost: 4 }));
});

test('values of the libraries can be variables', () => {
  const devices = celEnvironment({
    capacity: { kind: 'map', key: string, value: { kind: 'opaque', name: 'kubernetes.Quantity' } },
    version: { kind: 'opaque', name: 'kubernetes.Semver' },
  });
  const bindings = { capacity: { memory: quantityVariable('2Gi') }, version: semverVariable('1.2.3') };
  const program = devices.compile("capacity.memory.isGreaterThan(quantity('1Gi')) && version.major() == 1");
  expect(program.evaluate(bindings, 1e6).value).toBe(true);
});

test('a value can be a variable of another expression, as it is and when it is asked for', () => {
  const first = env.compile("{'half': dyn(1.0), 'size': dyn(quantity('1Gi'))}");
  let asked = 0;
  const variables = {
    get parts() {
      asked++;
      return first.evaluateVariable({ self: value }, 1e6).value;
    },
    get other() {
      throw new Error('nobody asks for this');
    },
  };
  const second = celEnvironment({ variables: object('variables', { parts: { kind: 'dyn' }, other: string }) });
  const program = second.compile(
    "type(variables.parts.half) == double && variables.parts.size.isLessThan(quantity('2Gi'))",
  );
  expect(program.evaluate({ variables }, 1e6).value).toBe(true);
  expect(asked).toBe(2);
});

test('a program knows its variables and its type', () => {
  const program = celEnvironment({ self, oldSelf: self }).compile('self.ports.map(oldSelf, oldSelf.name)');
  expect(program.uses('self')).toBe(true);
  expect(program.uses('oldSelf')).toBe(false);
  expect(program.resultType).toEqual({ kind: 'list', element: { kind: 'string' } });
});
