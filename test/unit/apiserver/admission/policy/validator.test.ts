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
  validate(
    compileValidator({ metadata: { name: 'p' }, spec: { paramKind: {}, failurePolicy: 'Fail', ...spec } }),
    bindings,
  );

const failures = (spec: Partial<ValidatingAdmissionPolicySpec>) => verdict(spec).failures;
const holds = { expression: 'object.spec.replicas > params.max' };
const fails = { expression: ' object.spec.replicas < 3 ' };
/** Costs some 700,000, and takes no time. */
const dear = "object.text.contains('x')";
const overspent = 'validation failed due to running out of cost budget, no further validation rules will be run';

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
    { message: 'failed expression: object.spec.replicas < 3', reason: 'Invalid' },
    { message: 'too many', reason: 'Forbidden' },
    { message: 'at most 2', reason: 'RequestEntityTooLarge' },
  ]);
});

test('an expression that no longer compiles is an error like any other', () => {
  const validations = [{ expression: 'object.' }, fails];
  expect(failures({ validations })).toMatchObject([
    { message: expect.stringMatching(/^compilation error: compilation failed: ERROR: /) },
    { message: 'failed expression: object.spec.replicas < 3' },
  ]);
  expect(failures({ validations, failurePolicy: 'Ignore' })).toHaveLength(1);
});

test('conditions see no namespace; validations do', () => {
  const namespaced = { expression: "namespaceObject.metadata.name == 'other'" };
  expect(failures({ validations: [namespaced] })).toHaveLength(1);
  const matchConditions = [{ name: 'n', expression: 'namespaceObject == null' }];
  expect(failures({ matchConditions, validations: [namespaced] })).toHaveLength(1);
});

test('a message that costs too much gives way to what it cost', () => {
  const messageExpression = `${dear} ? 'x' : 'y'`;
  const rich = { validations: [{ ...fails, messageExpression }] };
  expect(failures(rich)).toEqual([{ message: 'x', reason: 'Invalid' }]);
  const spent = Array.from({ length: 20 }, () => ({ expression: dear }));
  expect(failures({ validations: spent })).toEqual([{ message: overspent, reason: 'Invalid' }]);
  const poor = [
    ...Array.from({ length: 12 }, () => ({ expression: dear })),
    ...Array.from({ length: 9 }, () => rich.validations[0]!),
  ];
  const told = failures({ validations: poor });
  expect(told[0]?.message).toBe('x');
  expect(told.at(-1)?.message).toBe(`failed messageExpression: ${overspent}`);
  expect(failures({ validations: poor, failurePolicy: 'Ignore' }).every(({ message }) => message === 'x')).toBe(true);
});

test('audit annotations have their own budget and no authorizer; what they say is dropped', () => {
  const annotate = (...expressions: string[]) => ({
    auditAnnotations: expressions.map((valueExpression, i) => ({ key: `k${i}`, valueExpression })),
  });
  expect(verdict(annotate("'a'", 'null', "''"))).toEqual({ failures: [], faults: [] });
  expect(verdict(annotate("authorizer.group('').resource('pods').check('get').reason()")).faults).toMatchObject([
    { message: expect.stringContaining('no such attribute(s): authorizer') },
  ]);
  expect(verdict({ ...annotate('string(object.nope)'), failurePolicy: 'Ignore' }).faults).toEqual([]);
  const costly = `${dear} ? 'x' : 'y'`;
  expect(verdict(annotate(...Array.from({ length: 20 }, () => costly))).faults).toEqual([
    { message: overspent, reason: 'Invalid' },
  ]);
});
