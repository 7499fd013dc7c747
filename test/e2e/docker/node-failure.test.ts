import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type BoundKubectl,
  bind,
  buildTestImages,
  dockerAnswers,
  type Installation,
  installation,
} from '../../kit/krill.ts';
import { kubectls } from '../../kit/kubectl.ts';

const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 0
      tolerations:
      - {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 1}
      - {key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 1}
      containers:
      - {name: web, image: "krill-test/web:1"}
`;

describe.skipIf(!dockerAnswers())('a node that dies', () => {
  let installed: Installation;
  let kubectl: BoundKubectl;
  const nodesOf = async () =>
    (await kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].spec.nodeName}'))
      .trim()
      .split(' ')
      .sort();

  beforeAll(async () => {
    buildTestImages();
    installed = installation();
    await installed.must('up', 'dies', '--runtime', 'docker', '--nodes', '2');
    kubectl = bind(kubectls().at(-1)!.path, installed);
  });
  afterAll(() => installed?.[Symbol.asyncDispose]());

  test('its pods run elsewhere when it has been silent for long, and it is used again when it is back', async () => {
    await kubectl.apply(web);
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    expect(await nodesOf()).toEqual(['node-1', 'node-2']);

    execFileSync('docker', ['kill', 'krill_dies_node_node-2'], { stdio: 'ignore' });
    await kubectl('wait', 'node/node-2', '--for=condition=Ready=Unknown', '--timeout=90s');
    const taints = await kubectl('get', 'node', 'node-2', '-o', 'jsonpath={.spec.taints[*].key}');
    expect(taints).toContain('node.kubernetes.io/unreachable');
    // The pod of the dead node is deleted, but stays to be seen until its node says that it has ended.
    const alive = '{.status.readyReplicas}';
    await kubectl('wait', 'deployment/web', `--for=jsonpath=${alive}=2`, '--timeout=60s');
    const running = await kubectl(
      'get',
      'pods',
      '-l',
      'app=web',
      '--field-selector',
      'spec.nodeName=node-1',
      '-o',
      'name',
    );
    expect(running.trim().split('\n')).toHaveLength(2);

    execFileSync('docker', ['start', 'krill_dies_node_node-2'], { stdio: 'ignore' });
    await kubectl('wait', 'node/node-2', '--for=condition=Ready', '--timeout=60s');
    await kubectl('scale', 'deployment/web', '--replicas=3');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    expect(await nodesOf()).toContain('node-2');
  });
});
