import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { PassThrough } from 'node:stream';
import * as k8s from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildTestImages, dockerAnswers, type Installation, installation } from '../kit/krill.ts';

/** @kubernetes/client-node, unchanged, against a Docker cluster: informers, exec, port-forward and logs. */
describe.runIf(dockerAnswers())('@kubernetes/client-node', () => {
  let installed: Installation;
  let config: k8s.KubeConfig;
  let core: k8s.CoreV1Api;

  beforeAll(async () => {
    buildTestImages();
    installed = installation();
    await installed.must('up', 'js', '--runtime', 'docker');
    config = new k8s.KubeConfig();
    config.loadFromFile(installed.kubeconfig);
    core = config.makeApiClient(k8s.CoreV1Api);
    await core.createNamespacedPod({
      namespace: 'default',
      body: {
        metadata: { name: 'web', labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'krill-test/web:1' }] },
      },
    });
    await podWith((pod) => pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false);
  });

  afterAll(() => installed[Symbol.asyncDispose]());

  /** Watches pod "web" until it satisfies `done`. */
  async function podWith(done: (pod: k8s.V1Pod) => boolean): Promise<void> {
    const watch = new k8s.Watch(config);
    const stop = new AbortController();
    const seen = once(stop.signal, 'abort');
    await watch
      .watch(
        '/api/v1/namespaces/default/pods',
        { fieldSelector: 'metadata.name=web' },
        (_type, pod: k8s.V1Pod) => {
          if (done(pod)) stop.abort();
        },
        () => undefined,
      )
      .then(async (request) => {
        await seen;
        request.abort();
      });
  }

  test('an informer sees objects come, change and go', async () => {
    const events: string[] = [];
    const informer = k8s.makeInformer(config, '/api/v1/namespaces/default/configmaps', () =>
      core.listNamespacedConfigMap({ namespace: 'default' }),
    );
    const gone = new Promise<void>((resolve) => {
      informer.on('add', (o) => events.push(`add ${o.metadata?.name}`));
      informer.on('update', (o) => events.push(`update ${o.metadata?.name}`));
      informer.on('delete', (o) => {
        events.push(`delete ${o.metadata?.name}`);
        if (o.metadata?.name === 'seen') resolve();
      });
    });
    await informer.start();
    await core.createNamespacedConfigMap({
      namespace: 'default',
      body: { metadata: { name: 'seen' }, data: { a: '1' } },
    });
    await core.replaceNamespacedConfigMap({
      namespace: 'default',
      name: 'seen',
      body: { metadata: { name: 'seen' }, data: { a: '2' } },
    });
    await core.deleteNamespacedConfigMap({ namespace: 'default', name: 'seen' });
    await gone;
    await informer.stop();
    expect(events.filter((e) => e.endsWith(' seen'))).toEqual(['add seen', 'update seen', 'delete seen']);
  });

  test('exec gives output, input and the exit code', async () => {
    const stdout = new PassThrough();
    const stdin = new PassThrough();
    let text = '';
    stdout.on('data', (chunk) => {
      text += String(chunk);
    });
    const status = await new Promise<k8s.V1Status>((resolve, reject) => {
      new k8s.Exec(config)
        .exec(
          'default',
          'web',
          'web',
          ['sh', '-c', 'read line; echo "got $line"; exit 3'],
          stdout,
          new PassThrough(),
          stdin,
          false,
          resolve,
        )
        .catch(reject);
      stdin.write('hello\n');
    });
    expect(text).toBe('got hello\n');
    expect(status.details?.causes?.find((c) => c.reason === 'ExitCode')?.message).toBe('3');
  });

  test('port-forward carries a request and its answer', async () => {
    const forward = new k8s.PortForward(config);
    const server: Server = createServer((socket) => {
      forward.portForward('default', 'web', [8080], socket, null, socket).catch(() => socket.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as { port: number }).port, '127.0.0.1');
    socket.write('GET / HTTP/1.0\r\n\r\n');
    const [first] = await once(socket, 'data');
    expect(String(first)).toMatch(/^HTTP\/1\.[01] 200/);
    socket.destroy();
    server.close();
  });

  test('logs are streamed', async () => {
    const stream = new PassThrough();
    const lines = once(stream, 'data');
    const ended = once(stream, 'end');
    await new k8s.Log(config).log('default', 'web', 'web', stream, { follow: true, tailLines: 1 });
    const [chunk] = await lines;
    expect(String(chunk).length).toBeGreaterThan(0);
    await core.deleteNamespacedPod({ namespace: 'default', name: 'web', gracePeriodSeconds: 0 });
    await ended;
  });
});
