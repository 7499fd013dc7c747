import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BoundKubectl, bind, type Installation, installation } from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';

const pod = (name: string, cpu: string, priorityClass: string) => `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  priorityClassName: ${priorityClass}
  terminationGracePeriodSeconds: 0
  containers:
  - name: app
    image: app:1
    resources: {requests: {cpu: "${cpu}"}}
`;

const priority = (name: string, value: number) => `apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: ${name}}
value: ${value}
`;

const map = (name: string, uid: string, owner: string) => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  ownerReferences:
  - {apiVersion: v1, kind: ConfigMap, name: ${owner}, uid: ${uid}, blockOwnerDeletion: true}
`;

describe.each(kubectls())('kubectl $minor: what the cluster does by itself', ({ path, minor }) => {
  let installed: Installation;
  let kubectl: BoundKubectl;
  const read = (what: string, jsonpath: string) => kubectl('get', ...what.split('/'), '-o', `jsonpath=${jsonpath}`);

  beforeAll(async () => {
    installed = installation();
    await installed.must('up', `u${minor.replace('.', '-')}`, '--runtime', 'simulated', '--nodes', '1');
    kubectl = bind(path, installed);
  });
  afterAll(() => installed[Symbol.asyncDispose]());

  test('an important pod takes the place of a lesser one, which is told why', async () => {
    await kubectl.apply([priority('low', 10), priority('high', 1000)].join('---\n'));
    await kubectl.apply(pod('lesser', '20', 'low'));
    await kubectl('wait', 'pod/lesser', '--for=condition=Ready', '--timeout=30s');
    const gone = kubectl('wait', 'pod/lesser', '--for=delete', '--timeout=30s');
    await kubectl.apply(pod('important', '20', 'high'));
    await kubectl('wait', 'pod/important', '--for=condition=Ready', '--timeout=30s');
    await gone;
    expect(await kubectl('events', '--for', 'pod/lesser')).toMatch(/Preempted\s+Pod\/lesser\s+Preempted by pod/);

    await kubectl.apply(pod('waits', '20', 'low'));
    await kubectl('wait', 'pod/waits', '--for=jsonpath={.status.conditions[0].reason}=Unschedulable', '--timeout=30s');
    const [message] = [await read('pod/waits', '{.status.conditions[0].message}')];
    expect(message).toMatch(
      /^0\/1 nodes are available: 1 Insufficient cpu\. no new claims to deallocate, preemption: 0\/1 nodes are available/,
    );
    await kubectl('delete', 'pod', 'important', 'waits');
  });

  test('a namespace waits for what is held in it, and says what', async () => {
    await kubectl('create', 'namespace', 'held');
    await kubectl('create', 'configmap', 'kept', '-n', 'held');
    await kubectl('create', 'secret', 'generic', 'free', '-n', 'held');
    await kubectl('patch', 'configmap', 'kept', '-n', 'held', '--type=merge', '-p', finalizers('["example.com/hold"]'));
    await kubectl('delete', 'namespace', 'held', '--wait=false');
    await kubectl('wait', 'secret/free', '-n', 'held', '--for=delete', '--timeout=30s');
    const condition = '{.status.conditions[?(@.type=="NamespaceFinalizersRemaining")].message}';
    await kubectl('wait', 'namespace/held', '--for=condition=NamespaceFinalizersRemaining', '--timeout=30s');
    expect(await read('namespace/held', condition)).toBe(
      'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
    );
    expect(await read('namespace/held', '{.status.phase}')).toBe('Terminating');
    const late = await kubectl.run(['create', 'configmap', 'late', '-n', 'held']);
    expect(late.stderr).toContain('because it is being terminated');
    await kubectl('patch', 'configmap', 'kept', '-n', 'held', '--type=merge', '-p', finalizers('null'));
    await kubectl('wait', 'namespace/held', '--for=delete', '--timeout=30s');
  });

  test('objects that own one another go when one of them is deleted', async () => {
    await kubectl('create', 'configmap', 'a');
    await kubectl.apply(map('b', await read('configmap/a', '{.metadata.uid}'), 'a'));
    await kubectl.apply(map('a', await read('configmap/b', '{.metadata.uid}'), 'b'));
    await kubectl('delete', 'configmap', 'a', '--cascade=foreground', '--timeout=30s');
    await kubectl('wait', 'configmap/b', '--for=delete', '--timeout=30s');
    expect((await kubectl('get', 'configmaps', 'a', 'b', '--ignore-not-found')).trim()).toBe('');
  });
});

const finalizers = (list: string) => `{"metadata":{"finalizers":${list}}}`;
