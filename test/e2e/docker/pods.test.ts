import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../src/api/object.ts';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import { DockerTestCluster } from '../../kit/docker/cluster.ts';
import { testEngine } from '../../kit/docker/engine.ts';
import { type KubeletsOnDocker, kubeletsOnDocker } from '../../kit/docker/kubelets.ts';

const engine = await testEngine();
const run = promisify(execFile);
const docker = (...args: string[]) => run('docker', args);
const ready = (pod: Pod) => pod.status?.conditions?.find((c) => c.type === 'Ready')?.status === 'True';
const first = (pod: Pod) => pod.status?.containerStatuses?.[0];
const image = 'krill-test/web:1';
const signal = () => AbortSignal.timeout(20_000);

describe.skipIf(!engine)('pods on a Docker node', () => {
  let cluster: DockerTestCluster;
  let k: KubeletsOnDocker;

  beforeAll(async () => {
    cluster = await DockerTestCluster.start(engine!, 0);
    k = await kubeletsOnDocker(cluster, ['n1']);
  });

  afterAll(async () => {
    await k?.close();
    await cluster?.[Symbol.asyncDispose]();
  });

  const target = (pod: Pod, container = 'web') => ({
    node: 'n1',
    namespace: 'default',
    pod: pod.metadata.name ?? '',
    uid: pod.metadata.uid ?? '',
    container,
  });
  const exec = async (pod: Pod, ...command: string[]) => {
    const options = { command, stdin: false, stdout: true, stderr: true, tty: false };
    const process = await k.kubelets.gateway.exec(target(pod), options, signal());
    const chunks: Buffer[] = [];
    process.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    process.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
    await process.exit;
    return Buffer.concat(chunks).toString();
  };

  test('volumes, environment, managed files, probes and logs of a real container', async () => {
    await k.api.call('create', 'configmaps', { object: { metadata: { name: 'cfg' }, data: { level: 'debug' } } });
    const data = { pw: Buffer.from('geheim').toString('base64') };
    await k.api.call('create', 'secrets', { object: { metadata: { name: 'sec' }, data } });
    await k.pod('full', {
      hostname: 'h',
      subdomain: 'sub',
      volumes: [
        { name: 'cfg', configMap: { name: 'cfg' } },
        { name: 'sec', secret: { secretName: 'sec', defaultMode: 0o400 } },
        { name: 'tmp', emptyDir: {} },
        { name: 'mem', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
        { name: 'me', downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
      ],
      initContainers: [
        {
          name: 'init',
          image,
          command: ['sh', '-c', 'echo from-init > /tmp-shared/file'],
          volumeMounts: [{ name: 'tmp', mountPath: '/tmp-shared' }],
        },
      ],
      containers: [
        {
          name: 'web',
          image,
          env: [{ name: 'LEVEL', valueFrom: { configMapKeyRef: { name: 'cfg', key: 'level' } } }],
          readinessProbe: { httpGet: { port: 8080, path: '/' }, periodSeconds: 1 },
          livenessProbe: { exec: { command: ['true'] }, periodSeconds: 1 },
          volumeMounts: [
            { name: 'cfg', mountPath: '/cfg' },
            { name: 'sec', mountPath: '/sec' },
            { name: 'tmp', mountPath: '/work', subPath: 'file' },
            { name: 'mem', mountPath: '/mem' },
            { name: 'me', mountPath: '/me' },
          ],
        },
      ],
    });
    const pod = await k.until('full', ready);
    expect(await exec(pod, 'sh', '-c', 'cat /cfg/level /sec/pw /work /me/name; echo " $LEVEL"')).toBe(
      'debuggeheimfrom-init\nfull debug\n',
    );
    expect(await exec(pod, 'hostname')).toBe('h\n');
    expect(await exec(pod, 'cat', '/etc/hosts')).toContain(
      `${pod.status?.podIP}\th.sub.default.svc.cluster.local\th\n`,
    );
    expect(await exec(pod, 'cat', '/etc/resolv.conf')).toContain('search default.svc.cluster.local');
    expect(await exec(pod, 'sh', '-c', 'grep " /mem " /proc/mounts')).toContain('tmpfs');
    const body = { data: { level: 'info' } };
    await k.api.call('patch', 'configmaps', { name: 'cfg', patch: { type: 'merge', body } });
    for (let i = 0; i < 100 && (await exec(pod, 'cat', '/cfg/level')) !== 'info'; i++);
    expect(await exec(pod, 'cat', '/cfg/level')).toBe('info');
  });

  test('exit codes, termination messages, restarts and previous logs', async () => {
    const command = ['sh', '-c', 'echo attempt; echo why > /dev/termination-log; exit 3'];
    await k.pod('crash', { containers: [{ name: 'web', image, command }] });
    const pod = await k.until('crash', (p) => first(p)?.state?.waiting?.reason === 'CrashLoopBackOff');
    expect(first(pod)).toMatchObject({
      restartCount: 1,
      lastState: { terminated: { exitCode: 3, reason: 'Error', message: 'why\n' } },
    });
    const logs = await k.kubelets.gateway.logs(target(pod), { previous: true }, signal());
    expect(Buffer.concat(await logs.toArray()).toString()).toBe('attempt\n');
    await k.api.call('delete', 'pods', { name: 'crash' });
    await k.gone('crash');
  });

  test('a container that cannot start says what the engine said', async () => {
    await k.pod('nope', { restartPolicy: 'Never', containers: [{ name: 'web', image, command: ['/no/such'] }] });
    const pod = await k.until('nope', (p) => p.status?.phase === 'Failed');
    expect(first(pod)?.state?.terminated?.message).toContain('/no/such');
    await k.pod('missing', { containers: [{ name: 'web', image: 'krill-test/none:1', imagePullPolicy: 'Never' }] });
    await k.until('missing', (p) => first(p)?.state?.waiting?.reason === 'ErrImageNeverPull');
  });

  test('a restart of krill leaves real containers alone', async () => {
    await k.pod('stays', { containers: [{ name: 'web', image, readinessProbe: { tcpSocket: { port: 8080 } } }] });
    const before = await k.until('stays', ready);
    const events: KubeObject[] = [];
    const stop = new AbortController();
    const resourceVersion = before.metadata.resourceVersion ?? '';
    const options = { resourceVersion, fieldSelector: 'metadata.name=stays' };
    await k.api.transport.watch(
      { verb: 'watch', resource: { group: '', version: 'v1', resource: 'pods' }, namespace: 'default', options },
      { events: (some) => events.push(...some.map((e) => e.object)), end: () => undefined },
      stop.signal,
    );
    await k.restart();
    await k.pod('later', { containers: [{ name: 'web', image }] });
    await k.until('later', ready);
    expect(events).toEqual([]);
    expect(await exec(before, 'echo', 'hi')).toBe('hi\n');
    stop.abort();
  });

  test('deletion stops containers in time and leaves nothing behind', async () => {
    const command = ['sh', '-c', 'trap "echo bye; exit 0" TERM; while :; do sleep 0.1; done'];
    await k.pod('bye', { containers: [{ name: 'web', image, command }] });
    const pod = await k.until('bye', ready);
    await k.api.call('delete', 'pods', { name: 'bye' });
    await k.gone('bye');
    const left = async () => (await cluster.runtime.list('n1', signal())).some((s) => s.pod.uid === pod.metadata.uid);
    for (let i = 0; i < 50 && (await left()); i++);
    expect(await left()).toBe(false);
  });

  test('a session that comes after its container has ended gets what the container said; a second one does not', async () => {
    const command = ['sh', '-c', 'echo out; echo err >&2; exit 3'];
    const once = { name: 'web', image, command, stdin: true, stdinOnce: true };
    await k.pod('once', { restartPolicy: 'Never', containers: [once, { ...once, name: 'many', stdinOnce: false }] });
    const pod = await k.until('once', (p) => p.status?.phase === 'Failed');
    const streams = { stdin: true, stdout: true, stderr: true, tty: false };
    const attach = (container: string) => k.kubelets.gateway.attach(target(pod, container), streams, signal());
    const session = await attach('web');
    const said = (output: AsyncIterable<Buffer> | undefined) => Array.fromAsync(output!, String);
    expect(await Promise.all([said(session.stdout), said(session.stderr)])).toEqual([['out\n'], ['err\n']]);
    expect(await session.exit).toBe(0);
    await expect(attach('web')).rejects.toThrow('container not found ("web")');
    await expect(attach('many')).rejects.toThrow('container not found ("many")');
    await k.api.call('delete', 'pods', { name: 'once' });
    await k.gone('once');
  });

  test.each([false, true])('a first session goes on where the log was read to, with a terminal (%s)', async (tty) => {
    const command = ['sh', '-c', 'echo one; echo two; read line; echo three'];
    await k.pod('read', {
      restartPolicy: 'Never',
      containers: [{ name: 'web', image, command, stdin: true, stdinOnce: true, tty }],
    });
    const pod = await k.until('read', (p) => p.status?.phase === 'Running');
    const log = async () => {
      const stream = await k.kubelets.gateway.logs(target(pod), {}, signal());
      return Buffer.concat(await stream.toArray()).toString();
    };
    const end = tty ? '\r\n' : '\n';
    while ((await log()) !== `one${end}two${end}`);
    const streams = { stdin: true, stdout: true, stderr: false, tty };
    const session = await k.kubelets.gateway.attach(target(pod), streams, signal());
    // Ending the input of a terminal ends its output, too.
    if (tty) session.stdin?.write('go\n');
    else session.stdin?.end('go\n');
    const said = Buffer.concat(await session.stdout!.toArray()).toString();
    expect(said).toBe(tty ? 'go\r\nthree\r\n' : 'three\n');
    await k.api.call('delete', 'pods', { name: 'read' });
    await k.gone('read');
  });

  test('a node that is killed and started again at once runs its pods anew', async () => {
    const before = await k.get('stays');
    // Its start is told while what ran on it is still being killed: the end must be heard of first all the same.
    await docker('restart', '-t', '0', `krill_${cluster.name}_node_n1`);
    const pod = await k.until('stays', (p) => (first(p)?.restartCount ?? 0) > 0 && ready(p));
    expect(first(pod)?.containerID).not.toBe(first(before)?.containerID);
  });
});
