import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BoundKubectl, bind, type Installation, installation } from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';

const map = (name: string, value: string, labels = '') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${labels}data:\n  key: v${value}\n`;
const labelled = (name: string, value: string) => map(name, value, '  labels:\n    set: pruned\n');

const deployment = (image: string, extra = '') => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: patched
spec:
  replicas: 0
  selector:
    matchLabels: {app: patched}
  template:
    metadata:
      labels: {app: patched}
    spec:
      containers:
      - name: one
        image: ${image}
${extra}`;

/** Every way kubectl has to change what is there, with every kubectl this machine can get. */
describe.each(kubectls())('kubectl $minor writes', ({ path, minor }) => {
  let installed: Installation;
  let kubectl: BoundKubectl;
  const folder = mkdtempSync(join(tmpdir(), 'krill-writes-'));
  const file = (name: string, text: string) => {
    const at = join(folder, name);
    writeFileSync(at, text);
    return at;
  };
  const editor = (name: string, script: string) => {
    const at = join(folder, name);
    writeFileSync(at, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return { KUBE_EDITOR: at };
  };
  const read = (what: string, jsonpath: string) => kubectl('get', ...what.split('/'), '-o', `jsonpath=${jsonpath}`);

  beforeAll(async () => {
    installed = installation();
    await installed.must('up', `w${minor.replace('.', '-')}`, '--runtime', 'simulated', '--nodes', '1');
    kubectl = bind(path, installed);
  });
  afterAll(() => installed[Symbol.asyncDispose]());

  test('apply --prune removes what is no longer in the set, and nothing else', async () => {
    await kubectl.apply(map('bystander', 'x'));
    await kubectl.apply(`${labelled('kept', '1')}---\n${labelled('dropped', '1')}`, '--prune', '-l', 'set=pruned');
    const printed = await kubectl.apply(labelled('kept', '2'), '--prune', '-l', 'set=pruned');
    expect(printed).toContain('configmap/kept configured');
    expect(printed).toContain('configmap/dropped pruned');
    expect(printed).not.toContain('bystander');
    expect((await kubectl.run(['get', 'configmap', 'dropped'])).stderr).toContain('"dropped" not found');
    expect(await read('configmap/bystander', '{.data.key}')).toBe('vx');
  });

  test('replace puts a whole object in place, refuses a stale one, and with --force makes it anew', async () => {
    await kubectl.apply(map('whole', 'one'));
    const before = await kubectl('get', 'configmap', 'whole', '-o', 'yaml');
    const uid = await read('configmap/whole', '{.metadata.uid}');
    await kubectl('replace', '-f', file('two.yaml', before.replace('key: vone', 'key: vtwo')));
    expect(await read('configmap/whole', '{.data.key}')).toBe('vtwo');
    const stale = await kubectl.run(['replace', '-f', file('stale.yaml', before.replace('key: vone', 'key: vthree'))]);
    expect(stale.code).toBe(1);
    expect(stale.stderr).toContain(
      'Operation cannot be fulfilled on configmaps "whole": the object has been modified; please apply your changes to the latest version and try again',
    );
    await kubectl('replace', '--force', '-f', file('forced.yaml', map('whole', 'four')));
    expect(await read('configmap/whole', '{.data.key}')).toBe('vfour');
    expect(await read('configmap/whole', '{.metadata.uid}')).not.toBe(uid);
  });

  test('patch of four types: json, merge, strategic and apply', async () => {
    await kubectl.apply(deployment('krill-test/web:1'));
    const patch = (type: string, body: string) =>
      kubectl('patch', 'deployment', 'patched', `--type=${type}`, '-p', body);
    await patch(
      'json',
      '[{"op":"test","path":"/spec/replicas","value":0},{"op":"add","path":"/metadata/labels","value":{"by":"json"}}]',
    );
    expect(await read('deployment/patched', '{.metadata.labels.by}')).toBe('json');
    await patch('merge', '{"metadata":{"labels":{"by":null,"merged":"yes"}}}');
    expect(await read('deployment/patched', '{.metadata.labels}')).toBe('{"merged":"yes"}');
    const second = '{"spec":{"template":{"spec":{"containers":[{"name":"two","image":"krill-test/web:2"}]}}}}';
    await patch('strategic', second);
    expect(await read('deployment/patched', '{.spec.template.spec.containers[*].name}')).toBe('two one');
    await patch('strategic', '{"spec":{"template":{"spec":{"containers":[{"name":"two","$patch":"delete"}]}}}}');
    expect(await read('deployment/patched', '{.spec.template.spec.containers[*].name}')).toBe('one');
    const applied = await kubectl.run(
      ['apply', '--server-side', '--field-manager=fourth', '-f', '-'],
      'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: patched\n  labels: {applied: "yes"}\n',
    );
    expect(applied.stdout, applied.stderr).toContain('deployment.apps/patched serverside-applied');
    expect(await read('deployment/patched', '{.metadata.labels}')).toBe('{"applied":"yes","merged":"yes"}');
    const failed = await kubectl.run([
      'patch',
      'deployment',
      'patched',
      '--type=json',
      '-p',
      '[{"op":"test","path":"/spec/replicas","value":7}]',
    ]);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/test/);
    const wrong = await kubectl.run(['patch', 'deployment', 'patched', '-p', '{"metadata":{"labels":"invalid"}}']);
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('cannot restore map from string')]);
    const same = await kubectl('patch', 'deployment', 'patched', '-p', '{"metadata":{"labels":{"merged":"yes"}}}');
    expect(same).toBe('deployment.apps/patched patched (no change)\n');
  });

  test('an immutable field stays as it is', async () => {
    const refused = await kubectl.run([
      'patch',
      'deployment',
      'patched',
      '--type=merge',
      '-p',
      '{"spec":{"selector":{"matchLabels":{"app":"other"}}}}',
    ]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /The Deployment "patched" is invalid: (.*\n)*\**\s*spec\.selector: Invalid value: .*: field is immutable/,
    );
  });

  test('edit saves a change, and gives an invalid one back with the reason', async () => {
    await kubectl.apply(map('edited', 'before'));
    const good = await kubectl.run(
      ['edit', 'configmap', 'edited'],
      undefined,
      editor('good.sh', 'sed -i "s/key: vbefore/key: vafter/" "$1"'),
    );
    expect(good.stdout, good.stderr).toContain('configmap/edited edited');
    expect(await read('configmap/edited', '{.data.key}')).toBe('vafter');
    // The second time the editor leaves the file alone, which ends the edit.
    const said = join(folder, 'said');
    const script = `grep -q "was not valid" "$1" && cp "$1" ${said} || sed -i "s/replicas: 0/replicas: -1/" "$1"`;
    const bad = await kubectl.run(['edit', 'deployment', 'patched'], undefined, editor('bad.sh', script));
    expect(bad.code).toBe(1);
    expect(readFileSync(said, 'utf8')).toContain(
      '# * spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    );
    expect(await read('deployment/patched', '{.spec.replicas}')).toBe('0');
  });

  test('--validate=strict refuses unknown and repeated fields, warn says so, ignore says nothing', async () => {
    const typo = deployment('krill-test/web:1', '        imagePulPolicy: Always\n');
    const strict = await kubectl.run(['apply', '--validate=strict', '-f', '-'], typo);
    expect(strict.code).toBe(1);
    expect(strict.stderr).toContain(
      'strict decoding error: unknown field "spec.template.spec.containers[0].imagePulPolicy"',
    );
    const warned = await kubectl.run(['apply', '--validate=warn', '-f', '-'], typo);
    expect(warned.code, warned.stderr).toBe(0);
    expect(warned.stderr).toContain('Warning: unknown field "spec.template.spec.containers[0].imagePulPolicy"');
    const ignored = await kubectl.run(['apply', '--validate=ignore', '-f', '-'], typo);
    expect(ignored.code, ignored.stderr).toBe(0);
    expect(ignored.stderr).not.toContain('Warning: unknown field');
    const odd = `${map('odd', '1')}dota: {}\n`;
    await kubectl.apply(map('odd', '0'));
    for (const verb of ['create', 'apply', 'replace']) {
      const { code, stderr } = await kubectl.run([verb, '--validate=strict', '-f', '-'], odd);
      expect([verb, code, stderr]).toEqual([verb, 1, expect.stringContaining('unknown field "dota"')]);
    }
    // Only what kubectl hands on as it is still has the same key twice.
    const twice = file('twice.json', '{"metadata":{"name":"twice"},"data":{"key":"a","key":"b"}}');
    const raw = '/api/v1/namespaces/default/configmaps?fieldValidation=';
    const refused = await kubectl.run(['create', '--raw', `${raw}Strict`, '-f', twice]);
    expect(refused.stderr).toContain('strict decoding error: duplicate field "data.key"');
    expect(await kubectl('create', '--raw', `${raw}Ignore`, '-f', twice)).toContain('"key":"b"');
  });

  test('status and scale are got, patched and edited as what they are', async () => {
    await kubectl.apply(deployment('krill-test/web:1').replace('name: patched', 'name: parted'));
    const patch = (subresource: string, type: string, body: string) =>
      kubectl('patch', 'deployment', 'parted', `--subresource=${subresource}`, `--type=${type}`, '-p', body);
    await patch('scale', 'merge', '{"spec":{"replicas":3}}');
    await patch(
      'scale',
      'json',
      '[{"op":"test","path":"/spec/replicas","value":3},{"op":"replace","path":"/spec/replicas","value":2}]',
    );
    expect(await read('deployment/parted', '{.spec.replicas}')).toBe('2');
    expect(
      await kubectl('get', 'deployment', 'parted', '--subresource=scale', '-o', 'jsonpath={.kind} {.spec.replicas}'),
    ).toBe('Scale 2');
    await patch('status', 'merge', '{"spec":{"replicas":9},"status":{"collisionCount":1}}');
    const both = '{.spec.replicas} {.status.collisionCount}';
    expect(await read('deployment/parted', both)).toBe('2 1');
    const edited = await kubectl.run(
      ['edit', 'deployment', 'parted', '--subresource=status'],
      undefined,
      editor('status.sh', 'sed -i "s/collisionCount: 1/collisionCount: 2/" "$1"'),
    );
    expect(edited.stdout, edited.stderr).toContain('deployment.apps/parted edited');
    expect(await read('deployment/parted', both)).toBe('2 2');
  });

  test('dry runs change nothing and say what would be', async () => {
    const dry = await kubectl.run(['apply', '--dry-run=server', '-f', '-'], map('dry', '1'));
    expect(dry.stdout, dry.stderr).toContain('configmap/dry created (server dry run)');
    expect((await kubectl.run(['get', 'configmap', 'dry'])).code).toBe(1);
  });

  test('explain tells what fields mean', async () => {
    const text = await kubectl('explain', 'deployment.spec.strategy.rollingUpdate.maxSurge');
    expect(text).toMatch(/KIND:\s+Deployment/);
    expect(text.replace(/\s+/g, ' ')).toMatch(/maximum number of pods that can be scheduled above the desired number/);
  });
});
