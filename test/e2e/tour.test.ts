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

/** The block at the top of the README, as printed, with every kubectl this machine can get. */
describe.runIf(dockerAnswers())('the tour on a Docker node', () => {
  let installed: Installation;

  beforeAll(async () => {
    buildTestImages();
    installed = installation();
    await installed.must('up', '--runtime', 'docker');
  });

  afterAll(() => installed[Symbol.asyncDispose]());

  test.each(kubectls())('kubectl $minor', async ({ minor, path }) => {
    const kubectl = bind(path, installed);
    const namespace = `tour-${minor.replace('.', '-')}`;
    await kubectl('create', 'namespace', namespace);
    await kubectl('config', 'set-context', '--current', '--namespace', namespace);

    await kubectl('create', 'deployment', 'web', '--image=krill-test/web:1', '--replicas=3');
    expect(await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s')).toContain('successfully rolled out');

    await kubectl('expose', 'deployment', 'web', '--port=80', '--target-port=8080');
    const answer = await kubectl(
      'run',
      '-i',
      '--rm',
      'try',
      '--image=krill-test/web:1',
      '--',
      'wget',
      '-qO-',
      'http://web',
    );
    expect(answer).toMatch(/web-[a-z0-9]+-[a-z0-9]{5}/);

    expect(await kubectl('logs', 'deploy/web')).not.toBe('');
    const shell = await kubectl.run(['exec', '-i', 'deploy/web', '--', 'sh'], 'echo in:$(hostname); exit 7\n');
    expect(shell.stdout).toMatch(/^in:web-/);
    expect(shell.code).toBe(7);
    expect(await kubectl('get', 'pods', '-o', 'wide')).toMatch(/web-\S+\s+1\/1\s+Running\s+0/);

    await kubectl('scale', 'deployment', 'web', '--replicas=5');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    expect(
      (await kubectl('get', 'pods', '-l', 'app=web', '-o', 'name')).trim().split('\n').length,
    ).toBeGreaterThanOrEqual(5);

    await kubectl('set', 'image', 'deployment/web', 'web=krill-test/web:2');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    await kubectl('rollout', 'undo', 'deployment/web');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    expect(await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}')).toBe(
      'krill-test/web:1',
    );
    expect(await kubectl('rollout', 'history', 'deployment/web')).toMatch(/REVISION/);

    await kubectl('delete', 'deployment', 'web');
    await kubectl('delete', 'namespace', namespace);
  });
});

describe('the tour on simulated nodes', () => {
  let installed: Installation;
  let kubectl: BoundKubectl;

  beforeAll(async () => {
    installed = installation();
    await installed.must('up', 'sim', '--runtime', 'simulated');
  });

  afterAll(() => installed[Symbol.asyncDispose]());

  test.each(kubectls())('kubectl $minor', async ({ minor, path }) => {
    kubectl = bind(path, installed);
    const namespace = `tour-${minor.replace('.', '-')}`;
    await kubectl('create', 'namespace', namespace);
    await kubectl('config', 'set-context', '--current', '--namespace', namespace);
    await kubectl('create', 'deployment', 'web', '--image=krill-test/web:1', '--replicas=3');
    expect(await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s')).toContain('successfully rolled out');
    await kubectl('expose', 'deployment', 'web', '--port=80', '--target-port=8080');
    expect(await kubectl('get', 'endpointslices')).toMatch(/web-\S+\s+IPv4\s+8080/);
    await kubectl('scale', 'deployment', 'web', '--replicas=5');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    await kubectl('set', 'image', 'deployment/web', 'web=krill-test/web:2');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    await kubectl('rollout', 'undo', 'deployment/web');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    expect(await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}')).toBe(
      'krill-test/web:1',
    );
    const logs = await kubectl.run(['logs', 'deploy/web']);
    expect(logs.code).not.toBe(0);
    expect(logs.stderr).toContain('simulated');
    await kubectl('delete', 'deployment', 'web');
    await kubectl('delete', 'namespace', namespace);
  });
});
