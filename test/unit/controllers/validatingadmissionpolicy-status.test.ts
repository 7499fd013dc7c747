import { describe, expect, test } from 'vitest';
import type { ValidatingAdmissionPolicy } from '../../../src/api/types/admissionregistration-v1.gen.ts';
import type { CustomResourceDefinition } from '../../../src/api/types/apiextensions-v1.gen.ts';
import { kindFinder, paramType } from '../../../src/controllers/validatingadmissionpolicy-status/kinds.ts';
import { expressionWarnings, kindsToCheck } from '../../../src/controllers/validatingadmissionpolicy-status/plan.ts';
import '../../kit/load-cel.ts';

const widgets: CustomResourceDefinition = {
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
          },
        },
      },
    ],
  },
};

const find = kindFinder((name) => (name === 'widgets.example.com' ? widgets : undefined));

interface Rule {
  readonly groups?: string[];
  readonly versions?: string[];
  readonly resources: string[];
}

type Spec = NonNullable<ValidatingAdmissionPolicy['spec']>;

const policy = (rules: Rule[], spec: Spec = {}): ValidatingAdmissionPolicy => ({
  metadata: { name: 'p' },
  spec: {
    matchConstraints: {
      resourceRules: rules.map(({ groups = ['apps'], versions = ['v1'], resources }) => ({
        apiGroups: groups,
        apiVersions: versions,
        operations: ['CREATE'],
        resources,
      })),
    },
    ...spec,
  },
});

describe('the kinds that are checked', () => {
  const kinds = (...rules: Rule[]) =>
    kindsToCheck(policy(rules), find).map(({ group, version, kind }) => [group, version, kind].join(' '));

  test('are those that the rules name, in order, each once', () => {
    expect(
      kinds(
        { resources: ['statefulsets', 'deployments'] },
        { groups: ['', 'apps'], resources: ['pods', 'deployments', 'nothing'] },
        { groups: ['example.com'], resources: ['widgets'] },
      ),
    ).toEqual([' v1 Pod', 'apps v1 Deployment', 'apps v1 StatefulSet', 'example.com v1 Widget']);
  });

  test('are none of a rule with a wildcard, and no subresources', () => {
    expect(kinds({ groups: ['*'], resources: ['deployments'] })).toEqual([]);
    expect(kinds({ versions: ['*'], resources: ['deployments'] })).toEqual([]);
    expect(kinds({ resources: ['*', 'deployments/scale', 'replicasets'] })).toEqual(['apps v1 ReplicaSet']);
  });

  test('are ten at most', () => {
    const core = [
      'configmaps',
      'endpoints',
      'events',
      'limitranges',
      'namespaces',
      'nodes',
      'pods',
      'secrets',
      'services',
    ];
    expect(kinds({ groups: [''], resources: [...core, 'podtemplates', 'serviceaccounts'] })).toHaveLength(10);
  });
});

describe('an expression', () => {
  const warnings = (spec: Spec, rules: Rule[] = [{ resources: ['deployments'] }]) => {
    const checked = policy(rules, spec);
    const params = spec.paramKind && paramType(spec.paramKind, [widgets]);
    return expressionWarnings(checked, kindsToCheck(checked, find), params);
  };
  const of = (expression: string, rules?: Rule[]) => warnings({ validations: [{ expression }] }, rules);

  test.each([
    'object.spec.replicas > 1',
    "object.spec.template.spec.containers.all(c, c.image.startsWith('x'))",
    "object.metadata.labels['a'] == 'b' && oldObject.metadata.name == object.metadata.name",
    "has(object.spec.template.spec.containers[0].resources.limits) && object.metadata.creationTimestamp > timestamp('2026-01-01T00:00:00Z')",
    "object.spec.strategy.rollingUpdate.maxSurge == '25%' || object.spec.strategy.rollingUpdate.maxSurge == 1",
    "authorizer.group('').resource('pods').check('get').allowed() && request.operation == 'CREATE'",
  ])('%s is right for a Deployment', (expression) => {
    expect(of(expression)).toEqual([]);
  });

  test('that asks for a field which is not there is told of, as upstream tells it', () => {
    expect(of('object.spec.replicaz > 1')).toEqual([
      {
        fieldRef: 'spec.validations[0].expression',
        warning:
          "apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'replicaz'\n" +
          ' | object.spec.replicaz > 1\n' +
          ' | ...........^\n',
      },
    ]);
  });

  test('that compares what cannot be compared is told of for each kind', () => {
    const [warning, ...more] = of("object.metadata.generation == 'x'", [
      { resources: ['deployments'] },
      { groups: ['example.com'], resources: ['widgets'] },
    ]);
    expect(more).toEqual([]);
    const lines = warning!.warning.split('\n').filter((line) => line.includes('Kind='));
    expect(lines.map((line) => line.split(': ')[0])).toEqual([
      'apps/v1, Kind=Deployment',
      'example.com/v1, Kind=Widget',
    ]);
  });

  test('of a custom kind is checked against its schema', () => {
    const rules = [{ groups: ['example.com'], resources: ['widgets'] }];
    expect(of('object.spec.size > 1', rules)).toEqual([]);
    expect(of("object.spec.size > 'a'", rules)[0]?.warning).toContain("no matching overload for '_>_'");
  });

  test('sees variables with their types and parameters with theirs', () => {
    const spec = {
      paramKind: { apiVersion: 'example.com/v1', kind: 'Widget' },
      variables: [{ name: 'size', expression: 'params.spec.size' }],
    };
    expect(warnings({ ...spec, validations: [{ expression: 'variables.size > object.spec.replicas' }] })).toEqual([]);
    const wrong = [{ expression: 'true', messageExpression: "variables.size + 'px'" }];
    expect(warnings({ ...spec, validations: wrong })).toMatchObject([
      { fieldRef: 'spec.validations[0].messageExpression', warning: expect.stringContaining("overload for '_+_'") },
    ]);
  });

  test('whose parameters are of a kind that is not known may ask them for anything', () => {
    const paramKind = { apiVersion: 'example.com/v1', kind: 'Gadget' };
    expect(warnings({ paramKind, validations: [{ expression: 'params.anything > 1' }] })).toEqual([]);
  });
});
