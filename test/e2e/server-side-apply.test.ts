import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BoundKubectl, bind, type Installation, installation } from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';

/** Server-side apply as people use it, with every kubectl this machine can get. Nobody rolls anything out here. */
describe.each(kubectls())('server-side apply, kubectl $minor', ({ path, minor }) => {
  let installed: Installation;
  let kubectl: BoundKubectl;

  beforeAll(async () => {
    installed = installation();
    await installed.must('up', `a${minor.replace('.', '-')}`, '--runtime', 'simulated', '--nodes', '1');
    kubectl = bind(path, installed);
  });

  afterAll(() => installed[Symbol.asyncDispose]());

  const map = (name: string, data: Record<string, string>) =>
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
  const deployment = (name: string, replicas: number | undefined, image = 'krill-test/web:1') =>
    JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        ...(replicas !== undefined && { replicas }),
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image }] } },
      },
    });
  const server = (manifest: string, ...args: string[]) =>
    kubectl.run(['apply', '--server-side', '-f', '-', ...args], manifest);
  const managers = async (what: string) =>
    (
      await kubectl(
        'get',
        what,
        '--show-managed-fields',
        '-o',
        'jsonpath={range .metadata.managedFields[*]}{.manager} {.operation} {.subresource}{"\\n"}{end}',
      )
    )
      .trim()
      .split('\n')
      .map((line) => line.trim());

  test('creates, changes and leaves alone', async () => {
    expect(await server(map('one', { a: '1' }))).toMatchObject({
      code: 0,
      stdout: 'configmap/one serverside-applied\n',
    });
    expect(await managers('configmap/one')).toEqual(['kubectl Apply']);
    await server(map('one', { b: '2' }));
    expect(await kubectl('get', 'configmap', 'one', '-o', 'jsonpath={.data}')).toBe('{"b":"2"}');
    const before = await kubectl('get', 'configmap', 'one', '-o', 'jsonpath={.metadata.resourceVersion}');
    await server(map('one', { b: '2' }));
    expect(await kubectl('get', 'configmap', 'one', '-o', 'jsonpath={.metadata.resourceVersion}')).toBe(before);
  });

  test('says with whom a field conflicts, and takes it by force', async () => {
    await server(map('two', { a: '1' }), '--field-manager=first');
    const refused = await server(map('two', { a: '2' }), '--field-manager=second');
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('Apply failed with 1 conflict: conflict with "first": .data.a');
    expect(refused.stderr).toContain('--force-conflicts');
    expect((await server(map('two', { a: '2' }), '--field-manager=second', '--force-conflicts')).code).toBe(0);
    expect(await managers('configmap/two')).toEqual(['second Apply']);
  });

  test('a shared field stays until its last manager lets go', async () => {
    await server(map('three', { a: '1', b: '1' }), '--field-manager=first');
    await server(map('three', { a: '1' }), '--field-manager=second');
    await server(map('three', {}), '--field-manager=first');
    expect(await kubectl('get', 'configmap', 'three', '-o', 'jsonpath={.data}')).toBe('{"a":"1"}');
    await server(map('three', {}), '--field-manager=second');
    expect(await kubectl('get', 'configmap', 'three', '-o', 'jsonpath={.data}')).toBe('');
  });

  test('diff shows what an apply would do, and does nothing', async () => {
    await server(map('four', { a: '1' }));
    const same = await kubectl.run(['diff', '--server-side', '-f', '-'], map('four', { a: '1' }));
    expect(same.code).toBe(0);
    const other = await kubectl.run(['diff', '--server-side', '-f', '-'], map('four', { a: '2' }));
    expect(other.code).toBe(1);
    expect(other.stdout).toMatch(/^-\s+a: "1"$/m);
    expect(other.stdout).toMatch(/^\+\s+a: "2"$/m);
    expect(await kubectl('get', 'configmap', 'four', '-o', 'jsonpath={.data.a}')).toBe('1');
  });

  test('dry run', async () => {
    const shown = await server(map('five', { a: '1' }), '--dry-run=server');
    expect(shown.stdout).toBe('configmap/five serverside-applied (server dry run)\n');
    expect((await kubectl.run(['get', 'configmap', 'five'])).code).not.toBe(0);
  });

  test('moves from client-side to server-side apply and back', async () => {
    await kubectl.apply(deployment('six', 1));
    expect(await managers('deployment/six')).toContain('kubectl-client-side-apply Update');
    const moved = await server(deployment('six', 2));
    expect(moved).toMatchObject({ code: 0, stdout: 'deployment.apps/six serverside-applied\n' });
    expect(await managers('deployment/six')).toContain('kubectl Apply');
    expect(await managers('deployment/six')).not.toContain('kubectl-client-side-apply Update');
    expect(await kubectl('get', 'deployment', 'six', '-o', 'jsonpath={.spec.replicas}')).toBe('2');
    // The field that client-side apply once set is no longer applied, so it goes back to its default.
    await server(deployment('six', undefined));
    expect(await kubectl('get', 'deployment', 'six', '-o', 'jsonpath={.spec.replicas}')).toBe('1');
    expect(await kubectl.apply(deployment('six', 3))).toContain('deployment.apps/six configured');
    expect(await kubectl('get', 'deployment', 'six', '-o', 'jsonpath={.spec.replicas}')).toBe('3');
  });

  test('scale is a manager of its own, which an apply without replicas respects', async () => {
    await server(deployment('seven', 1));
    await kubectl('scale', 'deployment', 'seven', '--replicas=2');
    // A kubectl that names no manager is known by the name of its file.
    expect(await managers('deployment/seven')).toContainEqual(expect.stringMatching(/^kubectl\S* Update scale$/));
    const refused = await server(deployment('seven', 1), '--field-manager=other');
    expect(refused.stderr).toMatch(
      /conflict with "kubectl\S*" with subresource "scale" using apps\/v1: \.spec\.replicas/,
    );
    await server(deployment('seven', undefined));
    expect(await kubectl('get', 'deployment', 'seven', '-o', 'jsonpath={.spec.replicas}')).toBe('2');
  });

  test('edit and patch are updates beside the apply', async () => {
    await server(map('eight', { a: '1' }));
    await kubectl('patch', 'configmap', 'eight', '--type=merge', '-p', '{"data":{"b":"2"}}');
    expect(await managers('configmap/eight')).toEqual(['kubectl Apply', 'kubectl-patch Update']);
    await kubectl('label', 'configmap', 'eight', 'x=y');
    expect(await managers('configmap/eight')).toContain('kubectl-label Update');
    const refused = await server(map('eight', { a: '1', b: '3' }));
    expect(refused.stderr).toContain('conflict with "kubectl-patch" using v1: .data.b');
  });

  test('refuses what the kind does not know', async () => {
    const wrong = await server(
      JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, nope: 1 }),
      '--validate=false',
    );
    expect(wrong.stderr).toContain('.nope: field not declared in schema');
  });
});
