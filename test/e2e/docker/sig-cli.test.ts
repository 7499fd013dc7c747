import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type BoundKubectl,
  bind,
  buildTestImages,
  dockerAnswers,
  type Installation,
  installation,
} from '../../kit/krill.ts';
import { kubectls } from '../../kit/kubectl.ts';

const image = 'krill-test/web:1';

/** A pod of one container that runs a script. */
const pod = (name: string, script: string, of = image) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'c', image: of, command: ['/bin/sh', '-c', script] }],
    },
  });

const generator = `i=0; while [ $i -lt 400 ]; do echo "$i GET /api/v1/namespaces/kube-system"; i=$((i+1)); sleep 0.1; done`;

/** Servers for one client: what each says to it, what the client says, and what the server says of that in the end. */
const servers = {
  'sends without being asked': {
    says: (at: string) => `printf %0100d 0 | /sbin/socat -u STDIN TCP-LISTEN:${at}; echo Done`,
    client: undefined,
    log: 'Done\n',
  },
  'waits for a client that says nothing': {
    says: (at: string) => `n=$(/sbin/socat -u TCP-LISTEN:${at} STDOUT | wc -c); echo got $n`,
    client: '',
    log: 'got 0\n',
  },
  'answers what it is asked': {
    says: (at: string) => `/sbin/socat TCP-LISTEN:${at} SYSTEM:'head -c 3 >&2; printf %0100d 0'`,
    client: 'abc',
    log: 'abc',
  },
} as const;

/** The sig-cli group of upstream's tests that needs processes, with every kubectl this machine can get. */
describe.skipIf(!dockerAnswers())('sig-cli on Docker nodes', () => {
  let installed: Installation;
  let socat: string;

  beforeAll(async () => {
    buildTestImages();
    installed = installation();
    await installed.must('up', 'sigcli', '--runtime', 'docker');
    const inspect = ['inspect', '-f', '{{.Config.Image}}', 'krill_sigcli_node_node-1'];
    socat = execFileSync('docker', inspect, { encoding: 'utf8' }).trim();
  });
  afterAll(() => installed?.[Symbol.asyncDispose]());

  describe.each(kubectls())('kubectl $minor', ({ minor, path }) => {
    let kubectl: BoundKubectl;
    const named = (name: string) => `${name}-${minor.replace('.', '-')}`;
    const make = async (name: string, script: string, of?: string) => {
      const made = named(name);
      await kubectl.apply(pod(made, script, of));
      await kubectl('wait', '--for=condition=Ready', `pod/${made}`, '--timeout=60s');
      return made;
    };

    /** Runs kubectl port-forward to port 8081 of a pod. */
    const forward = async (to: string) => {
      const { lines, stop } = kubectl.follow('port-forward', to, ':8081');
      const { value } = await lines[Symbol.asyncIterator]().next();
      return { port: Number(/127\.0\.0\.1:(\d+)/.exec(value ?? '')![1]), stop };
    };

    beforeAll(() => {
      kubectl = bind(path, installed);
    });

    test('exec takes a long command, a script as input, and a pod by its type or its file', async () => {
      const name = await make('exec', 'sleep 600');
      const long = 'a'.repeat(20_000);
      expect(await kubectl('exec', name, '--', 'echo', long)).toBe(`${long}\n`);
      const shell = await kubectl.run(['exec', '-i', name, '--', 'sh'], 'echo hi\nexit 42\n');
      expect([shell.stdout, shell.code]).toEqual(['hi\n', 42]);
      expect(await kubectl('exec', `pod/${name}`, '--', 'echo', 'by type')).toBe('by type\n');
      const file = join(installed.home, `${name}.json`);
      writeFileSync(file, pod(name, 'sleep 600'));
      expect(await kubectl('exec', '-f', file, '--', 'echo', 'by file')).toBe('by file\n');
    });

    test('exec goes through kubectl proxy', async () => {
      const name = await make('proxied', 'sleep 600');
      const proxy = kubectl.follow('proxy', '--port=0', '--disable-filter');
      try {
        const { value } = await proxy.lines[Symbol.asyncIterator]().next();
        const server = `--server=http://127.0.0.1:${/(\d+)$/.exec(value ?? '')![1]}`;
        const output = await kubectl.run([server, 'exec', '-i', name, '--', 'cat'], 'through');
        expect([output.stdout, output.code], output.stderr).toEqual(['through', 0]);
      } finally {
        proxy.stop();
      }
    });

    test('run ends as the container does, unless it leaves the input open', async () => {
      const fails = (name: string, ...more: string[]) => {
        const args = ['run', '-i', named(name), `--image=${image}`, '--restart=Never', ...more];
        return kubectl.run([...args, '--command', '--', 'sh', '-c', 'cat; exit 42'], 'abcd1234');
      };
      expect(await fails('told')).toMatchObject({ code: 42, stdout: expect.stringContaining('abcd1234') });
      expect(await fails('left', '--leave-stdin-open')).toMatchObject({ code: 0 });
    });

    test('logs are cut to lines, bytes and seconds, and show times and names', async () => {
      const name = await make('generator', generator);
      // Older lines than a second are needed.
      let whole = '';
      while (whole.split('\n').length < 40) whole = await kubectl('logs', name);
      expect(whole).toContain('0 GET /api/v1/namespaces/kube-system');
      expect(await kubectl('logs', name, 'c', '--tail=1')).toMatch(/^\d+ GET .*\n$/);
      expect(await kubectl('logs', name, '--limit-bytes=1')).toBe('0');
      expect(await kubectl('logs', name, '--tail=1', '--timestamps')).toMatch(/^\d{4}-\d\d-\d\dT\S+Z \d+ GET/);
      const count = async (since: string) => (await kubectl('logs', name, `--since=${since}`)).split('\n').length;
      expect(await count('1s')).toBeLessThan(await count('24h'));
      const labelled = await kubectl('logs', '-l', `app=${name}`, '--prefix', '--tail=2');
      expect(labelled.match(new RegExp(`^\\[pod/${name}/c\\] \\d+ GET`, 'gm'))).toHaveLength(2);
      const other = await kubectl.run(['logs', name, '-c', 'nope']);
      expect(other.stderr).toContain(`container nope is not valid for pod ${name}`);
      const previous = await kubectl.run(['logs', name, '-p']);
      expect(previous.stderr).toContain(`previous terminated container "c" in pod "${name}" not found`);
    });

    describe.each(['0.0.0.0', '127.0.0.1'])('port-forward to a server on %s', (address) => {
      test.each(Object.entries(servers))('that %s', async (what, { says, client, log }) => {
        const name = await make(`${what.split(' ')[0]}-${address.split('.')[0]}`, says(`8081,bind=${address}`), socat);
        const { port, stop } = await forward(name);
        try {
          const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
          await once(socket, 'connect');
          if (client !== undefined) socket.write(client);
          if (client === '') socket.end();
          const answer = Buffer.concat(await socket.toArray()).toString();
          expect(answer).toBe(client === '' ? '' : '0'.repeat(100));
          socket.end();
          await kubectl('wait', '--for=jsonpath={.status.phase}=Succeeded', `pod/${name}`, '--timeout=30s');
          expect(await kubectl('logs', name)).toBe(log);
        } finally {
          stop();
        }
      });
    });

    test('what is forwarded to a pod ends with it', async () => {
      const name = await make('gone', '/sbin/socat TCP-LISTEN:8081,fork SYSTEM:"sleep 600"', socat);
      const { port, stop } = await forward(name);
      try {
        const socket = connect({ host: '127.0.0.1', port });
        socket.on('error', () => undefined);
        await once(socket, 'connect');
        socket.resume().write('GET / HTTP/1.1\r\n\r\n');
        const closed = once(socket, 'close');
        await kubectl('delete', 'pod', name, '--timeout=60s');
        await closed;
      } finally {
        stop();
      }
    });
  });
});
