import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Exec, KubeConfig, type V1Status } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SystemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/log.ts';
import type { StreamedProcess } from '../../../src/stream/process.ts';
import { acceptRemoteCommand } from '../../../src/stream/remote-command.ts';
import { type Ended, program, streamingKubectls } from '../../kit/stream/kubectls.ts';
import { localProcess, type ProcessRecord } from '../../kit/stream/local-process.ts';
import { type PodServer, podServer } from '../../kit/stream/pod-server.ts';

const flag = (url: URL, name: string) => ['1', 'true'].includes(url.searchParams.get(name) ?? '');
const sha = (data: Buffer) => createHash('sha256').update(data).digest('hex');

let server: PodServer;
/** The last session of each pod name, so that a test finds its own. */
const records = new Map<string, ProcessRecord>();
/** Called when a session of the pod name is over. */
const onEnd = new Map<string, () => void>();

beforeAll(async () => {
  server = await podServer(async (url, req, socket, head) => {
    const podName = url.pathname.split('/')[6] ?? '';
    const streams = {
      stdin: flag(url, 'stdin'),
      stdout: flag(url, 'stdout'),
      stderr: flag(url, 'stderr'),
      tty: flag(url, 'tty'),
    };
    const start = async (): Promise<StreamedProcess> => {
      if (podName === 'unstartable') throw new Error('no such container');
      const record: ProcessRecord = { sizes: [], killed: false };
      records.set(podName, record);
      return localProcess(url.searchParams.getAll('command'), streams, record);
    };
    await acceptRemoteCommand(req, socket, head, streams, start, new SystemClock(), silentLogger);
    onEnd.get(podName)?.();
  });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe.each(streamingKubectls())('kubectl $minor', ({ path }) => {
  const exec = (args: string[], input?: Buffer | string): Promise<Ended> =>
    program(path, ['--server', server.url, 'exec', ...args], { ...(input !== undefined && { input }) });

  test('carries stdout, stderr and the exit code', async () => {
    const ok = await exec(['p', '--', 'sh', '-c', 'echo out; echo err >&2']);
    expect([ok.code, ok.stdout.toString(), ok.stderr]).toEqual([0, 'out\n', 'err\n']);
    const failed = await exec(['p', '--', 'sh', '-c', 'exit 3']);
    expect(failed.code).toBe(3);
    expect(failed.stderr).toBe('command terminated with exit code 3\n');
  });

  test('half-closes stdin and delivers what the process writes afterwards', async () => {
    const counted = await exec(['-i', 'p', '--', 'sh', '-c', 'wc -c; echo after'], 'x'.repeat(1000));
    expect(counted.stdout.toString().split(/\s+/).filter(Boolean)).toEqual(['1000', 'after']);
    expect(counted.code).toBe(0);
  });

  test('echoes five megabytes unharmed', async () => {
    const data = randomBytes(5 * 1024 * 1024);
    const echoed = await exec(['-i', 'p', '--', 'cat'], data);
    expect(echoed.code).toBe(0);
    expect(sha(echoed.stdout)).toBe(sha(data));
  });

  test('ends when the process stops reading its input', async () => {
    const early = await exec(['-i', 'p', '--', 'sh', '-c', 'exit 4'], randomBytes(3 * 1024 * 1024));
    expect(early.code).toBe(4);
  });

  test('tells of a process that cannot be started', async () => {
    const missing = await exec(['p', '--', '/no/such/program']);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('error executing command in container: spawn /no/such/program ENOENT');
    const refused = await exec(['unstartable', '--', 'true']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('no such container');
  });

  test('carries a terminal and its size', async () => {
    // util-linux's script gives kubectl a terminal; stty sets its size first.
    const session = `stty cols 101 rows 37; ${path} --server ${server.url} exec -it tty -- sh -c "echo up; sleep 0.2"`;
    const shown = await program('script', ['-qec', session, '/dev/null']);
    expect(shown.stdout.toString()).toContain('up');
    expect(records.get('tty')?.sizes[0]).toEqual([101, 37]);
  });

  test('kills the process when the client is killed', async () => {
    const over = new Promise<void>((resolve) => onEnd.set('abandoned', resolve));
    const killer = new AbortController();
    // yes fills every buffer on the way: the hang-up must be seen behind the back-pressure.
    const child = spawn(path, ['--server', server.url, 'exec', 'abandoned', '--', 'yes'], {
      env: { ...process.env, KUBECONFIG: '/dev/null' },
      signal: killer.signal,
      killSignal: 'SIGKILL',
    });
    child.on('error', () => undefined);
    await once(child.stdout, 'data');
    killer.abort();
    await over;
    expect(records.get('abandoned')?.killed).toBe(true);
  });
});

describe('@kubernetes/client-node', () => {
  const execute = async (command: string[], input?: PassThrough) => {
    const config = new KubeConfig();
    config.loadFromClusterAndUser({ name: 'c', server: server.url, skipTLSVerify: true }, { name: 'u' });
    const printed = { out: '', err: '' };
    const out = new PassThrough().on('data', (chunk) => void (printed.out += String(chunk)));
    const err = new PassThrough().on('data', (chunk) => void (printed.err += String(chunk)));
    const outcome = new Promise<V1Status>((resolve, reject) => {
      new Exec(config).exec('default', 'p', 'app', command, out, err, input ?? null, false, resolve).catch(reject);
    });
    const status = await outcome;
    await Promise.all([finished(out), finished(err)]);
    return { status, ...printed };
  };

  test('reads the status of a command', async () => {
    expect(await execute(['sh', '-c', 'echo o; echo e >&2'])).toEqual({
      status: { metadata: {}, status: 'Success' },
      out: 'o\n',
      err: 'e\n',
    });
    const { status } = await execute(['sh', '-c', 'exit 7']);
    expect(status).toEqual({
      metadata: {},
      status: 'Failure',
      message: 'command terminated with non-zero exit code: exit status 7',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '7' }] },
    });
  });

  test('half-closes stdin by the v5 close frame', async () => {
    const input = new PassThrough();
    input.end('abc');
    expect((await execute(['sh', '-c', 'cat; echo after'], input)).out).toBe('abcafter\n');
  });
});
