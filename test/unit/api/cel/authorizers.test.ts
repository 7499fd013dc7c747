import { expect, test } from 'vitest';
import { celEnvironment } from '../../../../src/api/cel/cel-environment.ts';
import { CelBudgetError, CelRuntimeError } from '../../../../src/api/cel/environment.ts';
import {
  type AuthorizationQuestion,
  authorizerValue,
  requestResourceValue,
} from '../../../../src/api/cel/library/authorizers.ts';

const env = celEnvironment({
  authorizer: { kind: 'opaque', name: 'kubernetes.authorization.Authorizer' },
  'authorizer.requestResource': { kind: 'opaque', name: 'kubernetes.authorization.ResourceCheck' },
});

function ask(expression: string, budget = 1e6) {
  const questions: AuthorizationQuestion[] = [];
  const authorize = (question: AuthorizationQuestion) => {
    questions.push(question);
    if (question.verb === 'break') return { allowed: false, reason: '', error: 'no answer' };
    return { allowed: question.verb === 'get', reason: `about ${question.verb}` };
  };
  const request = { group: 'apps', resource: 'deployments', namespace: 'default', name: 'web' };
  const bindings = {
    authorizer: authorizerValue(authorize),
    'authorizer.requestResource': requestResourceValue(authorize, request),
  };
  return { value: env.compile(expression).evaluate(bindings, budget).value, questions };
}

const everything = {
  group: '',
  resource: '',
  subresource: '',
  namespace: '',
  name: '',
  fieldSelector: '',
  labelSelector: '',
};

test('a resource is asked for with all that was said of it', () => {
  const expression = `authorizer.group('apps').resource('deployments').subresource('scale').namespace('default').name('web')
    .fieldSelector('spec.x=1').labelSelector('a=b').check('get').allowed()`;
  expect(ask(expression)).toEqual({
    value: true,
    questions: [
      {
        verb: 'get',
        resource: {
          group: 'apps',
          resource: 'deployments',
          subresource: 'scale',
          namespace: 'default',
          name: 'web',
          fieldSelector: 'spec.x=1',
          labelSelector: 'a=b',
        },
      },
    ],
  });
});

test('a path is asked for', () => {
  expect(ask("authorizer.path('/healthz').check('put').reason()")).toEqual({
    value: 'about put',
    questions: [{ verb: 'put', path: '/healthz' }],
  });
});

test('a service account is asked for in place of the user', () => {
  const { value, questions } = ask(
    "authorizer.serviceAccount('default', 'builder').group('').resource('pods').check('get').allowed()",
  );
  expect(value).toBe(true);
  expect(questions).toEqual([
    {
      verb: 'get',
      resource: { ...everything, resource: 'pods' },
      serviceAccount: { namespace: 'default', name: 'builder' },
    },
  ]);
});

test('the resource of the request is there to be asked for', () => {
  const { questions } = ask("authorizer.requestResource.check('get').allowed()");
  expect(questions[0]?.resource).toEqual({
    ...everything,
    group: 'apps',
    resource: 'deployments',
    namespace: 'default',
    name: 'web',
  });
});

test('an answer that is none is an error to ask about', () => {
  expect(ask("authorizer.path('/x').check('break').errored()").value).toBe(true);
  expect(ask("authorizer.path('/x').check('break').error()").value).toBe('no answer');
  expect(ask("authorizer.path('/x').check('get').errored()").value).toBe(false);
});

test.each([
  ["authorizer.path('')", 'path must not be empty'],
  ["authorizer.group('').resource(' ')", 'resource must not be empty'],
  ["authorizer.serviceAccount('default', 'No')", 'Invalid service account name'],
  ["authorizer.serviceAccount('No', 'a')", 'Invalid service account namespace'],
])('%s fails', (expression, message) => {
  expect(() => ask(expression)).toThrow(CelRuntimeError);
  expect(() => ask(expression)).toThrow(message);
});

test('a budget is good for two checks', () => {
  const check = "authorizer.path('/x').check('get').allowed()";
  expect(ask(`${check} && ${check}`).value).toBe(true);
  expect(() => ask(`${check} && ${check} && ${check}`)).toThrow(CelBudgetError);
});
