import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BoundKubectl, bind, type Installation, installation } from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';

/** What a tutorial of some years ago tells its reader to apply. */
const tutorial = (path: string) => `
apiVersion: extensions/v1beta1
kind: Deployment
metadata:
  name: nginx
spec:
  replicas: 2
  template:
    metadata:
      labels: {app: nginx}
    spec:
      containers:
        - name: nginx
          image: nginx:1.7.9
          ports: [{containerPort: 80}]
---
apiVersion: networking.k8s.io/v1beta1
kind: Ingress
metadata:
  name: nginx
spec:
  rules:
    - host: nginx.example.com
      http:
        paths:
          - path: ${path}
            backend: {serviceName: nginx, servicePort: 80}
---
apiVersion: batch/v1beta1
kind: CronJob
metadata:
  name: hello
spec:
  schedule: "*/5 * * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: OnFailure
          containers: [{name: hello, image: busybox}]
---
apiVersion: apiextensions.k8s.io/v1beta1
kind: CustomResourceDefinition
metadata:
  name: crontabs.stable.example.com
spec:
  group: stable.example.com
  version: v1
  scope: Namespaced
  names: {plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct]}
  additionalPrinterColumns:
    - {name: Spec, type: string, JSONPath: .spec.cronSpec}
`;

const crontab = `
apiVersion: stable.example.com/v1
kind: CronTab
metadata:
  name: my-crontab
spec:
  cronSpec: "* * * * */5"
  image: {anything: goes}
`;

const warnings = [
  'extensions/v1beta1 Deployment is deprecated in v1.8+, unavailable in v1.16+; use apps/v1 Deployment',
  'networking.k8s.io/v1beta1 Ingress is deprecated in v1.19+, unavailable in v1.22+; use networking.k8s.io/v1 Ingress',
  'batch/v1beta1 CronJob is deprecated in v1.21+, unavailable in v1.25+; use batch/v1 CronJob',
  'apiextensions.k8s.io/v1beta1 CustomResourceDefinition is deprecated in v1.16+, unavailable in v1.22+; use apiextensions.k8s.io/v1 CustomResourceDefinition',
];

describe.each(kubectls())('old manifests with kubectl $minor', ({ path, minor }) => {
  let installed: Installation;
  let kubectl: BoundKubectl;

  beforeAll(async () => {
    installed = installation();
    await installed.must('up', `old${minor.replace('.', '-')}`, '--runtime', 'simulated');
    kubectl = bind(path, installed);
  });
  afterAll(() => installed[Symbol.asyncDispose]());

  test('a tutorial is applied, warned of, and is the current kinds', async () => {
    const applied = await kubectl.run(['apply', '-f', '-'], tutorial('/'));
    expect(applied.stderr.match(/(?<=Warning: ).*/g)).toEqual(warnings);
    expect(applied.stdout.match(/created/g)).toHaveLength(4);
    await kubectl('wait', '--for=condition=Established', 'crd/crontabs.stable.example.com', '--timeout=60s');
    expect(await kubectl.apply(crontab)).toContain('crontab.stable.example.com/my-crontab created');

    await kubectl('rollout', 'status', 'deployment/nginx', '--timeout=60s');
    const shown = await kubectl.run(['get', 'deploy,ing,cj,ct']);
    expect(shown.stderr).toBe('');
    expect(shown.stdout).toMatch(/^deployment\.apps\/nginx\s+2\/2/m);
    expect(shown.stdout).toMatch(/^ingress\.networking\.k8s\.io\/nginx\s+<none>\s+nginx\.example\.com/m);
    expect(shown.stdout).toMatch(/^cronjob\.batch\/hello\s+\*\/5/m);
    expect(shown.stdout).toMatch(/^crontab\.stable\.example\.com\/my-crontab\s+\* \* \* \* \*\/5/m);
    expect(await kubectl('get', 'ct', 'my-crontab', '-o', 'jsonpath={.spec.image.anything}')).toBe('goes');
    const port = 'jsonpath={.apiVersion} {.spec.rules[0].http.paths[0].backend.service.port.number}';
    expect(await kubectl('get', 'ingress', 'nginx', '-o', port)).toBe('networking.k8s.io/v1 80');
  });

  test('applied again it changes what has changed', async () => {
    expect(await kubectl.apply(tutorial('/shop'))).toMatch(/deployment\.extensions\/nginx unchanged/);
    expect(await kubectl('get', 'ing', 'nginx', '-o', 'jsonpath={.spec.rules[0].http.paths[0].path}')).toBe('/shop');
    const diff = await kubectl.run(['diff', '-f', '-'], tutorial('/cart'));
    expect([diff.code, diff.stdout]).toEqual([1, expect.stringContaining('+        path: /cart')]);
  });

  test('kinds and short names mean the current versions', async () => {
    for (const [word, version] of [
      ['deploy', 'apps/v1'],
      ['ds', 'apps/v1'],
      ['rs', 'apps/v1'],
      ['ing', 'networking.k8s.io/v1'],
      ['netpol', 'networking.k8s.io/v1'],
      ['hpa', 'autoscaling/v2'],
      ['pdb', 'policy/v1'],
      ['cj', 'batch/v1'],
      ['crd', 'apiextensions.k8s.io/v1'],
      ['Ingress', 'networking.k8s.io/v1'],
      ['Deployment', 'apps/v1'],
    ] as const) {
      const { stdout, stderr } = await kubectl.run(['get', word, '-v=6']);
      expect([word, `${stdout}${stderr}`]).toEqual([word, expect.stringContaining(`/apis/${version}/`)]);
    }
    const all = await kubectl('get', 'all', '-o', 'name');
    expect(all.match(/deployment/g)).toHaveLength(1);
  });

  test('an old version can be asked for by name, and is explained', async () => {
    const got = await kubectl.run(['get', 'deployments.v1beta1.extensions', 'nginx', '-o', 'jsonpath={.apiVersion}']);
    expect([got.stdout, got.stderr]).toEqual(['extensions/v1beta1', expect.stringContaining('Warning: extensions/')]);
    const version = '--api-version=extensions/v1beta1';
    expect(await kubectl('explain', version, 'deployment.spec')).toMatch(/rollbackTo\s+<RollbackConfig>/);
  });

  test('it is deleted by the file it came from', async () => {
    await kubectl.run(['delete', '-f', '-'], `${tutorial('/')}\n---${crontab}`);
    expect((await kubectl('get', 'deploy,ing,cj', '-o', 'name')).trim()).toBe('');
  });
});
