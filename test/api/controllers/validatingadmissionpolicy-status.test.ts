import { expect, test } from 'vitest';
import { validatingAdmissionPolicies as policies } from '../../../src/api/kinds.gen.ts';
import { controlPlane } from '../../kit/controllers.ts';

test('the status of a policy says what is wrong with its expressions, until they are right', async () => {
  await using plane = await controlPlane();
  await plane.client.resource(policies).create({
    metadata: { name: 'p' },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] },
        ],
      },
      validations: [{ expression: 'object.spec.replicas > 1' }, { expression: "object.spec.replicas > 'one'" }],
    },
  });
  const wrong = await plane.until(policies, 'p', (p) => p?.status?.observedGeneration === 1);
  expect(wrong?.status?.typeChecking?.expressionWarnings).toMatchObject([
    { fieldRef: 'spec.validations[1].expression', warning: expect.stringContaining('apps/v1, Kind=Deployment: ERROR') },
  ]);
  const validations = [{ expression: 'object.spec.replicas > 1' }];
  await plane.client.resource(policies).mergePatch({ name: 'p' }, { spec: { validations } });
  const right = await plane.until(policies, 'p', (p) => p?.status?.observedGeneration === 2);
  expect(right?.status?.typeChecking).toEqual({});
});
