import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BoundKubectl, bind, type Installation, installation } from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';

const web = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        image: web:1
        resources:
          requests: {cpu: 100m}
`;

let installed: Installation;
let kubectl: BoundKubectl;

beforeAll(async () => {
  installed = installation();
  await installed.must('up', 'autoscale', '--runtime', 'simulated');
  kubectl = bind(kubectls().at(-1)!.path, installed);
  await kubectl.apply(web);
  await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
});
afterAll(() => installed[Symbol.asyncDispose]());

const uses = (cpu: string) => kubectl('annotate', 'pods', '-l', 'app=web', '--overwrite', `krill.dev/usage-cpu=${cpu}`);
const untilReplicas = (count: number) =>
  kubectl('wait', 'deployment/web', `--for=jsonpath={.status.readyReplicas}=${count}`, '--timeout=60s');

test('kubectl autoscale: a Deployment grows with what its pods use, and shrinks again', async () => {
  await uses('150m');
  await kubectl('autoscale', 'deployment', 'web', '--cpu-percent=50', '--min=1', '--max=3');
  await untilReplicas(3);
  const rescaled = '{.status.conditions[?(@.type=="AbleToScale")].status}';
  await kubectl('wait', 'hpa/web', `--for=jsonpath=${rescaled}=True`, '--timeout=30s');
  expect(await kubectl('get', 'hpa', 'web')).toMatch(/web\s+Deployment\/web\s+cpu: \d+%\/50%\s+1\s+3\s/);
  const described = await kubectl('describe', 'hpa', 'web');
  expect(described).toContain('New size: 3; reason: cpu resource utilization (percentage of request) above target');
  const atOnce = '{"spec":{"behavior":{"scaleDown":{"stabilizationWindowSeconds":0}}}}';
  await kubectl('patch', 'hpa', 'web', '--type=merge', '-p', atOnce);
  await uses('5m');
  await untilReplicas(1);
  expect(await kubectl('describe', 'hpa', 'web')).toContain('New size: 1; reason: All metrics below target');
});
