import { expect, test } from 'vitest';
import { authorizerValue } from '../../../../../src/api/cel/library/authorizers.ts';
import { Budget, OutOfBudget } from '../../../../../src/apiserver/admission/expressions/budget.ts';
import { compiledTo, definedAs } from '../../../../../src/apiserver/admission/expressions/expression.ts';
import { run } from '../../../../../src/apiserver/admission/expressions/run.ts';
import { Scene } from '../../../../../src/apiserver/admission/expressions/scene.ts';
import { Expressions } from '../../../../../src/resources/admissionregistration/expressions.ts';

const bindings = {
  object: { metadata: { name: 'endpoints1' }, subsets: [{ addresses: [{ ip: '127.0.0.0' }] }] },
  oldObject: null,
  authorizer: authorizerValue(() => ({ allowed: false, reason: '' })),
};
const check = "!authorizer.group('').resource('endpoints').check('create').allowed()";
const name = { name: 'object.metadata.name' };

/** Runs conditions one after another over one scene. */
function runAll(expressions: readonly string[], variables: Readonly<Record<string, string>>, budget: Budget): void {
  const environment = new Expressions({ params: false, composed: true });
  const defined = new Map(Object.entries(variables).map(([key, text]) => [key, definedAs(environment, key, text)]));
  const scene = new Scene(bindings, defined);
  for (const text of expressions) {
    const { error } = run(compiledTo(environment, 'condition', text), scene, budget);
    if (error !== undefined) throw new Error(error);
  }
}

// What they cost upstream. Source: apiserver `admission/plugin/cel/{condition,composition}_test.go`.
test.each<[number, string[], Record<string, string>?]>([
  [6, ['oldObject != null', 'object.subsets.size() > 2']],
  [6, ['oldObject != null', 'object.subsets.size() > 2', 'true']],
  [350_005, [check]],
  [700_010, [check, check]],
  [4, ['[1,2,3,4].isSorted()']],
  [4, ["url('https:://kubernetes.io/').getHostname() == 'kubernetes.io'"]],
  [5, ["size('abc 123 def 123'.split(' ')) > 0"]],
  [7, ["size(['aa', 'bb', 'cc', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].join(' ')) > 0"]],
  [4, ["size('abc 123 def 123'.find('123')) > 0"]],
  [6, ['quantity("200M") == quantity("0.2G") && quantity("0.2G") == quantity("200M")']],
  [6, ["variables.name == 'endpoints1'"], name],
  [9, ["variables.name == 'endpoints1' && variables.name == 'endpoints1'"], name],
  [9, ["variables.name == 'endpoints1'", "variables.name == 'endpoints1'"], name],
])('%i covers %j exactly', (cost, expressions, variables = {}) => {
  expect(() => runAll(expressions, variables, new Budget(cost))).not.toThrow();
  expect(() => runAll(expressions, variables, new Budget(cost - 1))).toThrow(OutOfBudget);
});

test('one expression may not cost more than it may, whatever the budget', () => {
  const thrice = [check, check, check].join(' && ');
  expect(() => runAll([thrice], {}, new Budget(10_000_000))).toThrow(
    `expression '${thrice}' resulted in error: operation cancelled: actual cost limit exceeded`,
  );
});
