import { expect, test } from 'vitest';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import { StartError } from '../../../src/node/runtime.ts';
import { startKubelets } from '../../kit/kubelets.ts';

const ready = (pod: Pod) => pod.status?.conditions?.find((c) => c.type === 'Ready')?.status === 'True';
const first = (pod: Pod) => pod.status?.containerStatuses?.[0];
const waiting = (pod: Pod) => first(pod)?.state?.waiting;

test('an image that is nowhere backs off, and is used once it is there', async () => {
  await using k = await startKubelets();
  await k.pod('web', { containers: [{ name: 'web', image: 'gone:1' }] });
  const failing = await k.until('web', (pod) => waiting(pod)?.reason === 'ErrImagePull');
  expect(waiting(failing)?.message).toBe('manifest for gone:1 not found');
  await k.clock.advance(2_000);
  const backing = await k.until('web', (pod) => waiting(pod)?.reason === 'ImagePullBackOff');
  expect(waiting(backing)?.message).toBe(
    'Back-off pulling image "gone:1": ErrImagePull: manifest for gone:1 not found',
  );
  expect(backing.status?.phase).toBe('Pending');
  expect(await k.events('web')).toEqual([
    'Pulling: Pulling image "gone:1"',
    'Failed: Failed to pull image "gone:1": manifest for gone:1 not found',
    'Failed: Error: ErrImagePull',
    'BackOff: Back-off pulling image "gone:1"',
    'Failed: Error: ImagePullBackOff',
  ]);
  k.fake.registry.add('gone:1');
  await k.clock.advance(10_000);
  await k.until('web', ready);
  expect(k.fake.pulls).toBe(2);
});

test('a container that ends before its start has been taken note of is seen dead', async () => {
  await using k = await startKubelets();
  k.fake.brief.add('app:1');
  await k.pod('brief', { restartPolicy: 'Never', containers: [{ name: 'web', image: 'app:1' }] });
  const pod = await k.until('brief', (p) => p.status?.phase === 'Failed');
  expect(first(pod)?.state?.terminated?.exitCode).toBe(1);
});

test('pull policies Never and Always', async () => {
  await using k = await startKubelets();
  await k.pod('never', { containers: [{ name: 'web', image: 'gone:1', imagePullPolicy: 'Never' }] });
  const pod = await k.until('never', (p) => waiting(p)?.reason === 'ErrImageNeverPull');
  expect(waiting(pod)?.message).toBe('Container image "gone:1" is not present with pull policy of Never');
  k.fake.registry.add('app:1');
  await k.pod('always', { containers: [{ name: 'web', image: 'app:1', imagePullPolicy: 'Always' }] });
  await k.until('always', ready);
  expect(k.fake.pulls).toBe(1);
});

test('environment: literals, expansion, fields, resources, ConfigMaps, Secrets and service links', async () => {
  await using k = await startKubelets();
  await k.api.call('create', 'configmaps', {
    object: { metadata: { name: 'cfg' }, data: { level: 'debug', 'a.b': '1' } },
  });
  const secret = { metadata: { name: 'sec' }, data: { pw: Buffer.from('geheim').toString('base64') } };
  await k.api.call('create', 'secrets', { object: secret });
  const ports = [{ name: 'http', port: 80, protocol: 'TCP' }];
  await k.api.call('create', 'services', {
    object: { metadata: { name: 'my-db' }, spec: { clusterIP: '10.96.0.77', ports } },
  });
  const valueFrom = (source: object) => ({ valueFrom: source });
  await k.pod('web', {
    containers: [
      {
        name: 'web',
        image: 'app:1',
        command: ['run', '$(GREETING)', '$(NOBODY)', '$$(GREETING)'],
        resources: { limits: { cpu: '1500m', memory: '64Mi' } },
        envFrom: [
          { prefix: 'CFG_', configMapRef: { name: 'cfg' } },
          { configMapRef: { name: 'none', optional: true } },
        ],
        env: [
          { name: 'WHO', value: 'you' },
          { name: 'GREETING', value: 'hello $(WHO)' },
          { name: 'NAME', ...valueFrom({ fieldRef: { fieldPath: 'metadata.name' } }) },
          { name: 'IP', ...valueFrom({ fieldRef: { fieldPath: 'status.podIP' } }) },
          { name: 'CPU', ...valueFrom({ resourceFieldRef: { resource: 'limits.cpu' } }) },
          { name: 'MEM', ...valueFrom({ resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } }) },
          { name: 'LEVEL', ...valueFrom({ configMapKeyRef: { name: 'cfg', key: 'level' } }) },
          { name: 'PW', ...valueFrom({ secretKeyRef: { name: 'sec', key: 'pw' } }) },
          { name: 'NOTHING', ...valueFrom({ secretKeyRef: { name: 'sec', key: 'none', optional: true } }) },
        ],
      },
    ],
  });
  await k.until('web', ready);
  const [spec] = k.fake.specs;
  expect(spec?.command).toEqual(['run', 'hello you', '$(NOBODY)', '$(GREETING)']);
  expect(Object.fromEntries(spec!.env.map(({ name, value }) => [name, value]))).toMatchObject({
    CFG_level: 'debug',
    'CFG_a.b': '1',
    GREETING: 'hello you',
    NAME: 'web',
    IP: '10.244.0.2',
    CPU: '2',
    MEM: '64',
    LEVEL: 'debug',
    PW: 'geheim',
    MY_DB_SERVICE_HOST: '10.96.0.77',
    MY_DB_SERVICE_PORT: '80',
    MY_DB_SERVICE_PORT_HTTP: '80',
    MY_DB_PORT_80_TCP_ADDR: '10.96.0.77',
  });
  expect(spec!.env.some(({ name }) => name === 'NOTHING')).toBe(false);
  expect(spec!.resources).toMatchObject({ memoryBytes: 64 * 2 ** 20, cpuQuota: 150_000, cpuPeriod: 100_000 });
});

test('missing configuration waits as CreateContainerConfigError and starts the moment it appears', async () => {
  await using k = await startKubelets();
  const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'cfg', key: 'a' } } }];
  await k.pod('web', { containers: [{ name: 'web', image: 'app:1', env }] });
  const none = await k.until('web', (pod) => waiting(pod)?.reason === 'CreateContainerConfigError');
  expect(waiting(none)?.message).toBe('configmap "cfg" not found');
  await k.api.call('create', 'configmaps', { object: { metadata: { name: 'cfg' }, data: { b: '' } } });
  const key = await k.until('web', (pod) => waiting(pod)?.message !== 'configmap "cfg" not found');
  expect(waiting(key)?.message).toBe("couldn't find key a in ConfigMap default/cfg");
  const body = { data: { a: '1' } };
  await k.api.call('patch', 'configmaps', { name: 'cfg', patch: { type: 'merge', body } });
  await k.until('web', ready);
});

test('a container the engine cannot run spends its attempt and says why', async () => {
  await using k = await startKubelets();
  k.fake.broken.set('app:1', new StartError('RunContainerError', 'exec: "nope": executable file not found in $PATH'));
  await k.pod('web', { containers: [{ name: 'web', image: 'app:1' }] });
  const pod = await k.until('web', (p) => waiting(p)?.reason === 'CrashLoopBackOff');
  expect(first(pod)?.lastState?.terminated).toMatchObject({
    exitCode: 128,
    reason: 'ContainerCannotRun',
    message: 'exec: "nope": executable file not found in $PATH',
  });
  expect(await k.events('web')).toContain('Failed: Error: exec: "nope": executable file not found in $PATH');
});

test('runAsNonRoot refuses root and nameless users', async () => {
  await using k = await startKubelets();
  const securityContext = { runAsNonRoot: true };
  await k.pod('root', { securityContext, containers: [{ name: 'web', image: 'app:1' }] });
  const root = await k.until('root', (pod) => waiting(pod)?.reason === 'CreateContainerConfigError');
  expect(waiting(root)?.message).toBe(
    `container has runAsNonRoot and image will run as root (pod: "root_default(${root.metadata.uid})", container: web)`,
  );
  k.fake.imageUser = 'nginx';
  await k.pod('named', { securityContext, containers: [{ name: 'web', image: 'app:1' }] });
  const named = await k.until('named', (pod) => waiting(pod)?.reason === 'CreateContainerConfigError');
  expect(waiting(named)?.message).toContain('image has non-numeric user (nginx), cannot verify user is non-root');
  k.fake.imageUser = '1000:1000';
  await k.pod('fine', { securityContext, containers: [{ name: 'web', image: 'app:1' }] });
  await k.until('fine', ready);
});

test('hooks: postStart holds the container back, preStop runs before the stop and uses up the grace', async () => {
  await using k = await startKubelets();
  let release!: () => void;
  const held = new Promise<void>((resolve) => (release = resolve));
  k.fake.onExec = async ([name]) => {
    if (name === 'after') await held;
    return { exitCode: 0 };
  };
  const lifecycle = { postStart: { exec: { command: ['after'] } }, preStop: { sleep: { seconds: 5 } } };
  await k.pod('web', { containers: [{ name: 'web', image: 'app:1', lifecycle }] });
  await k.until('web', (pod) => waiting(pod)?.reason === 'ContainerCreating' && k.fake.execs.length > 0);
  release();
  await k.until('web', ready);
  await k.api.call('delete', 'pods', { name: 'web' });
  await k.until('web', (pod) => pod.metadata.deletionTimestamp !== undefined);
  await k.clock.advance(4_000);
  expect(k.fake.stops).toEqual([]);
  await k.clock.advance(1_000);
  await k.gone('web');
  expect(k.fake.stops).toEqual([{ name: 'web', grace: 25 }]);
});

test('the termination message falls back to the log only when asked to', async () => {
  await using k = await startKubelets();
  const container = (terminationMessagePolicy: string) => ({ name: 'web', image: 'app:1', terminationMessagePolicy });
  for (const policy of ['File', 'FallbackToLogsOnError']) {
    const name = policy.toLowerCase();
    await k.pod(name, { restartPolicy: 'Never', containers: [container(policy)] });
    await k.until(name, ready);
    k.fake.die(`${name}-web-0`, 1);
    const pod = await k.until(name, (p) => p.status?.phase === 'Failed');
    const message = first(pod)?.state?.terminated?.message;
    expect(message).toBe(policy === 'File' ? undefined : 'fallbacktologsonerror-web-0: hello\n');
  }
});

test('logs and exec answer in kubelet’s words', async () => {
  await using k = await startKubelets();
  const { metadata } = await k.pod('web', {
    containers: [
      { name: 'web', image: 'app:1' },
      { name: 'no', image: 'gone:1' },
    ],
  });
  await k.until('web', (pod) => first(pod)?.state?.running !== undefined);
  await k.until('web', (pod) => pod.status?.containerStatuses?.[1]?.state?.waiting?.reason === 'ErrImagePull');
  const target = (container: string) => ({
    node: 'n1',
    namespace: 'default',
    pod: 'web',
    uid: metadata.uid ?? '',
    container,
  });
  const { gateway } = k.kubelets;
  const signal = AbortSignal.timeout(1000);
  await expect(gateway.logs(target('no'), {}, signal)).rejects.toMatchObject({
    code: 400,
    message: 'container "no" in pod "web" is waiting to start: image can\'t be pulled',
  });
  await expect(gateway.logs(target('web'), { previous: true }, signal)).rejects.toMatchObject({
    code: 400,
    message: 'previous terminated container "web" in pod "web" not found',
  });
  const options = { command: ['ls'], stdin: false, stdout: true, stderr: true, tty: false };
  await expect(gateway.exec(target('no'), options, signal)).rejects.toMatchObject({
    code: 404,
    message: 'container not found ("no")',
  });
  expect(await (await gateway.exec(target('web'), options, signal)).exit).toBe(0);
  await expect(gateway.logs({ ...target('web'), node: 'n9' }, {}, signal)).rejects.toMatchObject({ code: 503 });
  k.fake.die('web-web-0', 1);
  await k.until('web', (pod) => first(pod)?.restartCount === 1);
  const previous = await gateway.logs(target('web'), { previous: true }, signal);
  expect((await previous.toArray()).join('')).toBe('web-web-0: hello\n');
});

test('an ephemeral container joins a running pod and is never restarted', async () => {
  await using k = await startKubelets();
  await k.pod('web', { containers: [{ name: 'web', image: 'app:1' }] });
  await k.until('web', ready);
  const body = { spec: { ephemeralContainers: [{ name: 'debug', image: 'init:1', targetContainerName: 'web' }] } };
  const patch = { type: 'strategic' as const, body };
  await k.api.call('patch', 'pods', { name: 'web', subresource: 'ephemeralcontainers', patch });
  const debug = (pod: Pod) => pod.status?.ephemeralContainerStatuses?.[0];
  await k.until('web', (pod) => debug(pod)?.state?.running !== undefined);
  k.fake.die('web-debug-0', 0);
  const pod = await k.until('web', (p) => debug(p)?.state?.terminated?.reason === 'Completed');
  expect(ready(pod)).toBe(true);
  for (let i = 0; i < 20; i++) await k.clock.advance(1000);
  expect(k.fake.specs.filter((spec) => spec.name === 'debug')).toHaveLength(1);
});

test('a shorter grace overtakes a longer one, and the preStop hook runs only once', async () => {
  await using k = await startKubelets();
  const lifecycle = { preStop: { exec: { command: ['before'] } } };
  await k.pod('web', { containers: [{ name: 'web', image: 'app:1', lifecycle }] });
  await k.until('web', ready);
  k.fake.onExec = () => new Promise(() => undefined);
  await k.api.call('delete', 'pods', { name: 'web', options: { gracePeriodSeconds: 600 } });
  await k.until('web', () => k.fake.execs.length > 0);
  await k.api.call('delete', 'pods', { name: 'web', options: { gracePeriodSeconds: 3 } });
  await k.gone('web');
  expect(k.fake.execs).toEqual(['before']);
  expect(k.fake.stops).toEqual([{ name: 'web', grace: 3 }]);
});

test('a container that ends at once is seen running and ready first', async () => {
  await using k = await startKubelets();
  k.fake.over.add('app:1');
  const seen: string[] = [];
  const stop = new AbortController();
  await k.api.transport.watch(
    { verb: 'watch', resource: { group: '', version: 'v1', resource: 'pods' }, namespace: 'default', options: {} },
    {
      events: (events) =>
        void seen.push(...events.map(({ object }) => (ready(object as unknown as Pod) ? 'ready' : 'not ready'))),
      end: () => undefined,
    },
    stop.signal,
  );
  await k.pod('brief', { restartPolicy: 'Never', containers: [{ name: 'once', image: 'app:1' }] });
  await k.until('brief', (pod) => pod.status?.phase === 'Succeeded');
  stop.abort();
  expect(seen).toContain('ready');
  expect(seen.at(-1)).toBe('not ready');
});
