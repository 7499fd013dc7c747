import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BoundKubectl, bind, type Installation, installation } from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';

/** Admission plugins that upstream leaves off, switched on for a cluster, and one that it has on, off. */
describe.each(kubectls())('chosen admission plugins by kubectl $minor', ({ path, minor }) => {
  const name = `a${minor.replace('.', '-')}`;
  let installed: Installation;
  let kubectl: BoundKubectl;

  beforeAll(async () => {
    installed = installation();
    const enable =
      'AlwaysPullImages,NamespaceAutoProvision,OwnerReferencesPermissionEnforcement,DenyServiceExternalIPs';
    const asked = ['--enable-admission-plugins', enable, '--disable-admission-plugins', 'DefaultTolerationSeconds'];
    await installed.must('up', name, '--runtime', 'simulated', '--nodes', '1', ...asked);
    kubectl = bind(path, installed);
  });
  afterAll(() => installed[Symbol.asyncDispose]());

  test('they work for users and for the cluster itself, also after a restart', async () => {
    await kubectl('create', 'configmap', 'first', '-n', 'made');
    expect(await kubectl('get', 'namespace', 'made', '-o', 'name')).toContain('namespace/made');
    await kubectl('create', 'deployment', 'web', '--image=krill-test/web:1');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    const pods = ['get', 'pods', '-l', 'app=web', '-o'];
    const said = 'jsonpath={.items[*].spec.containers[*].imagePullPolicy}{.items[*].spec.tolerations}';
    expect(await kubectl(...pods, said)).toBe('Always');
    await installed.must('down', name);
    await installed.must('up', name);
    const service = await kubectl.run(
      ['apply', '-f', '-'],
      'apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}], externalIPs: [1.2.3.4]}\n',
    );
    expect(service.stderr).toContain('services "s" is forbidden: Use of external IPs is denied by admission control');
  });
});
