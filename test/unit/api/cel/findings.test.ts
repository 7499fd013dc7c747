import { describe, expect, test } from 'vitest';
import { celEnvironment } from '../../../../src/api/cel/cel-environment.ts';
import { CelCompileError } from '../../../../src/api/cel/environment.ts';

/** What users read when an expression does not compile. Source of the texts: cel-go `parser`, `checker`, `cel/validator.go`. */

const env = celEnvironment({ x: { kind: 'int' }, s: { kind: 'string' } });

function findings(expression: string): string[] {
  try {
    env.compile(expression);
    return [];
  } catch (error) {
    if (!(error instanceof CelCompileError)) throw error;
    return error.message.split('\n').filter((line) => line.startsWith('ERROR: '));
  }
}

const operand =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

describe('syntax', () => {
  test.each<[string, string]>([
    ['', `1:1: Syntax error: mismatched input '<EOF>' expecting ${operand}`],
    ['x +', `1:4: Syntax error: mismatched input '<EOF>' expecting ${operand}`],
    ['*x', `1:1: Syntax error: extraneous input '*' expecting ${operand}`],
    ['1 2', "1:3: Syntax error: extraneous input '2' expecting <EOF>"],
    ['1 2 3', "1:3: Syntax error: mismatched input '2' expecting <EOF>"],
    ['(x', "1:3: Syntax error: missing ')' at '<EOF>'"],
    ['size(s', "1:7: Syntax error: missing ')' at '<EOF>'"],
    ['[1, 2', "1:6: Syntax error: mismatched input '<EOF>' expecting {']', ','}"],
    ['x[1', "1:4: Syntax error: missing ']' at '<EOF>'"],
    ['x ? 1', "1:6: Syntax error: mismatched input '<EOF>' expecting ':'"],
    ['{x}', "1:3: Syntax error: mismatched input '}' expecting ':'"],
    [
      '{',
      "1:2: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '}', '(', '.', ',', '-', '!', '?', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
    ],
    ['x.true', "1:3: Syntax error: mismatched input 'true' expecting IDENTIFIER"],
    ['x."a"', `1:3: Syntax error: no viable alternative at input '."a"'`],
    ['x & s', "1:3: Syntax error: token recognition error at: '& '"],
    ["'abc", `1:1: Syntax error: token recognition error at: ''abc'`],
    ['x.`a-b`', "1:3: unsupported syntax: '`'"],
    ['for', '1:1: reserved identifier: for'],
    ['9223372036854775808', '1:1: invalid int literal'],
    ['18446744073709551616u', '1:1: invalid uint literal'],
    ['1e400', '1:1: invalid double literal'],
    [String.raw`'\U00110000'`, '1:1: invalid unicode code point'],
  ])('%s', (expression, message) => {
    expect(findings(expression)[0]).toBe(`ERROR: <input>:${message}`);
  });

  test('the parse goes on behind what it could not read', () => {
    expect(findings('1 + +')).toEqual([
      `ERROR: <input>:1:5: Syntax error: mismatched input '+' expecting ${operand}`,
      `ERROR: <input>:1:6: Syntax error: mismatched input '<EOF>' expecting ${operand}`,
    ]);
    expect(findings('x{{a}}')).toEqual([
      "ERROR: <input>:1:3: Syntax error: extraneous input '{' expecting {'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}",
      "ERROR: <input>:1:5: Syntax error: mismatched input '}' expecting ':'",
      "ERROR: <input>:1:6: Syntax error: extraneous input '}' expecting <EOF>",
    ]);
    expect(findings(`${'* '.repeat(200)}1`).length).toBeLessThan(40);
  });

  test('a place is a line and a column in characters', () => {
    const expression = 'x > 0 &&\n\t"😀" == nope';
    expect(() => env.compile(expression)).toThrow(
      "ERROR: <input>:2:9: undeclared reference to 'nope' (in container '')\n |  \"😀\" == nope\n | ..．.....^",
    );
  });
});

describe('macros', () => {
  test.each<[string, string]>([
    ['[1].all(1, true)', '1:9: argument must be a simple name'],
    ['[1].map(a.b, true)', '1:10: argument is not an identifier'],
    ['[1].filter(__result__, true)', '1:12: iteration variable overwrites accumulator variable'],
    ['[1].all(a, a, true)', '1:12: duplicate variable name: a'],
    ['has(x)', '1:5: invalid argument to has() macro'],
    ['optional.of(1).optMap(a.b, 1)', '1:24: optMap() variable name must be a simple identifier'],
    [
      '1.sortBy(a, a)',
      '1:1: sortBy can only be applied to a list, identifier, comprehension, call or select expression',
    ],
  ])('%s', (expression, message) => {
    expect(findings(expression)[0]).toBe(`ERROR: <input>:${message}`);
  });
});

describe('types', () => {
  test.each<[string, string]>([
    ['x == s', "1:3: found no matching overload for '_==_' applied to '(int, string)'"],
    ['x.size()', "1:7: found no matching overload for 'size' applied to 'int.()'"],
    ['s.startsWith(x)', "1:13: found no matching overload for 'startsWith' applied to 'string.(int)'"],
    ['s && true', "1:1: expected type 'bool' but found 'string'"],
    ['x.foo', "1:2: type 'int' does not support field selection"],
    [
      'x.all(a, true)',
      "1:1: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)",
    ],
    ['[1].all(a, a)', "1:12: expected type 'bool' but found 'int'"],
    ['[1, s]', "1:5: expected type 'int' but found 'string'"],
    ["{'a': 1, 2: 's'}", "1:10: expected type 'string' but found 'int'"],
    ['[?x]', "1:3: expected type 'optional_type(int)' but found 'int'"],
    ['true ? x : s', "1:6: found no matching overload for '_?_:_' applied to '(bool, int, string)'"],
    ['foo(1)', "1:4: undeclared reference to 'foo' (in container '')"],
    ['Foo{a: 1}', "1:4: undeclared reference to 'Foo' (in container '')"],
  ])('%s', (expression, message) => {
    expect(findings(expression)[0]).toBe(`ERROR: <input>:${message}`);
  });
});

describe('literals', () => {
  test.each<[string, string]>([
    ["duration('1 day')", '1:10: invalid duration argument'],
    ["timestamp('today')", '1:11: invalid timestamp argument'],
    ["s.matches('(')", '1:11: invalid matches argument'],
    [
      "'%d'.format(['a'])",
      '1:14: error during formatting: decimal clause can only be used on integers, was given string',
    ],
    ["'%s %s'.format([1])", '1:15: index 1 out of range'],
    ["'%s'.format([1, 2])", '1:12: too many arguments supplied to string.format (expected 1, got 2)'],
    ["'%y'.format([1])", '1:12: could not parse formatting clause: unrecognized formatting clause "y"'],
  ])('%s', (expression, message) => {
    expect(findings(expression)[0]).toBe(`ERROR: <input>:${message}`);
  });

  test('arguments of a format may be of any types', () => {
    expect(env.compile("'%s %d'.format(['a', 1])").evaluate({}, 100).value).toBe('a 1');
  });
});

test('findings are told in the order of the text', () => {
  expect(findings('b + a')).toEqual([
    "ERROR: <input>:1:1: undeclared reference to 'b' (in container '')",
    "ERROR: <input>:1:5: undeclared reference to 'a' (in container '')",
  ]);
});
