import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BoundKubectl, bind, type Installation, installation } from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';

const guarded = `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  minAvailable: 100%
  selector:
    matchLabels: {app: web}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: web
        image: web:1
`;

describe.each(kubectls())('kubectl $minor drain', ({ path, minor }) => {
  let installed: Installation;
  let kubectl: BoundKubectl;

  beforeAll(async () => {
    installed = installation();
    await installed.must('up', `d${minor.replace('.', '-')}`, '--runtime', 'simulated', '--nodes', '2');
    kubectl = bind(path, installed);
  });
  afterAll(() => installed[Symbol.asyncDispose]());

  test('stops at a disruption budget, and goes on when the budget lets it', async () => {
    await kubectl.apply(guarded);
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    await kubectl('wait', 'pdb/web', '--for=jsonpath={.status.currentHealthy}=2', '--timeout=30s');
    expect(await kubectl('get', 'pdb', 'web')).toMatch(/web\s+100%\s+N\/A\s+0\s/);
    const names = (await kubectl('get', 'pods', '-l', 'app=web', '-o', 'name')).trim().split('\n');
    const node = await kubectl('get', names[0]!, '-o', 'jsonpath={.spec.nodeName}');
    const there = async () =>
      (await kubectl('get', 'pods', '-l', 'app=web', '-o', 'name', '--field-selector', `spec.nodeName=${node}`)).trim();
    const before = await there();

    const refused = await kubectl.run(['drain', node, '--ignore-daemonsets', '--force', '--timeout=3s']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("Cannot evict pod as it would violate the pod's disruption budget.");
    expect(await there()).toBe(before);

    await kubectl('patch', 'pdb', 'web', '--type=merge', '-p', '{"spec":{"minAvailable":"50%"}}');
    await kubectl('drain', node, '--ignore-daemonsets', '--force', '--timeout=60s');
    expect(await there()).toBe('');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    await kubectl('wait', 'pdb/web', '--for=jsonpath={.status.currentHealthy}=2', '--timeout=30s');
  });
});
