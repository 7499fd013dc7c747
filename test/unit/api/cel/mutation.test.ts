import { expect, test } from 'vitest';
import { celEnvironment } from '../../../../src/api/cel/cel-environment.ts';
import { CelCompileError, CelRuntimeError } from '../../../../src/api/cel/environment.ts';
import { mutationOptions } from '../../../../src/api/cel/mutation.ts';

const env = celEnvironment({ object: { kind: 'dyn' } }, mutationOptions);
const object = { spec: { replicas: 2 }, metadata: { labels: { 'a/b': 'c' } } };
const evaluate = (expression: string) => env.compile(expression).evaluate({ object }, 1e6).value;

test('an object to apply is what was constructed', () => {
  expect(evaluate('Object{spec: Object.spec{replicas: object.spec.replicas + 1, ?paused: optional.none()}}')).toEqual({
    spec: { replicas: 3 },
  });
  expect(
    evaluate("Object{spec: Object.spec{containers: [Object.spec.containers{name: 'a', args: ['x', 'y']}]}}"),
  ).toEqual({ spec: { containers: [{ name: 'a', args: ['x', 'y'] }] } });
});

test('a field that is no identifier can still be set by its escaped name', () => {
  expect(evaluate("Object{metadata: Object.metadata{annotations: {'x': 'y'}}}")).toEqual({
    metadata: { annotations: { x: 'y' } },
  });
});

test('a patch is made of objects of its own', () => {
  const expression = `[JSONPatch{op: 'test', path: '/spec/replicas', value: object.spec.replicas},
    JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a/b~c'), value: Object{x: 1}}]`;
  expect(evaluate(expression)).toEqual([
    { op: 'test', path: '/spec/replicas', value: 2 },
    { op: 'add', path: '/metadata/labels/a~1b~0c', value: { x: 1 } },
  ]);
});

test('an object must be named by its path', () => {
  const run = () => evaluate('Object{spec: Object.status{replicas: 1}}');
  expect(run).toThrow(CelRuntimeError);
  expect(run).toThrow(
    'type mismatch: unexpected type name "Object.status", expected "Object.spec", which matches field name path from root Object type',
  );
});

test.each([
  ["JSONPatch{op: 1, path: 'a'}", "expected type of field 'op' is 'string' but provided type is 'int'"],
  ["JSONPatch{ops: 'add'}", "undefined field 'ops'"],
  ['Other{}', "undeclared reference to 'Other' (in container '')"],
])('%s does not compile', (expression, message) => {
  expect(() => env.compile(expression)).toThrow(CelCompileError);
  expect(() => env.compile(expression)).toThrow(message);
});

test('other environments construct nothing', () => {
  expect(() => celEnvironment({}).compile('Object{}')).toThrow("undeclared reference to 'Object'");
  expect(() => celEnvironment({}).compile("jsonpatch.escapeKey('a')")).toThrow('undeclared reference');
});

test('objects that a patch brings must be named by their path, too', () => {
  const patch = (value: string) => `[JSONPatch{op: 'add', path: '/spec', value: ${value}}]`;
  expect(evaluate(patch('Object.spec{selector: Object.spec.selector{}}'))).toMatchObject([{ value: { selector: {} } }]);
  expect(() => evaluate(patch('Object.spec{selector: Object.spec.wrong{}}'))).toThrow(
    'type mismatch: unexpected type name "Object.spec.wrong", expected "Object.spec.selector"',
  );
});
