import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BoundKubectl, bind, type Installation, installation } from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';

/** What a node's certificate is good for, for whoever gets hold of it. */
describe.each(kubectls())('nodes by kubectl $minor', ({ path, minor }) => {
  let installed: Installation;
  let kubectl: BoundKubectl;
  const asNode = ['--as=system:node:node-1', '--as-group=system:nodes'];

  beforeAll(async () => {
    installed = installation();
    await installed.must('up', `n${minor.replace('.', '-')}`, '--runtime', 'simulated', '--nodes', '2');
    kubectl = bind(path, installed);
  });
  afterAll(() => installed[Symbol.asyncDispose]());

  test('a node labels itself, with what draws nothing to it', async () => {
    const label = (node: string, text: string) => kubectl.run(['label', 'node', node, text, ...asNode]);
    expect((await label('node-1', 'mine=x')).stdout).toContain('node/node-1 labeled');
    const restricted = await label('node-1', 'node-restriction.kubernetes.io/x=y');
    expect(restricted.stderr).toContain(
      'nodes "node-1" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/x',
    );
    const other = await label('node-2', 'mine=x');
    expect(other.stderr).toContain("node 'node-1' cannot read 'node-2', only its own Node object");
  });

  test('a node reads the secrets of its pods only', async () => {
    for (const secret of ['used', 'other'])
      await kubectl('create', 'secret', 'generic', secret, '--from-literal=key=value');
    await kubectl.apply(`apiVersion: v1
kind: Pod
metadata: {name: user}
spec:
  nodeName: node-1
  containers: [{name: c, image: krill-test/web:1, envFrom: [{secretRef: {name: used}}]}]
`);
    const get = (name: string) => kubectl.run(['get', 'secret', name, '-o', 'name', ...asNode]);
    expect((await get('used')).stdout).toBe('secret/used\n');
    expect((await get('other')).stderr).toContain("no relationship found between node 'node-1' and this object");
    const listed = await kubectl.run([
      'get',
      'pods',
      '-A',
      '--field-selector=spec.nodeName=node-1',
      '-o',
      'name',
      ...asNode,
    ]);
    expect(listed.stdout).toBe('pod/user\n');
    expect((await kubectl.run(['get', 'pods', '-A', ...asNode])).stderr).toContain('spec.nodeName field selector');
  });
});
