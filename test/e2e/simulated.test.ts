import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BoundKubectl, bind, type Installation, installation } from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';
import { chaosStages, podStages } from '../kit/stages.ts';

const fakeNode = `apiVersion: v1
kind: Node
metadata:
  name: kwok-node-0
  annotations: {kwok.x-k8s.io/node: fake}
  labels: {type: kwok}
spec:
  taints:
  - {key: kwok.x-k8s.io/node, value: fake, effect: NoSchedule}
status:
  allocatable: {cpu: 4, memory: 8Gi, pods: 110, nvidia.com/gpu: 8}
  capacity: {cpu: 4, memory: 8Gi, pods: 110, nvidia.com/gpu: 8}
  nodeInfo: {architecture: amd64, operatingSystem: linux, kubeletVersion: fake, kubeProxyVersion: fake}
  phase: Running
`;

const gpuPod = `apiVersion: v1
kind: Pod
metadata: {name: train}
spec:
  tolerations:
  - {key: kwok.x-k8s.io/node, operator: Exists}
  containers:
  - name: train
    image: train:1
    resources: {limits: {nvidia.com/gpu: 4}}
`;

describe.each(kubectls())('kubectl $minor and simulated nodes', ({ path, minor }) => {
  const name = `s${minor.replace('.', '-')}`;
  let installed: Installation;
  let kubectl: BoundKubectl;

  beforeAll(async () => {
    installed = installation();
    await installed.must('up', name, '--runtime', 'simulated', '--nodes', '2');
    kubectl = bind(path, installed);
  });
  afterAll(() => installed[Symbol.asyncDispose]());

  test('a Job completes, or fails when it is asked to', async () => {
    await kubectl('create', 'job', 'fine', '--image=work:1');
    await kubectl('wait', 'job/fine', '--for=condition=Complete', '--timeout=30s');
    expect(await kubectl('get', 'pods', '-l', 'job-name=fine')).toMatch(/0\/1\s+Completed\s+0/);
    const job = await kubectl('create', 'job', 'bad', '--image=work:1', '--dry-run=client', '-o', 'json');
    const { spec, ...rest } = JSON.parse(job);
    spec.backoffLimit = 0;
    spec.template.metadata = { annotations: { 'krill.dev/exit-code': '3' } };
    await kubectl.apply(JSON.stringify({ ...rest, spec }));
    await kubectl('wait', 'job/bad', '--for=condition=Failed', '--timeout=30s');
    expect(await kubectl('get', 'pods', '-l', 'job-name=bad')).toMatch(/0\/1\s+Error\s+0/);
  });

  test('a Deployment is unready on demand, comes back, and crashes on demand', async () => {
    await kubectl('create', 'deployment', 'web', '--image=web:1');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=30s');
    const ready = '--for=condition=Ready';
    await kubectl('annotate', 'pod', '-l', 'app=web', 'krill.dev/ready=false');
    await kubectl('wait', 'pod', '-l', 'app=web', `${ready}=false`, '--timeout=30s');
    await kubectl('annotate', 'pod', '-l', 'app=web', 'krill.dev/ready-');
    await kubectl('wait', 'pod', '-l', 'app=web', ready, '--timeout=30s');
    await kubectl('annotate', 'pod', '-l', 'app=web', 'krill.dev/exit-code=137');
    const reason = '{.status.containerStatuses[0].state.waiting.reason}';
    await kubectl('wait', 'pod', '-l', 'app=web', `--for=jsonpath=${reason}=CrashLoopBackOff`, '--timeout=30s');
    expect(await kubectl('get', 'pod', '-l', 'app=web')).toMatch(/0\/1\s+CrashLoopBackOff\s+1/);
  });

  test('a fake node is adopted with what it claims to have', async () => {
    await kubectl.apply(fakeNode);
    await kubectl('wait', 'node/kwok-node-0', '--for=condition=Ready', '--timeout=30s');
    expect(await kubectl('get', 'node', 'kwok-node-0')).toMatch(/Ready\s+<none>\s+\S+\s+fake/);
    await kubectl.apply(gpuPod);
    await kubectl('wait', 'pod/train', '--for=condition=Ready', '--timeout=30s');
    expect(await kubectl('get', 'pod', 'train', '-o', 'jsonpath={.spec.nodeName}')).toBe('kwok-node-0');
    expect(await kubectl('describe', 'node', 'kwok-node-0')).toMatch(/nvidia.com\/gpu\s+4\s+4/);
    expect(await installed.must('status', name)).toMatch(/^nodes\s+3 of 3 Ready$/m);
    expect(await installed.must('list')).toMatch(/ready\s+simulated\s+3\s/);
  });

  test('stages are applied, explained, and act', async () => {
    await kubectl.apply(podStages);
    await kubectl('wait', 'stage', '--all', '--for=condition=Accepted', '--timeout=30s');
    expect(await kubectl('get', 'stages')).toMatch(/pod-runs\s+Pod\s+True/);
    expect(await kubectl('explain', 'stage.spec.delay')).toContain('jitterDurationMilliseconds');
    await kubectl('run', 'staged', '--image=web:1');
    await kubectl('wait', 'pod/staged', '--for=condition=Ready', '--timeout=30s');
    expect(await kubectl('get', 'events')).toContain('staged runs');
    await kubectl.apply(chaosStages);
    await kubectl('annotate', 'pod', 'staged', 'fails/delay=1ms', 'fails/why=Asked');
    await kubectl('label', 'pod', 'staged', 'fails=true');
    await kubectl('wait', 'pod/staged', '--for=jsonpath={.status.phase}=Failed', '--timeout=30s');
    expect(await kubectl('get', 'pod', 'staged')).toMatch(/0\/1\s+Asked/);
    await kubectl('delete', 'pod', 'staged', '--timeout=30s');
    await kubectl('delete', 'stages', '--all');
    await kubectl('run', 'plain', '--image=web:1');
    await kubectl('wait', 'pod/plain', '--for=condition=Ready', '--timeout=30s');
  });
});
