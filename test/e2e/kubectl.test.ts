import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BoundKubectl, bind, type Installation, installation } from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';

/** Resources of groups that hold nothing current. */
const onlyOld = [
  'daemonsets.extensions',
  'deployments.extensions',
  'ingresses.extensions',
  'networkpolicies.extensions',
  'podpresets.settings.k8s.io',
  'replicasets.extensions',
];

/** What a metrics-server would serve. */
const metrics = ['nodes.metrics.k8s.io', 'pods.metrics.k8s.io'];

/** What comes with simulated nodes. */
const stages = ['stages.kwok.x-k8s.io'];

/** Everyday kubectl against simulated nodes: what a user types all day, with every kubectl this machine can get. */
describe.each(kubectls())('kubectl $minor', ({ path, minor }) => {
  let installed: Installation;
  let kubectl: BoundKubectl;

  beforeAll(async () => {
    installed = installation();
    await installed.must('up', `k${minor.replace('.', '-')}`, '--runtime', 'simulated', '--nodes', '2');
    kubectl = bind(path, installed);
    await kubectl('create', 'deployment', 'web', '--image=krill-test/web:1', '--replicas=2');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
  });

  afterAll(() => installed[Symbol.asyncDispose]());

  test('api-resources lists what a v1.36 server lists, and the groups of old versions', async () => {
    const listed = (await kubectl('api-resources', '--no-headers', '-o', 'name')).trim().split('\n').sort();
    const expected = readFileSync(new URL('../fixtures/api-resources.txt', import.meta.url), 'utf8')
      .trim()
      .split('\n');
    expect(listed).toEqual([...expected, ...onlyOld, ...metrics, ...stages].sort());
  });

  test('api-versions and version', async () => {
    expect(await kubectl('api-versions')).toMatch(/^apps\/v1$/m);
    expect(await kubectl('version')).toMatch(/Server Version: v1\.36\./);
  });

  test('explain', async () => {
    expect(await kubectl('explain', 'deployment.spec.template.spec', '--recursive')).toMatch(
      /containers\s+<\[\]Container>/,
    );
    expect(await kubectl('explain', 'pods')).toMatch(/KIND:\s+Pod/);
  });

  test('get all -A, wide, sorted, by label and field', async () => {
    expect(await kubectl('get', 'all', '-A')).toMatch(/default\s+deployment\.apps\/web\s+2\/2\s+2\s+2/);
    expect(await kubectl('get', 'pods', '-o', 'wide', '--sort-by=.metadata.name')).toMatch(/Running/);
    expect(
      await kubectl('get', 'pods', '--field-selector=status.phase=Running', '-l', 'app in (web)', '--no-headers'),
    ).toMatch(/web-/);
    expect(await kubectl('get', 'nodes')).toMatch(/Ready\s+\S+\s+\S+\s+v1\.36\./);
  });

  test.each(['deployment/web', 'nodes', 'pods', 'service/kubernetes', 'namespace/default'])(
    'describe %s',
    async (what) => {
      const text = await kubectl('describe', ...what.split('/'));
      expect(text).toMatch(/^Name:\s+/m);
    },
  );

  test('apply, diff, apply again, edit, label, annotate, patch, replace, delete', async () => {
    const manifest = (value: string) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  key: ${value}\n`;
    expect(await kubectl.apply(manifest('one'))).toContain('configmap/settings created');
    expect(await kubectl.apply(manifest('one'))).toContain('configmap/settings unchanged');
    const diff = await kubectl.run(['diff', '-f', '-'], manifest('two'));
    expect(diff.code, diff.stderr).toBe(1);
    expect(diff.stdout).toMatch(/^\+\s+key: two$/m);
    expect(await kubectl.apply(manifest('two'))).toContain('configmap/settings configured');
    const editor = join(dirname(installed.kubeconfig), 'editor.sh');
    writeFileSync(editor, '#!/bin/sh\nsed -i "s/key: two/key: three/" "$1"\n', { mode: 0o755 });
    const edited = await kubectl.run(['edit', 'configmap', 'settings'], undefined, { KUBE_EDITOR: editor });
    expect(edited.stdout, edited.stderr).toContain('configmap/settings edited');
    expect(await kubectl('get', 'configmap', 'settings', '-o', 'jsonpath={.data.key}')).toBe('three');
    await kubectl('label', 'configmap', 'settings', 'tier=low');
    await kubectl('annotate', 'configmap', 'settings', 'note=yes');
    await kubectl('patch', 'configmap', 'settings', '--type=merge', '-p', '{"data":{"more":"1"}}');
    await kubectl(
      'patch',
      'configmap',
      'settings',
      '--type=json',
      '-p',
      '[{"op":"add","path":"/data/json","value":"2"}]',
    );
    await kubectl('patch', 'configmap', 'settings', '-p', '{"data":{"strategic":"3"}}');
    const data = JSON.parse(await kubectl('get', 'configmap', 'settings', '-o', 'jsonpath={.data}'));
    expect(data).toMatchObject({ more: '1', json: '2', strategic: '3' });
    expect(await kubectl('get', 'configmap', 'settings', '--show-labels')).toContain('tier=low');
    await kubectl('delete', 'configmap', 'settings');
  });

  test('rollout history, pause, resume, restart, undo and status', async () => {
    await kubectl('set', 'image', 'deployment/web', 'web=krill-test/web:2');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    await kubectl('rollout', 'pause', 'deployment/web');
    await kubectl('rollout', 'resume', 'deployment/web');
    await kubectl('rollout', 'restart', 'deployment/web');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    await kubectl('rollout', 'undo', 'deployment/web', '--to-revision=1');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    expect(await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}')).toBe(
      'krill-test/web:1',
    );
  });

  test('wait, scale, expose and delete', async () => {
    await kubectl('scale', 'deployment/web', '--replicas=3');
    await kubectl('wait', '--for=jsonpath={.status.readyReplicas}=3', 'deployment/web', '--timeout=60s');
    await kubectl('expose', 'deployment', 'web', '--port=80');
    expect(await kubectl('get', 'service', 'web')).toMatch(/ClusterIP\s+10\./);
    await kubectl('delete', 'service', 'web');
  });

  test('auth can-i and whoami', async () => {
    expect((await kubectl('auth', 'can-i', 'create', 'pods')).trim()).toBe('yes');
    const other = await kubectl.run(['auth', 'can-i', 'create', 'pods', '--as=system:serviceaccount:default:default']);
    expect(other.stdout.trim()).toBe('no');
    expect(await kubectl('auth', 'whoami')).toContain('system:masters');
  });

  test('get --watch prints changes as they come', async () => {
    const watch = kubectl.follow(
      'get',
      'configmaps',
      '-w',
      '--output-watch-events',
      '--no-headers',
      '--field-selector=metadata.name=watched',
    );
    const lines = watch.lines[Symbol.asyncIterator]();
    const first = lines.next();
    await kubectl('create', 'configmap', 'watched');
    expect((await first).value).toMatch(/ADDED\s+watched\s+0/);
    await kubectl('delete', 'configmap', 'watched');
    expect((await lines.next()).value).toMatch(/DELETED\s+watched/);
    watch.stop();
  });

  test('a namespace goes with everything in it', async () => {
    await kubectl('create', 'namespace', 'doomed');
    await kubectl('-n', 'doomed', 'create', 'deployment', 'web', '--image=krill-test/web:1');
    await kubectl('-n', 'doomed', 'create', 'configmap', 'left');
    await kubectl('delete', 'namespace', 'doomed', '--timeout=60s');
    expect((await kubectl.run(['get', 'namespace', 'doomed'])).stderr).toContain('NotFound');
  });
});
