import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BoundKubectl, bind, type Installation, installation } from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';

const controller = (replicas: number, name = 'agnhost-primary') => `apiVersion: v1
kind: ReplicationController
metadata:
  name: ${name}
  labels: {app: agnhost, role: primary}
spec:
  replicas: ${replicas}
  template:
    metadata:
      labels: {app: agnhost, role: primary}
    spec:
      containers:
      - {name: primary, image: 'krill-test/web:1', ports: [{name: server, containerPort: 6379}]}
`;

const definition = (plural: string, kind: string) => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${plural}.company.com}
spec:
  group: company.com
  scope: Namespaced
  names: {plural: ${plural}, singular: ${kind.toLowerCase()}, kind: ${kind}}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`;

const custom = (kind: string, name: string) =>
  `apiVersion: company.com/v1\nkind: ${kind}\nmetadata: {name: ${name}, labels: {set: pruned}}\nsomeField: x\n`;

/** The body of an answer, by TCP port or by the path of a socket. */
const body = (at: { port: number } | { socketPath: string }, path: string) =>
  new Promise<string>((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', path, ...at }, async (answer) => {
      resolve(Buffer.concat(await answer.toArray()).toString());
    });
    asking.on('error', reject);
    asking.end();
  });

/** The sig-cli group of upstream's conformance tests that needs no processes, with every kubectl this machine can get. */
describe.each(kubectls())('sig-cli with kubectl $minor', ({ path, minor }) => {
  let installed: Installation;
  let kubectl: BoundKubectl;
  const place = (name: string) => join(dirname(installed.kubeconfig), name);
  const file = (name: string, text: string) => {
    const at = place(name);
    writeFileSync(at, text);
    return at;
  };
  const read = (what: string, jsonpath: string) => kubectl('get', ...what.split('/'), '-o', `jsonpath=${jsonpath}`);
  const readyReplicas = (count: number) =>
    kubectl('wait', `--for=jsonpath={.status.readyReplicas}=${count}`, 'rc/agnhost-primary', '--timeout=60s');

  beforeAll(async () => {
    installed = installation();
    await installed.must('up', `c${minor.replace('.', '-')}`, '--runtime', 'simulated', '--nodes', '2');
    kubectl = bind(path, installed);
    await kubectl('create', '-f', file('controller.yaml', controller(2)));
    await readyReplicas(2);
  });
  afterAll(() => installed[Symbol.asyncDispose]());

  test('a replication controller is scaled down and up, and its pods are patched one by one', async () => {
    await kubectl('scale', 'rc', 'agnhost-primary', '--replicas=1', '--timeout=1m');
    await readyReplicas(1);
    await kubectl('scale', 'rc', 'agnhost-primary', '--replicas=2', '--timeout=1m');
    await readyReplicas(2);
    const stale = await kubectl.run(['scale', 'rc', 'agnhost-primary', '--current-replicas=7', '--replicas=3']);
    expect([stale.code, stale.stderr]).toEqual([1, expect.stringContaining('Expected replicas to be 7, was 2')]);
    const pods = (await kubectl('get', 'pods', '-l', 'app=agnhost', '-o', 'name')).trim().split('\n');
    for (const pod of pods) await kubectl('patch', pod, '-p', '{"metadata":{"annotations":{"x":"y"}}}');
    const annotations = 'jsonpath={.items[*].metadata.annotations.x}';
    expect(await kubectl('get', 'pods', '-l', 'app=agnhost', '-o', annotations)).toBe('y y');
  });

  test('a controller is exposed, and so is the service, with the endpoints of the pods', async () => {
    await kubectl('expose', 'rc', 'agnhost-primary', '--name=rm2', '--port=1234', '--target-port=6379');
    await kubectl('expose', 'service', 'rm2', '--name=rm3', '--port=2345', '--target-port=6379');
    for (const [name, port] of [
      ['rm2', '1234'],
      ['rm3', '2345'],
    ] as const) {
      expect(await read(`service/${name}`, '{.spec.ports[*].port}:{.spec.ports[*].targetPort}')).toBe(`${port}:6379`);
      await kubectl('wait', '--for=jsonpath={.subsets[0].ports[0].port}=6379', `endpoints/${name}`, '--timeout=60s');
      expect((await read(`endpoints/${name}`, '{.subsets[0].addresses[*].ip}')).split(' ')).toHaveLength(2);
    }
  });

  test('describe tells of pod, controller, service, node and namespace what there is to tell', async () => {
    const pod = (await kubectl('get', 'pods', '-l', 'app=agnhost', '-o', 'name')).trim().split('\n')[0]!;
    const told = async (what: string, ...lines: RegExp[]) => {
      const text = await kubectl('describe', ...what.split('/'));
      for (const line of lines) expect(text).toMatch(line);
    };
    await told(
      pod,
      /^Node:\s+node-\d\//m,
      /^Labels:\s+app=agnhost\n\s+role=primary/m,
      /^Status:\s+Running/m,
      /^IP:\s+10\./m,
      /^Controlled By:\s+ReplicationController\/agnhost-primary/m,
      /Image:\s+krill-test\/web:1/,
      /State:\s+Running/,
      /^QoS Class:\s+BestEffort/m,
      /Scheduled\s+\S+\s+default-scheduler\s+Successfully assigned/,
    );
    await told(
      'rc/agnhost-primary',
      /^Selector:\s+app=agnhost,role=primary/m,
      /^Replicas:\s+2 current \/ 2 desired/m,
      /^Pods Status:\s+2 Running \/ 0 Waiting \/ 0 Succeeded \/ 0 Failed/m,
      /SuccessfulCreate\s+\S+\s+replication-controller\s+Created pod: agnhost-primary-/,
    );
    await told('service/rm2', /^Type:\s+ClusterIP/m, /^IP:\s+10\./m, /^Endpoints:\s+10\.\S+:6379,10\.\S+:6379/m);
    await told(
      'node/node-1',
      /Type\s+Status\s+LastHeartbeatTime\s+LastTransitionTime\s+Reason\s+Message/,
      /^Capacity:\n\s+cpu:/m,
      /Kernel Version:/,
      /Container Runtime Version:/,
      /Kubelet Version:\s+v1\.36\./,
    );
    await told('namespace/default', /^Status:\s+Active/m, /^No resource quota\./m);
  });

  test('a pod is run, its image replaced in a dry run, which changes nothing, and then in earnest', async () => {
    await kubectl('run', 'once', '--restart=Never', '--image=krill-test/web:1');
    expect(await read('pod/once', '{.spec.restartPolicy} {.spec.containers[*].image}')).toBe('Never krill-test/web:1');
    await kubectl('run', 'httpd', '--image=krill-test/web:1', '--labels=run=httpd');
    await kubectl('wait', '--for=condition=Ready', 'pod/httpd', '--timeout=60s');
    const image = '{.spec.containers[0].image}';
    const changed = file('httpd.json', (await kubectl('get', 'pod', 'httpd', '-o', 'json')).replace('web:1', 'web:2'));
    await kubectl('replace', '-f', changed, '--dry-run=server');
    expect(await read('pod/httpd', image)).toBe('krill-test/web:1');
    await kubectl('replace', '-f', changed);
    expect(await read('pod/httpd', image)).toBe('krill-test/web:2');
    await kubectl('label', 'pods', 'httpd', 'testing-label=testing-label-value');
    expect(await kubectl('get', 'pod', 'httpd', '-L', 'testing-label')).toMatch(/TESTING-LABEL\n.*testing-label-value/);
    await kubectl('label', 'pods', 'httpd', 'testing-label-');
    expect(await kubectl('get', 'pod', 'httpd', '-L', 'testing-label')).not.toContain('testing-label-value');
  });

  test.each(['port', 'unix-socket'])('kubectl proxy serves the API on a %s', async (how) => {
    const socketPath = place('proxy.sock');
    const proxy = kubectl.follow('proxy', how === 'port' ? '--port=0' : `--unix-socket=${socketPath}`);
    try {
      const { value } = await proxy.lines[Symbol.asyncIterator]().next();
      const [, port] = /Starting to serve on (?:127\.0\.0\.1:(\d+)|\/)/.exec(value ?? '')!;
      const at = port ? { port: Number(port) } : { socketPath };
      expect(JSON.parse(await body(at, '/api/'))).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
      expect(JSON.parse(await body(at, '/api/v1/namespaces/default/services/rm2'))).toMatchObject({ kind: 'Service' });
    } finally {
      proxy.stop();
    }
  });

  test('cluster-info tells where the cluster is, and dumps all of it', async () => {
    expect(await kubectl('cluster-info')).toMatch(/Kubernetes control plane.* is running at .*https:\/\/127\.0\.0\.1/);
    expect(await kubectl('cluster-info', 'dump', '--namespaces=default')).toContain('"name": "agnhost-primary"');
  });

  test('apply --prune takes the kinds it is told, custom ones too, and an apply set knows its members', async () => {
    await kubectl.apply(`${definition('foos', 'Foo')}---\n${definition('bars', 'Bar')}`);
    await kubectl('wait', '--for=condition=Established', 'crd/foos.company.com', 'crd/bars.company.com');
    await kubectl.apply(`${custom('Foo', 'one')}---\n${custom('Bar', 'one')}`);
    const only = ['--prune', '-l', 'set=pruned', '--prune-allowlist', 'company.com/v1/Foo'];
    const pruned = await kubectl.apply(custom('Foo', 'two'), ...only);
    expect(pruned).toContain('foo.company.com/one pruned');
    expect((await kubectl('get', 'foos,bars', '-o', 'name')).trim().split('\n').sort()).toEqual([
      'bar.company.com/one',
      'foo.company.com/two',
    ]);
    const set = ['apply', '-n', 'default', '--prune', '--applyset=set', '-f', '-'];
    const alpha = { KUBECTL_APPLYSET: 'true' };
    const first = await kubectl.run(set, `${custom('Foo', 'three')}---\n${custom('Bar', 'three')}`, alpha);
    expect(first.code, first.stderr).toBe(0);
    const second = await kubectl.run(set, custom('Foo', 'three'), alpha);
    expect(second.stdout, second.stderr).toContain('bar.company.com/three pruned');
  });

  test('a manifest of which a part fails is applied as far as it goes', async () => {
    const several = `${custom('Nowhere', 'x')}---\n${controller(0, 'POD-B')}---\n${controller(0, 'late')}`;
    const { code, stdout, stderr } = await kubectl.run(['apply', '-f', '-'], several);
    expect(code).toBe(1);
    expect(stdout).toContain('replicationcontroller/late created');
    expect(stderr).toContain('no matches for kind "Nowhere" in version "company.com/v1"');
    expect(stderr).toContain('ReplicationController "POD-B" is invalid: metadata.name: Invalid value: "POD-B"');
  });

  test('a controller that is deleted leaves no pods', async () => {
    await kubectl('delete', '-f', place('controller.yaml'), '--grace-period=0', '--force');
    await kubectl('wait', '--for=delete', 'pods', '-l', 'app=agnhost', '--timeout=60s');
    expect((await kubectl('get', 'pods', '-l', 'app=agnhost', '-o', 'name')).trim()).toBe('');
  });
});
