import { expect, test } from 'vitest';
import { parseApplyConfig, strictConfigError } from '../../../../src/api/patch/apply-config.ts';
import { StatusError } from '../../../../src/api/status.ts';

const read = (text: string) => parseApplyConfig(Buffer.from(text));

test('JSON and YAML are read alike', () => {
  const yaml = 'a:\n  b: [1, "x", null]\n  big: 9007199254740993\n';
  const json = '{"a":{"b":[1,"x",null],"big":9007199254740993}}';
  expect(JSON.stringify(read(yaml).body)).toBe(JSON.stringify(read(json).body));
  expect(JSON.stringify(read(json).body)).toContain('9007199254740993');
  expect(read('  \n {a: 1}').body).toEqual({ a: 1 });
  expect(read('').body).toEqual({});
});

test('keys set twice are told by their lines, whatever the form', () => {
  const text = '{"a": 1,\n "b": {"c": 1,\n "c": 2}, "a": 3}';
  const { body, findings } = read(text);
  expect(body).toEqual({ a: 3, b: { c: 2 } });
  expect([...findings].sort()).toEqual(['line 3: key "a" already set in map', 'line 3: key "c" already set in map']);
  expect(strictConfigError(['line 1: key "a" already set in map']).message).toBe(
    'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 1: key "a" already set in map',
  );
});

test.each([
  '[1]',
  '"text"',
  '12',
  'true',
  '- a',
  'a: [',
  '{"a":',
  `${'['.repeat(2000)}`,
  '{"__proto__": {"a": 1}}',
  '__proto__: {}',
  'a: &x [*x]',
  '\u0000',
])('%j is refused with a 400', (text) => {
  try {
    read(text);
  } catch (error) {
    expect(error).toBeInstanceOf(StatusError);
    expect((error as StatusError).code).toBe(400);
    return;
  }
  throw new Error('not refused');
});

test('a configuration that is too deep is refused', () => {
  const yaml = Array.from({ length: 600 }, (_, i) => `${' '.repeat(i)}a:`).join('\n');
  expect(() => read(`${yaml} 1`)).toThrow('exceeded max depth');
});
