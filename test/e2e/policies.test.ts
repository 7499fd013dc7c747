import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BoundKubectl, bind, type Installation, installation } from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';

const group = 'apiVersion: admissionregistration.k8s.io/v1';

const crd = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: replicalimits.rules.example.com}
spec:
  group: rules.example.com
  scope: Namespaced
  names: {plural: replicalimits, singular: replicalimit, kind: ReplicaLimit}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties: {maxReplicas: {type: integer}}
`;

/** Limits the replicas of Deployments; `most` is how its params say how many. */
const policy = (name: string, paramKind: string, most: string) => `
${group}
kind: ValidatingAdmissionPolicy
metadata: {name: ${name}}
spec:
  failurePolicy: Fail
  paramKind: ${paramKind}
  matchConstraints:
    resourceRules:
    - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}
  variables:
  - {name: most, expression: '${most}'}
  validations:
  - expression: object.spec.replicas <= variables.most
    messageExpression: "'at most ' + string(variables.most) + ' replicas, not ' + string(object.spec.replicas)"
`;

const binding = (name: string, of: string, paramRef: string, action: string) => `
${group}
kind: ValidatingAdmissionPolicyBinding
metadata: {name: ${name}}
spec:
  policyName: ${of}
  validationActions: [${action}]
  paramRef: ${paramRef}
`;

const limit = (max: number) => `
apiVersion: rules.example.com/v1
kind: ReplicaLimit
metadata: {name: limit}
maxReplicas: ${max}
`;

const deployment = (name: string, replicas: number) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: c, image: 'krill-test/web:1'}]}
`;

const mutation = `
${group}
kind: MutatingAdmissionPolicy
metadata: {name: sidecar}
spec:
  failurePolicy: Fail
  reinvocationPolicy: IfNeeded
  matchConstraints:
    resourceRules:
    - {apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}
  matchConditions:
  - {name: has-none, expression: "!object.spec.containers.exists(c, c.name == 'mesh')"}
  mutations:
  - patchType: ApplyConfiguration
    applyConfiguration:
      expression: >
        Object{spec: Object.spec{containers: [Object.spec.containers{name: 'mesh', image: 'krill-test/web:1'}]}}
  - patchType: JSONPatch
    jsonPatch:
      expression: >
        [JSONPatch{op: 'add', path: '/metadata/annotations/' + jsonpatch.escapeKey('example.com/by'),
        value: request.userInfo.username}]
---
${group}
kind: MutatingAdmissionPolicyBinding
metadata: {name: sidecar}
spec:
  policyName: sidecar
  matchResources:
    objectSelector: {matchLabels: {mesh: 'on'}}
`;

/** Admission policies as whoever writes them sees them. What is applied counts for the next command. */
describe.each(kubectls())('admission policies by kubectl $minor', ({ path, minor }) => {
  let installed: Installation;
  let kubectl: BoundKubectl;

  beforeAll(async () => {
    installed = installation();
    await installed.must('up', `p${minor.replace('.', '-')}`, '--runtime', 'simulated', '--nodes', '1');
    kubectl = bind(path, installed);
  });

  afterAll(() => installed[Symbol.asyncDispose]());

  const apply = (text: string) => kubectl.run(['apply', '-f', '-'], text);

  test('params of a ConfigMap limit replicas; policy, params and binding can be changed and taken away', async () => {
    await kubectl('create', 'configmap', 'limit', '--from-literal=most=3');
    await kubectl.apply(policy('by-map', '{apiVersion: v1, kind: ConfigMap}', 'int(params.data["most"])'));
    await kubectl.apply(deployment('unbound', 9));
    await kubectl.apply(binding('by-map', 'by-map', '{name: limit, parameterNotFoundAction: Deny}', 'Deny'));
    const refused = await apply(deployment('web', 5));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      "The deployments \"web\" is invalid: : ValidatingAdmissionPolicy 'by-map' with binding 'by-map' denied request: at most 3 replicas, not 5",
    );
    await kubectl.apply(deployment('web', 3));
    const scaled = await kubectl.run(['patch', 'deployment', 'web', '-p', '{"spec":{"replicas":4}}']);
    expect(scaled.stderr).toContain('at most 3 replicas, not 4');

    await kubectl('patch', 'configmap', 'limit', '-p', '{"data":{"most":"5"}}');
    await kubectl.apply(deployment('web', 5));
    await kubectl.apply(policy('by-map', '{apiVersion: v1, kind: ConfigMap}', 'int(params.data["most"]) - 4'));
    expect((await apply(deployment('web', 2))).stderr).toContain('at most 1 replicas, not 2');
    await kubectl('delete', 'configmap', 'limit');
    expect((await apply(deployment('web', 1))).stderr).toContain(
      'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
    );
    await kubectl('delete', 'validatingadmissionpolicybinding', 'by-map');
    await kubectl.apply(deployment('web', 9));
    await kubectl('delete', 'validatingadmissionpolicy', 'by-map');
  });

  test('params of a custom resource only warn, until the binding denies', async () => {
    await kubectl.apply(crd);
    await kubectl('wait', '--for=condition=established', 'crd/replicalimits.rules.example.com', '--timeout=30s');
    await kubectl.apply(limit(2));
    await kubectl.apply(
      policy('by-kind', '{apiVersion: rules.example.com/v1, kind: ReplicaLimit}', 'params.maxReplicas'),
    );
    const ref = '{name: limit, namespace: default, parameterNotFoundAction: Deny}';
    await kubectl.apply(binding('by-kind', 'by-kind', ref, 'Warn'));
    const warned = await apply(deployment('warned', 3));
    expect(warned.stderr).toContain(
      "Warning: Validation failed for ValidatingAdmissionPolicy 'by-kind' with binding 'by-kind': at most 2 replicas, not 3",
    );
    expect(warned.stdout).toContain('deployment.apps/warned created');
    await kubectl.apply(binding('by-kind', 'by-kind', ref, 'Deny'));
    expect((await apply(deployment('denied', 3))).stderr).toContain('denied request: at most 2 replicas, not 3');
    await kubectl.apply(limit(3));
    await kubectl.apply(deployment('denied', 3));
    expect(await kubectl('get', 'validatingadmissionpolicies')).toMatch(
      /by-kind\s+1\s+rules\.example\.com\/v1\/ReplicaLimit/,
    );
    await kubectl('delete', 'validatingadmissionpolicy,validatingadmissionpolicybinding', 'by-kind');
  });

  test('a policy puts a sidecar into pods that ask for it, whoever makes them', async () => {
    await kubectl.apply(mutation);
    const pod = async (name: string) => JSON.parse(await kubectl('get', 'pod', name, '-o', 'json'));
    await kubectl('run', 'plain', '--image=krill-test/web:1');
    await kubectl('run', 'meshed', '--image=krill-test/web:1', '--labels=mesh=on', '--annotations=a=b');
    await kubectl('wait', 'pod', 'meshed', '--for=condition=Ready', '--timeout=60s');
    const names = ({ spec }: { spec: { containers: { name: string }[] } }) => spec.containers.map(({ name }) => name);
    expect(names(await pod('plain'))).toEqual(['plain']);
    const meshed = await pod('meshed');
    expect(names(meshed)).toEqual(['meshed', 'mesh']);
    expect(meshed.metadata.annotations['example.com/by']).toBe('kubernetes-admin');
    const refused = await kubectl.run(['run', 'bare', '--image=krill-test/web:1', '--labels=mesh=on']);
    expect(refused.stderr).toContain(
      "policy 'sidecar' with binding 'sidecar' denied request: JSON Patch: add operation does not apply: doc is missing path:",
    );
    await kubectl('delete', 'mutatingadmissionpolicy,mutatingadmissionpolicybinding', 'sidecar');
    await kubectl('run', 'bare', '--image=krill-test/web:1', '--labels=mesh=on');
    expect(names(await pod('bare'))).toEqual(['bare']);
  });
});
