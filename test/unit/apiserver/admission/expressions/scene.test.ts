import { expect, test } from 'vitest';
import { Budget, OutOfBudget } from '../../../../../src/apiserver/admission/expressions/budget.ts';
import { compiledTo, definedAs } from '../../../../../src/apiserver/admission/expressions/expression.ts';
import {
  compileConditions,
  conditionsHold,
} from '../../../../../src/apiserver/admission/expressions/match-conditions.ts';
import { run } from '../../../../../src/apiserver/admission/expressions/run.ts';
import { Scene } from '../../../../../src/apiserver/admission/expressions/scene.ts';
import { Expressions } from '../../../../../src/resources/admissionregistration/expressions.ts';

const object = { metadata: { name: 'web', labels: { tier: 'front' } }, spec: { replicas: 3 } };

/** The variables of a policy, and what is compiled after them. */
function policy(variables: Readonly<Record<string, string>> = {}) {
  const expressions = new Expressions({ params: true, composed: true });
  const defined = new Map(Object.entries(variables).map(([name, text]) => [name, definedAs(expressions, name, text)]));
  return {
    scene: (bindings: Record<string, unknown> = { object, params: null }) => new Scene(bindings, defined),
    condition: (text: string) => compiledTo(expressions, 'condition', text),
    value: (text: string) => compiledTo(expressions, 'variable', text),
  };
}

/** A loop that costs some 700,000: less than one expression may, more than many may together. */
const dear = (size: number) => `lists.range(${size}).all(x, x >= 0)`;
const plenty = () => new Budget(10_000_000);

test('variables see the write and those before them, as what they are in CEL', () => {
  const { scene, value } = policy({
    replicas: 'object.spec.replicas',
    twice: 'variables.replicas * 2',
    memory: "quantity('1Gi')",
    when: "timestamp('2026-01-02T03:04:05Z')",
  });
  const at = scene();
  expect(run(value('variables.twice + 1'), at, plenty())).toEqual({ value: 7 });
  expect(run(value("variables.memory.isGreaterThan(quantity('1Mi'))"), at, plenty())).toEqual({ value: true });
  expect(run(value('variables.when.getFullYear()'), at, plenty())).toEqual({ value: 2026 });
});

test('a variable is computed when it is used, and once', () => {
  const { scene, value } = policy({ broken: 'object.spec.nope', loop: `${dear(1000)} ? 1 : 2` });
  const at = scene();
  expect(run(value('1 + 1'), at, plenty())).toEqual({ value: 2 });
  const cost = (text: string) => {
    run(value(text), at, { pay: (paid: number) => costs.push(paid) } as unknown as Budget);
    return costs.splice(0);
  };
  const costs: number[] = [];
  const [first, second] = [cost('variables.loop'), cost('variables.loop')];
  expect(first![0]).toBeGreaterThan(3000);
  expect(second![0]).toBe(0);
  expect(second![1]).toBe(first![1]);
});

test.each([
  ['variables.broken', `composited variable "broken" fails to evaluate: no such key: nope`],
  [
    'variables.outer',
    `composited variable "outer" fails to evaluate: composited variable "broken" fails to evaluate: no such key: nope`,
  ],
  ['variables.wrong > 1', 'composited variable "wrong" fails to compile: compilation failed: ERROR: <input>:1:8: '],
  [
    'variables.endless',
    'composited variable "endless" fails to evaluate: operation cancelled: actual cost limit exceeded',
  ],
])('%s: what is wrong with a variable is wrong with what uses it', (text, why) => {
  const { scene, value } = policy({
    broken: 'object.spec.nope',
    outer: 'variables.broken + 1',
    wrong: 'object.',
    endless: dear(1_000_000),
  });
  const { error } = run(value(text), scene(), plenty());
  expect(error?.startsWith(`expression '${text}' resulted in error: ${why}`) || error).toBe(true);
});

test('variables that nest too deeply fail, and nothing else does', () => {
  const names = Array.from({ length: 3000 }, (_, i) => `v${i}`);
  const chain = Object.fromEntries(names.map((name, i) => [name, i === 0 ? '1' : `variables.v${i - 1} + 1`]));
  const { scene, value } = policy(chain);
  expect(run(value('variables.v90'), scene(), plenty())).toEqual({ value: 91 });
  expect(run(value('variables.v2999'), scene(), plenty()).error).toContain('is nested too deeply');
});

test('an expression that does not compile says why; one that costs too much is stopped', () => {
  const { scene, condition, value } = policy();
  expect(run(condition('object.spec.replicas'), scene(), plenty()).error).toBe(
    'compilation error: must evaluate to bool but got dyn',
  );
  expect(run(condition('nope'), scene(), plenty()).error).toMatch(/^compilation error: compilation failed: ERROR/);
  const endless = dear(1_000_000);
  expect(run(value(endless), scene(), plenty()).error).toBe(
    `expression '${endless}' resulted in error: operation cancelled: actual cost limit exceeded`,
  );
});

test('what is not given is no attribute: who may not ask the authorizer does not', () => {
  const { scene, condition } = policy();
  const text = "authorizer.group('').resource('pods').check('get').allowed()";
  expect(run(condition(text), scene(), plenty()).error).toBe(
    `expression '${text}' resulted in error: no such attribute(s): authorizer`,
  );
});

test('expressions and variables share one budget', () => {
  const { scene, condition } = policy({ dear: dear(20_000) });
  const once = condition('variables.dear');
  const budget = new Budget(200_000);
  expect(run(once, scene(), budget)).toEqual({ value: true });
  expect(() => {
    for (let i = 0; i < 4; i++) run(once, scene(), budget);
  }).toThrow(OutOfBudget);
});

test.each([
  [[], { matches: true }],
  [['object.spec.replicas > 1', "request.name == 'web'"], { matches: true }],
  [['object.spec.replicas > 1', "request.name == 'other'"], { matches: false }],
  [['object.nope', "request.name == 'other'"], { matches: false }],
  [['object.nope', "request.name == 'web'"], { error: 'compilation error: must evaluate to bool but got dyn' }],
  [
    ['object.nope == 1', 'object.no == 1'],
    {
      error:
        "[expression 'object.nope == 1' resulted in error: no such key: nope, expression 'object.no == 1' resulted in error: no such key: no]",
    },
  ],
  [
    Array.from({ length: 6 }, () => dear(120_000)),
    { error: 'validation failed due to running out of cost budget, no further validation rules will be run' },
  ],
])('match conditions %j', (texts, matching) => {
  const conditions = compileConditions(
    new Expressions({ params: false }),
    (texts as string[]).map((expression, i) => ({ name: `c${i}`, expression })),
  );
  const scene = new Scene({ object, request: { name: 'web' } }, new Map());
  expect(conditionsHold(conditions, scene)).toEqual(matching);
});
