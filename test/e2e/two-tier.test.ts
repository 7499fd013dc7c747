import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type BoundKubectl,
  bind,
  buildTestImages,
  dockerAnswers,
  type Installation,
  installation,
} from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';

/** A two-tier application on two Docker nodes answers through DNS and a NodePort while its pods are deleted. */
describe.runIf(dockerAnswers())('a two-tier application on two nodes', () => {
  let installed: Installation;
  let kubectl: BoundKubectl;

  beforeAll(async () => {
    buildTestImages();
    installed = installation();
    await installed.must('up', 'two', '--runtime', 'docker', '--nodes', '2');
    kubectl = bind(kubectls()[0]!.path, installed);
  });

  afterAll(() => installed[Symbol.asyncDispose]());

  test('answers through DNS and a NodePort while its pods are deleted one by one', async () => {
    await kubectl.apply(readFileSync(new URL('two-tier.yaml', import.meta.url), 'utf8'));
    await kubectl('rollout', 'status', 'deployment/store', '--timeout=90s');
    await kubectl('rollout', 'status', 'deployment/front', '--timeout=90s');

    const addresses = (
      await kubectl(
        'get',
        'nodes',
        '-o',
        'jsonpath={range .items[*]}{.status.addresses[?(@.type=="InternalIP")].address}{"\\n"}{end}',
      )
    )
      .trim()
      .split('\n');
    expect(addresses.length).toBe(2);
    await kubectl('run', 'client', '--image=krill-test/web:1', '--', 'sleep', '3600');
    await kubectl('wait', '--for=condition=Ready', 'pod/client', '--timeout=60s');

    const expected = ['hello from the config', 'served from a ConfigMap volume', 'store:s3cret'];
    const ask = async (host: string) =>
      kubectl.run(['exec', 'client', '--', 'wget', '-qO-', `http://${host}/cgi-bin/front`]);
    for (const host of ['front', 'front.default.svc.cluster.local', ...addresses.map((a) => `${a}:30080`)]) {
      const answer = await ask(host);
      for (const line of expected) expect(answer.stdout, `${host}: ${answer.stderr}`).toContain(line);
    }

    const pods = (await kubectl('get', 'pods', '-l', 'app=front', '-o', 'name')).trim().split('\n');
    for (const pod of pods) {
      await kubectl('delete', pod, '--wait=false');
      const answer = await ask('front');
      expect(answer.stdout, answer.stderr).toContain('store:s3cret');
      await kubectl('rollout', 'status', 'deployment/front', '--timeout=90s');
    }
    const store = (await kubectl('get', 'pods', '-l', 'app=store', '-o', 'name')).trim();
    await kubectl('delete', store);
    await kubectl('rollout', 'status', 'deployment/store', '--timeout=90s');
    await kubectl('rollout', 'status', 'deployment/front', '--timeout=90s');
    expect((await ask('front')).stdout).toContain('store:s3cret');
  });
});
