import { expect, test } from 'vitest';
import { cel } from '../../../src/api/cel/cel.ts';
import { configMap, refusal, rule } from '../../kit/admission-policies.ts';
import { apiServer } from '../../kit/api-server.ts';

/** CEL is loaded once for all tests of a file, so this one has a file of its own. */
test('a cluster without policies loads no CEL; one that had them before it was started applies them to the first write', async () => {
  await using first = await apiServer();
  await configMap(first, 'a');
  expect(() => cel.value).toThrow('CEL is used before it is loaded');
  const put = (resource: string, kind: string, spec: object) =>
    first.store.create({ resource: `${resource}.admissionregistration.k8s.io`, namespace: '', name: 'p' }, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind,
      metadata: { name: 'p', uid: kind },
      spec,
    } as never);
  const selectors = { namespaceSelector: {}, objectSelector: {}, matchPolicy: 'Equivalent' };
  await put('validatingadmissionpolicies', 'ValidatingAdmissionPolicy', {
    failurePolicy: 'Fail',
    matchConstraints: { ...selectors, resourceRules: [{ ...rule('v1/configmaps'), scope: '*' }] },
    validations: [{ expression: "object.metadata.name != 'b'" }],
  });
  await put('validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding', {
    policyName: 'p',
    validationActions: ['Deny'],
  });
  await using api = await apiServer({ store: first.store });
  expect(await refusal(configMap(api, 'b'))).toMatchObject({ code: 422 });
  await configMap(api, 'c');
});
