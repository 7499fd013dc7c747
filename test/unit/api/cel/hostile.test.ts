import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { celEnvironment } from '../../../../src/api/cel/cel-environment.ts';
import type { CelType } from '../../../../src/api/cel/cel-type.ts';
import { CelBudgetError, CelCompileError, CelRuntimeError } from '../../../../src/api/cel/environment.ts';

const self: CelType = {
  kind: 'object',
  name: 'self',
  fields: new Map(
    Object.entries({
      i: { kind: 'int' },
      s: { kind: 'string' },
      l: { kind: 'list', element: { kind: 'int' } },
      m: { kind: 'map', key: { kind: 'string' }, value: { kind: 'string' } },
      d: { kind: 'dyn' },
    } satisfies Record<string, CelType>).map(([name, type]) => [name, { name, type, required: false }]),
  ),
};
const env = celEnvironment({ self });
const value = { i: 3, s: 'text', l: [1, 2, 3], m: { a: 'b' }, d: { x: [1, 'y', null, 2.5] } };

/** What a rule may cost. */
const budget = 1_000_000;
const compile = (expression: string) => env.compile(expression);
const evaluate = (expression: string) => compile(expression).evaluate({ self: value }, budget).value;

describe('expressions that are too much', () => {
  test.each([
    ['parentheses', `${'('.repeat(10_000)}1${')'.repeat(10_000)}`, 'expression recursion limit exceeded: 250'],
    ['lists', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'expression recursion limit exceeded: 250'],
    ['calls', `${'size('.repeat(10_000)}1${')'.repeat(10_000)}`, 'expression recursion limit exceeded: 250'],
    ['choices', `${'true ? 1 : '.repeat(8_000)}1`, 'expression recursion limit exceeded: 250'],
    ['sums', `1${' + 1'.repeat(20_000)}`, 'max recursion depth exceeded'],
    ['selections', `self${'.a'.repeat(20_000)}`, 'max recursion depth exceeded'],
    ['indices', `self.d${'[0]'.repeat(20_000)}`, 'max recursion depth exceeded'],
    ['length', `'${'a'.repeat(100_000)}'`, 'expression code point size exceeds limit: size: 100002, limit 100000'],
    ['copies', `optional.of(1)${'.optMap(x, x)'.repeat(50)}`, 'expression count exceeds limit of 100000'],
    ['types that double', `[1]${'.map(x, {x: x})'.repeat(40)}.size()`, 'the type of the expression is too large'],
  ])('%s', (_, expression, message) => {
    expect(() => compile(expression)).toThrow(CelCompileError);
    expect(() => compile(expression)).toThrow(message);
  });

  test('a long chain of connectives is fine', () => {
    expect(evaluate(`true${' && true'.repeat(5_000)}`)).toBe(true);
    expect(evaluate(`false${' || false'.repeat(5_000)} || self.i == 3`)).toBe(true);
    expect(evaluate(`${'!'.repeat(50_000)}true`)).toBe(true);
  });

  test('a hundred findings are told, the others counted', () => {
    const message = (() => {
      try {
        compile(`[${'x, '.repeat(150)}x]`);
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(message.match(/ERROR/g)).toHaveLength(100);
    expect(message).toMatch(/\n51 more errors were truncated$/);
  });
});

describe('evaluations that are too much', () => {
  test.each([
    ['nested loops', 'lists.range(1000).all(a, lists.range(1000).all(b, lists.range(1000).all(c, c >= 0)))'],
    ['a list that doubles', `[[1, 2]]${'.map(x, x + x)'.repeat(40)}[0].size() > 0`],
    ['a text that doubles', `['0123456789']${'.map(x, x + x)'.repeat(40)}[0].size() > 0`],
    [
      'a text that is replaced',
      `['0123456789'.replace('', '0123456789')]${".map(x, x.replace('', x))".repeat(5)}[0].size() > 0`,
    ],
    ['equality of what holds itself often', equalityBomb()],
  ])('%s', (_, expression) => {
    expect(() => evaluate(expression)).toThrow(CelBudgetError);
  });

  test('a pattern that would take for ever elsewhere takes no time here', () => {
    const long = 'a'.repeat(50_000);
    const program = compile("self.s.matches('^(a+)+$')");
    expect(program.evaluate({ self: { ...value, s: `${long}!` } }, budget).value).toBe(false);
  });

  test('a result that holds itself often is not printed for ever', () => {
    const doubled = `[dyn(1)]${'.map(x, dyn([x, x]))'.repeat(40)}`;
    expect(() => evaluate(doubled)).toThrow(CelBudgetError);
  });
});

/** Two values that are cheap to make, and differ only at the end of 2^40 paths. */
function equalityBomb(): string {
  const bomb = (seed: string) => `[dyn(${seed})]${'.map(x, dyn([x, x]))'.repeat(40)}`;
  return `${bomb('[1]')} == ${bomb('[1]')}`;
}

test('names of every object are data like others', () => {
  expect(evaluate("has(self.m.constructor) || has(self.m.toString) || '__proto__' in self.m")).toBe(false);
  expect(evaluate("{'__proto__': 1, 'constructor': 2}")).toEqual(JSON.parse('{"__proto__": 1, "constructor": 2}'));
  expect(() => compile('toString()')).toThrow("undeclared reference to 'toString'");
  expect(() => compile('constructor')).toThrow("undeclared reference to 'constructor'");
});

/** Pieces of CEL, sound and unsound. */
const atoms = fc.constantFrom(
  ...['1', '-1', '0', '9223372036854775807', '2u', '1.5', '-0.0', '1e308', "'text'", "''", "b'\\xff'", 'true', 'null'],
  ...[
    'self',
    'self.i',
    'self.s',
    'self.l',
    'self.m',
    'self.d',
    'self.d.x',
    'self.missing',
    'int',
    'x',
    'y',
    '[]',
    '{}',
  ],
  ...[
    "duration('1h')",
    "timestamp('2020-01-01T00:00:00Z')",
    "quantity('1')",
    "ip('::1')",
    "url('/a')",
    'optional.none()',
  ],
);
const { tree } = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, depthSize: 'small', withCrossShrink: true },
    atoms,
    fc
      .tuple(
        tie('tree'),
        fc.constantFrom('+', '-', '*', '/', '%', '==', '!=', '<', '>=', 'in', '&&', '||'),
        tie('tree'),
      )
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc
      .tuple(
        fc.constantFrom('!', '-', 'size', 'int', 'string', 'dyn', 'type', 'double', 'has', 'optional.of'),
        tie('tree'),
      )
      .map(([fn, a]) => `${fn}(${a})`),
    fc
      .tuple(
        tie('tree'),
        fc.constantFrom('all', 'exists', 'exists_one', 'map', 'filter', 'sortBy', 'optMap'),
        tie('tree'),
      )
      .map(([a, fn, b]) => `${a}.${fn}(x, ${b})`),
    fc
      .tuple(tie('tree'), fc.constantFrom('all', 'exists', 'transformList', 'transformMap'), tie('tree'))
      .map(([a, fn, b]) => `${a}.${fn}(x, y, ${b})`),
    fc
      .tuple(
        tie('tree'),
        fc.constantFrom('startsWith', 'matches', 'split', 'indexOf', 'format', 'orValue', 'charAt', 'flatten'),
        tie('tree'),
      )
      .map(([a, fn, b]) => `${a}.${fn}(${b})`),
    fc
      .tuple(
        tie('tree'),
        fc.constantFrom('size', 'min', 'sum', 'sort', 'distinct', 'reverse', 'value', 'getHours', 'trim', 'join'),
      )
      .map(([a, fn]) => `${a}.${fn}()`),
    fc.tuple(tie('tree'), tie('tree'), tie('tree')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `${a}[${b}]`),
    fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `${a}[?${b}]`),
    fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `[${a}, ?${b}]`),
    fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `{${a}: ${b}}`),
    tie('tree').map((a) => `dyn(${a}).a.?b`),
  ),
}));

/** Runs an expression; any error but CEL's own three fails the test. */
function runs(expression: string): void {
  try {
    const program = compile(expression);
    expect(program.cost.max).toBeGreaterThanOrEqual(program.cost.min);
    program.evaluate({ self: value }, 10_000);
  } catch (error) {
    if (error instanceof CelCompileError || error instanceof CelRuntimeError || error instanceof CelBudgetError) return;
    throw new Error(`${expression}: ${(error as Error).stack}`);
  }
}

test('random expressions end in a value or in an error of CEL', () => {
  fc.assert(fc.property(tree, runs), { seed: 20_261_128, numRuns: 2_000 });
});

test('so do random tokens and random texts', () => {
  const token = fc.oneof(
    atoms,
    fc.constantFrom(
      ...'()[]{}.,?:!-+*/%<>=&|'.split(''),
      'in',
      '==',
      '&&',
      "'",
      '"',
      '`',
      '\\',
      'r"',
      '//',
      '\n',
      '😀',
      'b"""',
    ),
  );
  const soup = fc.array(token, { maxLength: 30 }).map((parts) => parts.join(''));
  fc.assert(fc.property(fc.oneof(soup, fc.string({ unit: 'binary', maxLength: 40 })), runs), {
    seed: 20_261_128,
    numRuns: 2_000,
  });
});
