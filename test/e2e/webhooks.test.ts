import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type AdmissionServer,
  admissionServer,
  configuration,
  patching,
  type Tree,
} from '../kit/admission-webhooks.ts';
import { type BoundKubectl, bind, type Installation, installation } from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';

const pods = (more: Tree = {}): Tree => ({
  rules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
  ...more,
});

/** Adds a label to whatever comes, and a second container to new pods. */
const inject = ({ operation, object }: Tree): Tree =>
  patching(
    object['metadata'].labels
      ? { op: 'add', path: '/metadata/labels/injected', value: 'yes' }
      : { op: 'add', path: '/metadata/labels', value: { injected: 'yes' } },
    ...(operation === 'CREATE' && object['kind'] === 'Pod'
      ? [{ op: 'add', path: '/spec/containers/-', value: { name: 'sidecar', image: 'krill-test/web:1' } }]
      : []),
  );

/** Admission webhooks as whoever configures them sees them. */
describe.each(kubectls())('admission webhooks by kubectl $minor', ({ path, minor }) => {
  let installed: Installation;
  let kubectl: BoundKubectl;
  let hook: AdmissionServer;
  let answer: (request: Tree) => Tree;

  beforeAll(async () => {
    hook = await admissionServer((request) => answer(request));
    installed = installation();
    await installed.must('up', `w${minor.replace('.', '-')}`, '--runtime', 'simulated', '--nodes', '1');
    kubectl = bind(path, installed);
  });
  afterEach(async () => {
    await kubectl('delete', 'mutatingwebhookconfigurations,validatingwebhookconfigurations', '--all');
    await kubectl('delete', 'pods', '--all', '--now');
    await kubectl('delete', 'configmap', 'it', '--ignore-not-found');
  });
  afterAll(async () => {
    await hook[Symbol.asyncDispose]();
    await installed[Symbol.asyncDispose]();
  });

  const configure = (kind: 'Mutating' | 'Validating', name: string, more: Tree) =>
    kubectl.apply(JSON.stringify(configuration(kind, name, hook.server, more)));
  const get = async (...args: string[]): Promise<Tree> => JSON.parse(await kubectl('get', ...args, '-o', 'json'));

  test('a mutating webhook puts a label and a sidecar into pods, which then run', async () => {
    answer = inject;
    await configure('Mutating', 'inject', pods());
    await kubectl('run', 'web', '--image=krill-test/web:1');
    await kubectl('wait', 'pod', 'web', '--for=condition=Ready', '--timeout=60s');
    const { metadata, spec, status } = await get('pod', 'web');
    expect(metadata.labels).toEqual({ run: 'web', injected: 'yes' });
    expect(spec.containers.map(({ name }: Tree) => name)).toEqual(['web', 'sidecar']);
    expect(status.containerStatuses).toHaveLength(2);
  });

  test('a validating webhook refuses with its message', async () => {
    answer = ({ object }) => ({
      allowed: object['metadata'].labels?.owner !== undefined,
      status: { code: 403, message: 'every pod needs an owner' },
      warnings: ['owners are looked at'],
    });
    await configure('Validating', 'owner', pods());
    const refused = await kubectl.run(['run', 'web', '--image=krill-test/web:1']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('Warning: owners are looked at');
    expect(refused.stderr).toContain(
      'Error from server: admission webhook "owner.example.com" denied the request: every pod needs an owner',
    );
    await kubectl('run', 'web', '--image=krill-test/web:1', '--labels=owner=me');
    const unlabelled = await kubectl.run(['label', 'pod', 'web', 'owner-']);
    expect(unlabelled.stderr).toContain('every pod needs an owner');
  });

  test('with the server down its policy says what happens', async () => {
    const down = { url: 'https://127.0.0.1:1/', caBundle: hook.server.caBundle };
    await configure('Validating', 'down', pods({ clientConfig: down }));
    const refused = await kubectl.run(['run', 'web', '--image=krill-test/web:1']);
    expect(refused.stderr).toContain(
      'Error from server (InternalError): Internal error occurred: failed calling webhook "down.example.com": failed to call webhook: Post "https://127.0.0.1:1/?timeout=10s": dial tcp 127.0.0.1:1: connect: connection refused',
    );
    await configure('Validating', 'down', pods({ clientConfig: down, failurePolicy: 'Ignore' }));
    await kubectl('run', 'web', '--image=krill-test/web:1');
  });

  test('a dry run is shown as one, and is not shown to who would make more of it', async () => {
    answer = inject;
    await configure('Mutating', 'inject', pods());
    hook.asked.length = 0;
    const tried = JSON.parse(await kubectl('run', 'web', '--image=krill-test/web:1', '--dry-run=server', '-o', 'json'));
    expect(tried.metadata.labels.injected).toBe('yes');
    expect(hook.asked).toMatchObject([{ dryRun: true }]);
    expect((await kubectl.run(['get', 'pod', 'web'])).stderr).toContain('NotFound');
  });

  test('server-side apply goes through it; what it adds is not the applier’s', async () => {
    answer = inject;
    await configure('Mutating', 'inject', pods({ rules: [{ ...pods()['rules'][0], resources: ['configmaps'] }] }));
    const manifest = JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'it' },
      data: { a: 'b' },
    });
    const apply = () => kubectl.run(['apply', '--server-side', '--field-manager=me', '-f', '-'], manifest);
    for (const _ of [1, 2]) expect((await apply()).stdout).toContain('configmap/it serverside-applied');
    const { metadata } = await get('configmap', 'it', '--show-managed-fields');
    expect(metadata.labels).toEqual({ injected: 'yes' });
    expect(metadata.managedFields).toMatchObject([
      { manager: 'me', operation: 'Apply', fieldsV1: { 'f:data': { 'f:a': {} } } },
    ]);
    expect(metadata.managedFields[0].fieldsV1).not.toHaveProperty('f:metadata');
    const described = await kubectl('describe', 'mutatingwebhookconfiguration', 'inject');
    expect(described).toContain('Reinvocation Policy:  Never');
  });

  test('who execs can be kept out', async () => {
    await kubectl('run', 'web', '--image=krill-test/web:1');
    await kubectl('wait', 'pod', 'web', '--for=condition=Ready', '--timeout=60s');
    answer = ({ object }) => ({ allowed: false, status: { code: 403, message: `no ${object['command'].join(' ')}` } });
    const rules = [{ operations: ['CONNECT'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods/exec'] }];
    await configure('Validating', 'out', pods({ rules }));
    const refused = await kubectl.run(['exec', 'web', '--', 'sh', '-i']);
    expect(refused.stderr).toContain('admission webhook "out.example.com" denied the request: no sh -i');
  });
});
