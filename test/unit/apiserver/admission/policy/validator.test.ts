import { expect, test } from 'vitest';
import type { ValidatingAdmissionPolicySpec } from '../../../../../src/api/types/admissionregistration-v1.gen.ts';
import { compileValidator, validate } from '../../../../../src/apiserver/admission/policy/validating/validator.ts';

const bindings = {
  object: { spec: { replicas: 3 }, text: 'x'.repeat(7_000_000) },
  oldObject: null,
  request: { name: 'web' },
  params: { max: 2 },
  namespaceObject: { metadata: { name: 'team' } },
  authorizer: null,
};

const verdict = (spec: Partial<ValidatingAdmissionPolicySpec>) =>
  validate(compileValidator({ metadata: { name: 'p' }, spec: { paramKind: {}, ...spec } }), bindings);

const failures = (spec: Partial<ValidatingAdmissionPolicySpec>) => verdict(spec).failures;
const holds = { expression: 'object.spec.replicas > params.max' };
const fails = { expression: ' object.spec.replicas < 3 ' };
/** Costs some 700,000, and takes no time. */
const dear = "object.text.contains('x')";
const overspent = 'validation failed due to running out of cost budget, no further validation rules will be run';
const told = (message: string, reason = 'Invalid') => ({ message, reason, isError: false });
const untold = (message: string) => ({ message, reason: 'Invalid', isError: true });

test('what does not hold is told in order, each with its reason', () => {
  expect(
    failures({
      validations: [
        fails,
        holds,
        { ...fails, message: ' too many ', reason: 'Forbidden' },
        {
          ...fails,
          messageExpression: "'at most ' + string(params.max)",
          message: 'other',
          reason: 'RequestEntityTooLarge',
        },
      ],
    }),
  ).toEqual([
    told('failed expression: object.spec.replicas < 3'),
    told('too many', 'Forbidden'),
    told('at most 2', 'RequestEntityTooLarge'),
  ]);
});

test('an expression that no longer compiles is an error like any other', () => {
  expect(failures({ validations: [{ expression: 'object.' }, { expression: 'object.nope' }, fails] })).toEqual([
    untold(expect.stringMatching(/^compilation error: compilation failed: ERROR: /) as never),
    untold('compilation error: must evaluate to bool but got dyn'),
    told('failed expression: object.spec.replicas < 3'),
  ]);
});

test('conditions see no namespace; validations do', () => {
  const validations = [{ expression: "namespaceObject.metadata.name == 'other'" }];
  const when = (expression: string) => [{ name: 'n', expression }];
  expect(failures({ matchConditions: when('namespaceObject == null'), validations })).toHaveLength(1);
  expect(failures({ matchConditions: when('namespaceObject != null'), validations })).toEqual([]);
  expect(failures({ matchConditions: when('object.nope == 1'), validations })).toEqual([
    untold("expression 'object.nope == 1' resulted in error: no such key: nope"),
  ]);
});

test('a message that costs too much gives way to what it cost', () => {
  const rich = { ...fails, messageExpression: `${dear} ? 'x' : 'y'` };
  expect(failures({ validations: [rich] })).toEqual([told('x')]);
  const spent = Array.from({ length: 20 }, () => ({ expression: dear }));
  expect(failures({ validations: spent })).toEqual([untold(overspent)]);
  const messages = failures({ validations: [...spent.slice(0, 12), ...Array.from({ length: 9 }, () => rich)] });
  expect([messages[0], messages.at(-1)]).toEqual([told('x'), untold(`failed messageExpression: ${overspent}`)]);
});

test('audit annotations have their own budget and no authorizer; what they say is dropped', () => {
  const faults = (...expressions: string[]) =>
    verdict({ auditAnnotations: expressions.map((valueExpression, i) => ({ key: `k${i}`, valueExpression })) }).faults;
  expect(faults("'a'", 'null', "''")).toEqual([]);
  expect(faults("authorizer.group('').resource('pods').check('get').reason()", 'string(object.nope)')).toEqual([
    untold(expect.stringContaining('no such attribute(s): authorizer') as never),
    untold("expression 'string(object.nope)' resulted in error: no such key: nope"),
  ]);
  expect(faults(...Array.from({ length: 20 }, () => `${dear} ? 'x' : 'y'`))).toEqual([untold(overspent)]);
});
