import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from 'vitest';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import { startKubelets, type TestKubelets } from '../../kit/kubelets.ts';

const ready = (pod: Pod) => pod.status?.conditions?.find((c) => c.type === 'Ready')?.status === 'True';
const first = (pod: Pod) => pod.status?.containerStatuses?.[0];
const web = (probes: object) => ({ containers: [{ name: 'web', image: 'app:1', ...probes }] });
const exec = (command: string, extra: object = {}) => ({ exec: { command: [command] }, periodSeconds: 5, ...extra });

/** Scripts what probe commands answer, by their first word. */
function answers(k: TestKubelets, table: Record<string, number>): void {
  k.fake.onExec = ([name = '']) => ({ exitCode: table[name] ?? 0, output: table[name] ? `${name} says no` : '' });
}

test('readiness follows its probe, by thresholds, and never restarts the container', async () => {
  await using k = await startKubelets();
  const table: Record<string, number> = { ready: 1 };
  answers(k, table);
  await k.pod('web', web({ readinessProbe: exec('ready', { failureThreshold: 2, successThreshold: 2 }) }));
  await k.until('web', (pod) => first(pod)?.started === true);
  expect(await k.events('web')).toContain('Unhealthy: Readiness probe failed: ready says no');
  table.ready = 0;
  await k.clock.advance(5_000);
  expect(ready(await k.get('web'))).toBe(false);
  await k.clock.advance(5_000);
  await k.until('web', ready);
  table.ready = 1;
  await k.clock.advance(5_000);
  expect(ready(await k.get('web'))).toBe(true);
  await k.clock.advance(5_000);
  await k.until('web', (pod) => !ready(pod));
  await k.clock.advance(60_000);
  expect(first(await k.get('web'))?.restartCount).toBe(0);
});

test('a failing liveness probe restarts the container with its own grace period', async () => {
  await using k = await startKubelets();
  const table: Record<string, number> = {};
  answers(k, table);
  const livenessProbe = exec('alive', {
    failureThreshold: 3,
    initialDelaySeconds: 7,
    terminationGracePeriodSeconds: 4,
  });
  await k.pod('web', web({ livenessProbe }));
  await k.until('web', ready);
  expect(k.fake.execs).toEqual([]);
  await k.clock.advance(7_000);
  expect(k.fake.execs).toEqual(['alive']);
  table.alive = 1;
  await k.clock.advance(10_000);
  expect(first(await k.get('web'))?.restartCount).toBe(0);
  await k.clock.advance(5_000);
  await k.until('web', (pod) => first(pod)?.restartCount === 1);
  expect(k.fake.stops).toEqual([{ name: 'web', grace: 4 }]);
  expect(await k.events('web')).toContain('Killing: Container web failed liveness probe, will be restarted');
});

test('other probes wait for the startup probe', async () => {
  await using k = await startKubelets();
  const table: Record<string, number> = { started: 1 };
  answers(k, table);
  await k.pod('web', web({ startupProbe: exec('started', { failureThreshold: 9 }), livenessProbe: exec('alive') }));
  const starting = await k.until('web', (pod) => first(pod)?.state?.running !== undefined);
  expect(first(starting)).toMatchObject({ started: false, ready: false });
  await k.clock.advance(10_000);
  expect(new Set(k.fake.execs)).toEqual(new Set(['started']));
  table.started = 0;
  await k.clock.advance(5_000);
  await k.until('web', ready);
  k.fake.execs.length = 0;
  await k.clock.advance(5_000);
  expect(k.fake.execs).toEqual(['alive']);
});

test('http and tcp probes speak over the dialer, with upstream’s texts', async () => {
  await using k = await startKubelets();
  const seen: string[] = [];
  let status = 500;
  const server = createServer((request, response) => {
    seen.push(
      `${request.url} ${request.headers.host} ${request.headers['user-agent']} ${request.headers['x-a'] ?? ''}`,
    );
    response.writeHead(status).end('body');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    let up = false;
    k.fake.onDial = async () => {
      if (!up) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      return socket;
    };
    const httpGet = { path: '/healthz', port: 'http', httpHeaders: [{ name: 'X-A', value: '1' }] };
    const ports = [{ name: 'http', containerPort: 8080 }];
    await k.pod('web', web({ ports, readinessProbe: { httpGet, periodSeconds: 5 } }));
    await k.pod('db', web({ readinessProbe: { tcpSocket: { port: 5432 }, periodSeconds: 5 } }));
    await k.until('web', (pod) => first(pod)?.started === true);
    await k.until('db', (pod) => first(pod)?.started === true);
    expect(await k.events('web')).toContain(
      'Unhealthy: Readiness probe failed: Get "http://10.244.0.2:8080/healthz": dial tcp 10.244.0.2:8080: connect: connection refused',
    );
    expect(await k.events('db')).toContain(
      'Unhealthy: Readiness probe failed: dial tcp 10.244.0.3:5432: connect: connection refused',
    );
    up = true;
    await k.clock.advance(5_000);
    await k.until('db', ready);
    await untilEvent(k, 'web', 'Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 500');
    expect(seen[0]).toBe('/healthz 10.244.0.2:8080 kube-probe/1.36 1');
    status = 204;
    await k.clock.advance(5_000);
    await untilReady(k, 'web');
  } finally {
    server.close();
  }
});

/** Real sockets need real turns of the event loop, however many. */
async function untilReady(k: TestKubelets, name: string): Promise<void> {
  while (!ready(await k.get(name))) await k.clock.advance(100);
}

async function untilEvent(k: TestKubelets, name: string, text: string): Promise<void> {
  while (!(await k.events(name)).includes(text)) await new Promise(setImmediate);
}

test('a probe that takes too long has failed', async () => {
  await using k = await startKubelets();
  k.fake.onExec = () => new Promise(() => undefined);
  await k.pod('web', web({ readinessProbe: exec('slow', { timeoutSeconds: 2 }) }));
  await k.until('web', (pod) => first(pod)?.started === true);
  await k.clock.advance(2_000);
  expect(await k.events('web')).toContain(
    'Unhealthy: Readiness probe failed: command timed out: "slow" timed out after 2s',
  );
});
