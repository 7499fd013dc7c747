import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BoundKubectl, bind, type Installation, installation } from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';

const crd = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: crontabs.stable.example.com
spec:
  group: stable.example.com
  scope: Namespaced
  names: {plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct], categories: [all]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}
    additionalPrinterColumns:
    - {name: Spec, type: string, jsonPath: .spec.cronSpec}
    - {name: Replicas, type: integer, jsonPath: .spec.replicas}
    - {name: Image, type: string, jsonPath: .spec.image, priority: 1}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    schema:
      openAPIV3Schema:
        type: object
        description: CronTab runs things at times.
        properties:
          spec:
            type: object
            description: What is wanted.
            required: [cronSpec]
            properties:
              cronSpec: {type: string, description: When it runs., pattern: '^(\\d+|\\*)'}
              image: {type: string, enum: [a, b]}
              replicas:
                type: integer
                default: 1
                x-kubernetes-validations: [{rule: 'self < 100', message: too many}]
          status:
            type: object
            properties: {replicas: {type: integer}}
`;
const cronTab = (name: string, spec: string) =>
  `apiVersion: stable.example.com/v1\nkind: CronTab\nmetadata: {name: ${name}}\nspec: ${spec}\n`;
const my = cronTab('my', '{cronSpec: "* * *", image: a}');

/** Custom resources as their users meet them, with every kubectl this machine can get. */
describe.each(kubectls())('custom resources with kubectl $minor', ({ path, minor }) => {
  let installed: Installation;
  let kubectl: BoundKubectl;

  beforeAll(async () => {
    installed = installation();
    await installed.must('up', `crd${minor.replace('.', '-')}`, '--runtime', 'simulated', '--nodes', '1');
    kubectl = bind(path, installed);
  });

  afterAll(() => installed[Symbol.asyncDispose]());

  test('a definition and its object in one file: applied together, or after the definition', async () => {
    const first = await kubectl.run(['apply', '-f', '-'], `${crd}---\n${my}`);
    expect(first.stdout).toContain('customresourcedefinition.apiextensions.k8s.io/crontabs.stable.example.com created');
    const established = ['--for=condition=established', 'crd/crontabs.stable.example.com', '--timeout=30s'];
    expect(await kubectl('wait', ...established)).toContain('condition met');
    expect(await kubectl.apply(`${crd}---\n${my}`)).toMatch(/crontab\.stable\.example\.com\/my (created|unchanged)/);
    expect(await kubectl.apply(my)).toContain('crontab.stable.example.com/my unchanged');
  });

  test('get by short name and category, wide, with the columns of the definition', async () => {
    expect(await kubectl('get', 'ct')).toMatch(/^NAME\s+SPEC\s+REPLICAS\s+AGE\nmy\s+\* \* \*\s+1\s+\d+s/);
    expect(await kubectl('get', 'ct', '-o', 'wide')).toMatch(/^NAME\s+SPEC\s+REPLICAS\s+IMAGE\s+AGE\nmy\s.*\sa\s/);
    expect(await kubectl('get', 'all')).toContain('crontab.stable.example.com/my');
    expect(await kubectl('describe', 'ct', 'my')).toMatch(/Cron Spec:\s+\* \* \*/);
    expect(await kubectl('api-resources', '--api-group=stable.example.com', '--no-headers')).toMatch(
      /crontabs\s+ct\s+stable\.example\.com\/v1\s+true\s+CronTab/,
    );
  });

  test('explain tells of built-in and custom fields, from both versions of the documents', async () => {
    expect(await kubectl('explain', 'ct.spec')).toMatch(/What is wanted\.[\s\S]*cronSpec\s+<string> -required-/);
    expect(await kubectl('explain', 'crontab', '--recursive')).toMatch(
      /metadata\s+<ObjectMeta>[\s\S]*replicas\s+<integer>/,
    );
    expect(await kubectl('explain', 'pod.spec.restartPolicy')).toContain('Restart policy for all containers');
    expect(await kubectl('explain', 'ct.spec.cronSpec', '--output', 'plaintext-openapiv2')).toContain('When it runs.');
    expect(await kubectl('explain', 'deploy.spec.strategy', '--output', 'plaintext-openapiv2')).toContain(
      'rollingUpdate',
    );
  });

  test('scale, patch and patch of the status', async () => {
    await kubectl('scale', 'ct/my', '--replicas=3');
    await kubectl('patch', 'ct', 'my', '--type=merge', '-p', '{"spec":{"image":"b"},"status":{"replicas":9}}');
    await kubectl('patch', 'ct', 'my', '--subresource=status', '--type=merge', '-p', '{"status":{"replicas":2}}');
    const shown = JSON.parse(await kubectl('get', 'ct', 'my', '-o', 'json'));
    expect(shown).toMatchObject({
      spec: { replicas: 3, image: 'b' },
      status: { replicas: 2 },
      metadata: { generation: 3 },
    });
    await kubectl('wait', '--for=jsonpath={.status.replicas}=2', 'ct/my', '--timeout=30s');
    const strategic = await kubectl.run(['patch', 'ct', 'my', '--type=strategic', '-p', '{}']);
    expect(strategic.stderr).toContain('application/strategic-merge-patch+json is not supported');
  });

  test('apply refuses what the schema or its rules refuse, as strictly as it is asked to', async () => {
    const bad = cronTab('bad', '{cronSpec: "* * *", nope: 1}');
    const strict = await kubectl.run(['apply', '--validate=strict', '-f', '-'], bad);
    expect(strict.stderr).toContain('unknown field "spec.nope"');
    const warned = await kubectl.run(['apply', '--validate=warn', '-f', '-'], bad);
    expect(warned.stderr).toContain('Warning: unknown field "spec.nope"');
    expect(warned.stdout).toContain('bad created');
    const rule = await kubectl.run(['apply', '-f', '-'], cronTab('many', '{cronSpec: "*", replicas: 200}'));
    expect(rule.stderr).toContain('The CronTab "many" is invalid: spec.replicas: Invalid value: 200: too many');
    const server = await kubectl.run(['apply', '--server-side', '-f', '-'], cronTab('my', '{image: c, cronSpec: "*"}'));
    expect(server.code).not.toBe(0);
  });

  test('delete of the definition takes the objects along', async () => {
    await kubectl('delete', 'crd', 'crontabs.stable.example.com', '--timeout=60s');
    expect((await kubectl.run(['get', 'ct'])).stderr).toMatch(/doesn't have a resource type "ct"|NotFound/);
  });
});
