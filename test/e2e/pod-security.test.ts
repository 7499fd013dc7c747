import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BoundKubectl, bind, type Installation, installation } from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';

const p = 'pod-security.kubernetes.io/';

/** Pod Security Standards as whoever labels a namespace sees them. */
describe.each(kubectls())('pod security by kubectl $minor', ({ path, minor }) => {
  let installed: Installation;
  let kubectl: BoundKubectl;

  beforeAll(async () => {
    installed = installation();
    await installed.must('up', `s${minor.replace('.', '-')}`, '--runtime', 'simulated', '--nodes', '1');
    kubectl = bind(path, installed);
    await kubectl('create', 'namespace', 'strict');
  });
  afterAll(() => installed[Symbol.asyncDispose]());

  test('a label makes a namespace refuse pods, warn of workloads, and tell of pods that are there', async () => {
    await kubectl('run', 'before', '-n', 'strict', '--image=krill-test/web:1');
    const label = (...set: string[]) => kubectl.run(['label', '--overwrite', 'namespace', 'strict', ...set]);
    const labelled = await label(`${p}enforce=restricted`, `${p}warn=restricted`);
    expect(labelled.code, labelled.stderr).toBe(0);
    expect(labelled.stderr).toContain(
      'Warning: existing pods in namespace "strict" violate the new PodSecurity enforce level "restricted:latest"\n' +
        'Warning: before: allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile',
    );
    const run = await kubectl.run(['run', 'web', '-n', 'strict', '--image=krill-test/web:1']);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(
      'Error from server (Forbidden): pods "web" is forbidden: violates PodSecurity "restricted:latest": ' +
        'allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false), ',
    );
    const made = await kubectl.run(['create', 'deployment', 'web', '-n', 'strict', '--image=krill-test/web:1']);
    expect(made.code, made.stderr).toBe(0);
    expect(made.stderr).toContain(
      'Warning: would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "web" must',
    );
    const wrong = await label(`${p}enforce=strict`);
    expect(wrong.stderr).toContain(
      `metadata.labels[${p}enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted`,
    );
  });
});
