import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type BoundKubectl,
  bind,
  buildTestImages,
  dockerAnswers,
  type Installation,
  installation,
} from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';

const docker = (...args: string[]) => execFileSync('docker', args, { encoding: 'utf8' }).trim();
const md5 = (data: Buffer) => createHash('md5').update(data).digest('hex');

/** The built bundle with two Docker nodes: what only shows when every part is there. */
describe.runIf(dockerAnswers())('a cluster of two Docker nodes', () => {
  let installed: Installation;
  let kubectl: BoundKubectl;
  let addresses: string[];

  beforeAll(async () => {
    buildTestImages();
    installed = installation();
    await installed.must('up', 'whole', '--runtime', 'docker', '--nodes', '2');
    kubectl = bind(kubectls().at(-1)!.path, installed);
    const socat = docker('inspect', '-f', '{{.Config.Image}}', 'krill_whole_node_node-1');
    const manifest = readFileSync(new URL('docker-cluster.yaml', import.meta.url), 'utf8');
    await kubectl.apply(manifest.replaceAll('SOCAT', socat));
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    for (const pods of [
      ['-l', 'app=client'],
      ['echo', 'big'],
    ])
      await kubectl('wait', '--for=condition=Ready', 'pod', ...pods, '--timeout=60s');
    const path = '{.items[*].status.addresses[?(@.type=="InternalIP")].address}';
    addresses = (await kubectl('get', 'nodes', '-o', `jsonpath=${path}`)).split(' ');
  });

  afterAll(() => installed[Symbol.asyncDispose]());

  const inside = (pod: string, script: string) => kubectl('exec', pod, '--', '/bin/sh', '-c', script);

  test.each(['client-1', 'client-2'])(
    'UDP and TCP reach a Service from %s, by cluster IP and every node',
    async (client) => {
      const ip = await kubectl('get', 'service', 'echo', '-o', 'jsonpath={.spec.clusterIP}');
      for (const at of [`${ip}:7`, ...addresses.map((address) => `${address}:30007`)]) {
        // socat itself loses a datagram now and then while it forks: UDP may be asked again.
        const ask = (how: string, wait: number) => `echo hi | /sbin/socat -t ${wait} STDIO ${how}4:${at}`;
        const udp = `for i in 1 2 3 4 5; do a=$(${ask('UDP', 0.3)}); [ -n "$a" ] && break; done; echo $a`;
        expect(await inside(client, `${udp}; ${ask('TCP', 2)}`), at).toBe('udp\ntcp\n');
      }
    },
  );

  test.each(kubectls())('kubectl $minor: exec, its input and its exit code, and cp both ways', async ({ path }) => {
    const own = bind(path, installed);
    const counted = await own.run(['exec', '-i', 'big', '--', 'sh', '-c', 'wc -c; exit 7'], 'x'.repeat(300_000));
    expect([counted.stdout.trim(), counted.code]).toEqual(['300000', 7]);
    const [there, back] = [join(installed.home, 'there'), join(installed.home, 'back')];
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
    writeFileSync(there, bytes);
    await own('cp', there, 'big:/tmp/there');
    await own('cp', 'big:/tmp/there', back);
    expect(readFileSync(back).equals(bytes)).toBe(true);
  });

  test('big answers come whole through port-forward and the Service proxy', async () => {
    const sum = (await kubectl('logs', 'big')).slice(0, 32);
    const forward = kubectl.follow('port-forward', 'service/big', ':80');
    try {
      const first = await forward.lines[Symbol.asyncIterator]().next();
      const port = /127\.0\.0\.1:(\d+)/.exec(first.value ?? '')?.[1];
      const fetched = Array.from({ length: 3 }, async () => {
        const answer = await fetch(`http://127.0.0.1:${port}/file`);
        return md5(Buffer.from(await answer.arrayBuffer()));
      });
      expect(await Promise.all(fetched)).toEqual([sum, sum, sum]);
    } finally {
      forward.stop();
    }
    const path = '/api/v1/namespaces/default/services/big:http/proxy/file';
    const raw = execFileSync(kubectls().at(-1)!.path, ['get', '--raw', path], {
      env: { ...process.env, KUBECONFIG: installed.kubeconfig },
      maxBuffer: 64 << 20,
    });
    expect(md5(raw)).toBe(sum);
    const refused = await kubectl.run(['get', '--raw', '/api/v1/namespaces/default/pods/big:9999/proxy/']);
    expect(refused.stderr).toMatch(/error trying to reach service: dial tcp \S+:9999: connect: connection refused/);
  });

  test('a container that runs out of memory as it starts is seen dead, and why', async () => {
    const reason = '{.status.containerStatuses[0].state.terminated.reason}';
    await kubectl('wait', `--for=jsonpath=${reason}=OOMKilled`, 'pod/greedy', '--timeout=30s');
    expect(await kubectl('get', 'pod', 'greedy', '-o', 'jsonpath={.status.phase}')).toBe('Failed');
  });

  test('kubectl top sees a busy loop, and the node it runs on', async () => {
    const image = await kubectl('get', 'pod', 'echo', '-o', 'jsonpath={.spec.containers[0].image}');
    const loop = ['--command', '--', '/bin/sh', '-c', 'while :; do :; done'];
    await kubectl('run', 'busy', '--image', image, '--restart=Never', ...loop);
    await kubectl('wait', 'pod/busy', '--for=condition=Ready', '--timeout=60s');
    // A container has metrics once it has been seen twice, or has run for ten seconds.
    let output = '';
    do output = (await kubectl.run(['top', 'pod', 'busy', '--no-headers'])).stdout;
    while (!output);
    const [cpu, memory] = output.trim().split(/\s+/).slice(1);
    expect(Number.parseInt(cpu!, 10)).toBeGreaterThan(100);
    expect(memory).toMatch(/^\d+Mi$/);
    const node = await kubectl('get', 'pod', 'busy', '-o', 'jsonpath={.spec.nodeName}');
    const [, whole] = (await kubectl('top', 'node', node, '--no-headers')).trim().split(/\s+/);
    expect(Number.parseInt(whole!, 10)).toBeGreaterThan(100);
    const counters = await kubectl('get', '--raw', `/api/v1/nodes/${node}/proxy/metrics/resource`);
    expect(counters).toMatch(/^pod_cpu_usage_seconds_total\{namespace="default",pod="busy"\} [\d.]+ \d+$/m);
    await kubectl('delete', 'pod', 'busy', '--grace-period=0', '--force');
  });

  test('a rolling update drops no request', async () => {
    const loop = 'f=0; while [ ! -e /tmp/stop ]; do wget -qO /dev/null http://web || f=$((f+1)); done; echo failed $f';
    const asking = inside('client-1', loop);
    await kubectl('set', 'image', 'deployment/web', 'web=krill-test/web:2');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    await inside('client-1', ': >/tmp/stop');
    expect(await asking).toBe('failed 0\n');
  });

  test('another cluster comes, works and goes beside it; stopped and started, the same containers run', async () => {
    const running = () => docker('ps', '-q', '--no-trunc').split('\n');
    const containers = async () => {
      const path = '{.items[*].status.containerStatuses[*].containerID}';
      const ids = await kubectl('get', 'pods', '-l', 'app in (client,echo,big)', '-o', `jsonpath=${path}`);
      return ids.replaceAll('docker://', '').split(' ');
    };
    const before = await containers();
    expect(running()).toEqual(expect.arrayContaining(before));
    await installed.must('up', 'other', '--runtime', 'docker');
    await kubectl('run', 'x', '--image=krill-test/web:1', '--context=krill-other');
    await kubectl('wait', '--for=condition=Ready', 'pod/x', '--context=krill-other', '--timeout=60s');
    await installed.must('down', 'whole');
    await installed.must('delete', 'other');
    expect(docker('ps', '-aq', '--filter', 'label=krill.cluster=other')).toBe('');
    await installed.must('up', 'whole');
    await kubectl('config', 'use-context', 'krill-whole');
    expect(await containers()).toEqual(before);
    expect(running()).toEqual(expect.arrayContaining(before));
    expect(await inside('client-1', 'wget -qO- http://web')).toContain('version 2');
  });

  test('a network of the name that is not krill’s is named, and stays', async () => {
    docker('network', 'create', 'krill-taken');
    try {
      const refused = await installed.krill('up', 'taken', '--runtime', 'docker');
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toContain("a Docker network named krill-taken exists and is not krill's");
      await installed.must('delete', 'taken');
      expect(docker('network', 'ls', '-q', '--filter', 'name=^krill-taken$')).not.toBe('');
    } finally {
      docker('network', 'rm', 'krill-taken');
    }
  });
});
