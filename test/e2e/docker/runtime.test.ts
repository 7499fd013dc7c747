import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { destroyCluster } from '../../../src/runtimes/docker/destroy.ts';
import { ensureClusterNetwork } from '../../../src/runtimes/docker/network.ts';
import { DockerTestCluster, never, type TestPod } from '../../kit/docker/cluster.ts';
import { testEngine } from '../../kit/docker/engine.ts';
import { openGate } from '../../kit/docker/gate.ts';
import { hostLinks, leftovers } from '../../kit/docker/leaks.ts';

const engine = await testEngine();
const text = async (stream: Readable) => Buffer.concat(await stream.toArray()).toString();

describe.skipIf(!engine)('pods on Docker nodes', () => {
  let cluster: DockerTestCluster;
  let links: string[];
  beforeAll(async () => {
    links = await hostLinks();
    cluster = await DockerTestCluster.start(engine!, 2);
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  test('a pod has its name, its address, and reaches pods of its own and of other nodes', async () => {
    const [a, b, c] = await Promise.all([
      cluster.pod('n1', 'net-a'),
      cluster.pod('n1', 'net-b'),
      cluster.pod('n2', 'net-c'),
    ]);
    expect(await cluster.run(a, 'hostname')).toBe('net-a');
    for (const other of [b, c]) {
      const answer = await cluster.get(a, `http://${other.sandbox.address}:8080/cgi-bin/answer`);
      // The caller's own address is seen: nothing between pods is masqueraded.
      expect(answer).toBe(`${other.sandbox.pod.name} version 1 to [::ffff:${a.sandbox.address}]`);
    }
  });

  test('many pods of one node get different addresses at the same time', async () => {
    const names = Array.from({ length: 6 }, (_, i) => `many-${i}`);
    const sandboxes = await Promise.all(
      names.map((n) => cluster.runtime.startSandbox(cluster.sandbox('n1', n), never)),
    );
    expect(new Set(sandboxes.map((s) => s.address)).size).toBe(6);
    await Promise.all(sandboxes.map((s) => cluster.runtime.removeSandbox('n1', s.id, never)));
  });

  test('removing a stopped sandbox late does not cut off who has its address now', async () => {
    // A node with room for one pod only, so that the address is used again at once.
    await cluster.runtime.ensureNode({ name: 'tiny', podCIDR: '10.244.99.0/30' }, never);
    const old = await cluster.pod('tiny', 'tiny-old');
    await cluster.runtime.stopSandbox('tiny', old.sandbox.id, never);
    const next = await cluster.pod('tiny', 'tiny-next');
    expect(next.sandbox.address).toBe(old.sandbox.address);
    await cluster.runtime.removeSandbox('tiny', old.sandbox.id, never);
    const client = await cluster.pod('n1', 'tiny-client');
    expect(await cluster.get(client, `http://${next.sandbox.address}:8080/`)).toBe('tiny-next version 1');
    await cluster.runtime.removeNode('tiny', never);
  });

  test('host ports answer on the node, go with the sandbox, and can be used again', async () => {
    const hostPorts = [{ hostPort: 8088, hostIP: '', containerPort: 8080, protocol: 'TCP' as const }];
    const url = `http://${cluster.runtime.nodeAddress('n1')}:8088/`;
    const client = await cluster.pod('n2', 'port-client');
    for (const name of ['port-one', 'port-two']) {
      const pod = await cluster.pod('n1', name, { sandbox: { hostPorts } });
      expect(await cluster.get(client, url)).toBe(`${name} version 1`);
      expect(await cluster.get(pod, url)).toBe(`${name} version 1`);
      await cluster.runtime.stopSandbox('n1', pod.sandbox.id, never);
    }
    expect(await cluster.run(client, 'wget', '-qO-', url)).toMatch(/refused/);
  });

  test('a pod on the host network has the address and the name of its node', async () => {
    const env = [{ name: 'PORT', value: '8099' }];
    const pod = await cluster.pod('n2', 'host-net', { sandbox: { hostNetwork: true }, container: { env } });
    expect(pod.sandbox.address).toBe(cluster.runtime.nodeAddress('n2'));
    expect(await cluster.get(pod, `http://${pod.sandbox.address}:8099/`)).toBe('n2 version 1');
  });

  test('exec has separate outputs, exit codes, stdin to its end, and terminals of the right size', async () => {
    const pod = await cluster.pod('n1', 'exec');
    const open = { stdin: true, stdout: true, stderr: true, tty: false };
    const script = ['sh', '-c', 'cat; echo bad >&2; exit 3'];
    const process = await cluster.runtime.exec('n1', pod.container.id, { ...open, command: script }, never);
    process.stdin!.end('in');
    expect([await text(process.stdout!), await text(process.stderr!), await process.exit]).toEqual(['in', 'bad\n', 3]);

    const terminal = { ...open, tty: true, command: ['sh', '-c', 'read x; stty size; exit 4'] };
    const shell = await cluster.runtime.exec('n1', pod.container.id, terminal, never);
    shell.resize(101, 37);
    // Sizes are sent in turn, by requests of their own; the second one has been taken when the third is asked for.
    shell.resize(100, 40);
    for (let tries = 0; tries < 50; tries++) {
      const size = await cluster.run(pod, 'sh', '-c', 'for t in /dev/pts/[0-9]*; do stty size <$t; done');
      if (size.includes('40 100')) break;
    }
    shell.stdin!.write('\n');
    expect(await text(shell.stdout!)).toContain('40 100');
    expect([shell.stderr, await shell.exit]).toEqual([undefined, 4]);
  });

  test('killing an exec kills the command', async () => {
    const pod = await cluster.pod('n1', 'exec-kill');
    const options = { stdin: false, stdout: true, stderr: true, tty: false };
    const process = await cluster.runtime.exec(
      'n1',
      pod.container.id,
      { ...options, command: ['sleep', '9876'] },
      never,
    );
    process.kill();
    await process.exit.catch(() => undefined);
    expect(await cluster.run(pod, 'sh', '-c', 'ps | grep -c "[s]leep 9876"')).toBe('0\nexit 1');
  });

  test('logs: both outputs, timestamps, tail, limit, one output alone, and following to the end', async () => {
    const command = ['sh', '-c', 'echo one; echo two >&2; echo three; sleep 1; echo four'];
    const pod = await cluster.pod('n1', 'logs', { container: { command } });
    const logs = async (options: object) => text(await cluster.runtime.logs('n1', pod.container.id, options, never));
    expect((await logs({ follow: true })).split('\n').sort().join(' ').trim()).toBe('four one three two');
    expect(await logs({ stream: 'Stdout' })).toBe('one\nthree\nfour\n');
    expect(await logs({ stream: 'Stderr' })).toBe('two\n');
    expect(await logs({ tailLines: 1 })).toBe('four\n');
    expect(await logs({ stream: 'Stdout', limitBytes: 5 })).toBe('one\nt');
    expect(await logs({ tailLines: 1, timestamps: true })).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z four\n$/);
    expect(await logs({ sinceTime: '2100-01-01T00:00:00Z' })).toBe('');
  });

  test('a container ends with its code, its message and its times; starting the same one again finds it', async () => {
    const command = ['sh', '-c', 'echo because >/dev/termination-log; exit 7'];
    const died = cluster.event((e) => e.type === 'container' && e.what === 'died' && e.podUid === 'uid-ends');
    const pod = await cluster.pod('n1', 'ends', { container: { command } });
    await died;
    const state = (await cluster.runtime.inspect('n1', pod.container.id, never))!;
    expect(state).toMatchObject({ status: 'exited', exitCode: 7, terminationMessage: 'because\n', oomKilled: false });
    expect(state.finishedAt).toBeGreaterThanOrEqual(state.startedAt);
    const again = await cluster.runtime.startContainer(cluster.container(pod.sandbox, { command }), never);
    expect([again.id, again.status]).toEqual([pod.container.id, 'exited']);
  });

  test('a command that cannot be run is a start error, and the container shows it', async () => {
    const sandbox = await cluster.runtime.startSandbox(cluster.sandbox('n1', 'nocmd'), never);
    const start = cluster.runtime.startContainer(cluster.container(sandbox, { command: ['/not/there'] }), never);
    await expect(start).rejects.toMatchObject({ reason: 'RunContainerError', message: /not\/there.*no such file/s });
    const [state] = (await cluster.runtime.list('n1', never)).filter((s) => s.id === sandbox.id);
    expect(state!.containers[0]).toMatchObject({ status: 'exited', exitCode: 127 });
  });

  test('stopping asks first and kills when the time is up', async () => {
    const polite = await cluster.pod('n1', 'polite');
    await cluster.get(polite, 'http://127.0.0.1:8080/');
    expect((await cluster.runtime.stopContainer('n1', polite.container.id, 10, never)).exitCode).toBe(0);
    const stubborn = await cluster.pod('n1', 'stubborn', { container: { command: ['sleep', '1000'] } });
    expect((await cluster.runtime.stopContainer('n1', stubborn.container.id, 1, never)).exitCode).toBe(137);
  });

  test('limits reach the kernel, and too much memory is an OOM kill', async () => {
    const resources = { memoryBytes: 32 * 2 ** 20, cpuShares: 204, cpuQuota: 50_000, cpuPeriod: 100_000 };
    const command = ['sh', '-c', 'x=$(head -c 100000000 /dev/zero | tr "\\0" x); echo $x | wc -c'];
    const died = cluster.event((e) => e.type === 'container' && e.what === 'died' && e.podUid === 'uid-greedy');
    const pod = await cluster.pod('n1', 'greedy', { container: { resources, command } });
    await died;
    expect(await cluster.runtime.inspect('n1', pod.container.id, never)).toMatchObject({ oomKilled: true });
  });

  test('a pod’s own limit holds for its containers together', async () => {
    const command = ['sh', '-c', 'x=$(head -c 100000000 /dev/zero | tr "\\0" x); echo $x | wc -c'];
    const died = cluster.event((e) => e.type === 'container' && e.what === 'died' && e.podUid === 'uid-pod-limit');
    const resources = { memoryBytes: 48 * 2 ** 20, cpuShares: 512, cpuQuota: 100_000 };
    const pod = await cluster.pod('n1', 'pod-limit', { sandbox: { resources }, container: { command } });
    await died;
    expect((await cluster.runtime.inspect('n1', pod.container.id, never))!.exitCode).not.toBe(0);
  });

  test('volumes: a swap is seen by a running container, modes and owners hold, memory is memory', async () => {
    const files = cluster.runtime.files('n1', 'uid-vols');
    const folder = files.path('volumes/cm');
    const file = (path: string, content: string, mode = 0o644) => ({ path, content: Buffer.from(content), mode });
    await files.writeVolume(folder, [file('key', 'one'), file('deep/er', 'x', 0o400)], { gid: 2000 }, never);
    await files.writeFile(files.path('etc-hosts'), '127.0.0.1 localhost\n', 0o644, never);
    await files.ensureFolder(files.path('volumes/empty'), { mode: 0o777 }, never);
    const sub = await files.subPath(files.path('volumes/empty'), 'a/b', never);
    const memory = { type: 'memory' as const, volume: 'scratch', sizeBytes: 2 ** 20 };
    const mounts = [
      { containerPath: '/cm', readOnly: true, source: { type: 'path' as const, path: folder } },
      {
        containerPath: '/etc/hosts',
        readOnly: false,
        source: { type: 'path' as const, path: files.path('etc-hosts') },
      },
      { containerPath: '/sub', readOnly: false, source: { type: 'path' as const, path: sub } },
      { containerPath: '/scratch', readOnly: false, source: memory },
    ];
    const held = [{ containerPath: '/scratch', readOnly: false, source: memory }];
    const pod = await cluster.pod('n1', 'vols', { sandbox: { mounts: held }, container: { mounts } });
    expect(await cluster.run(pod, 'sh', '-c', 'cat /cm/key /cm/deep/er; stat -c %a:%g -L /cm/deep/er')).toBe(
      'onex400:2000',
    );
    await files.writeVolume(folder, [file('key', 'two'), file('new', 'n')], {}, never);
    expect(await cluster.run(pod, 'sh', '-c', 'cat /cm/key; ls /cm')).toBe('twokey\nnew');
    await files.writeFile(files.path('etc-hosts'), '127.0.0.1 changed\n', 0o644, never);
    expect(await cluster.run(pod, 'cat', '/etc/hosts')).toBe('127.0.0.1 changed');
    expect(await cluster.run(pod, 'touch', '/cm/x')).toMatch(/Read-only/);
    expect(
      await cluster.run(pod, 'sh', '-c', 'stat -f -c %T /scratch; head -c 2000000 /dev/zero >/scratch/big'),
    ).toMatch(/^tmpfs\nhead: .*\nexit 1$/);
    await cluster.runtime.removeSandbox('n1', pod.sandbox.id, never);
    await files.removeAll(never);
    expect(await engine!.volumes.list({ label: ['krill.pod.uid=uid-vols'] })).toEqual([]);
  });

  test('a seccomp profile that is not there is named', async () => {
    const sandbox = await cluster.runtime.startSandbox(cluster.sandbox('n1', 'seccomp'), never);
    const spec = cluster.container(sandbox);
    const security = { ...spec.security, seccomp: { type: 'Localhost', localhostProfile: 'none/such.json' } };
    await expect(cluster.runtime.startContainer({ ...spec, security }, never)).rejects.toMatchObject({
      reason: 'CreateContainerError',
      message: expect.stringContaining('cannot load seccomp profile "/var/lib/kubelet/seccomp/none/such.json"'),
    });
  });

  test('a link in a volume cannot lead a subPath out of it', async () => {
    const files = cluster.runtime.files('n1', 'uid-escape');
    const folder = files.path('volumes/empty');
    await files.ensureFolder(folder, { mode: 0o777 }, never);
    const mounts = [{ containerPath: '/v', readOnly: false, source: { type: 'path' as const, path: folder } }];
    const pod = await cluster.pod('n1', 'escape', { container: { mounts } });
    await cluster.run(pod, 'ln', '-s', '/etc', '/v/out');
    await expect(files.subPath(folder, 'out', never)).rejects.toThrow(/not within volume path/);
    await expect(files.subPath(folder, 'out/passwd', never)).rejects.toThrow(/not within volume path/);
    await expect(files.subPath(folder, '../..', never)).rejects.toThrow(/must not contain '\.\.'/);
  });

  test('hostPath types are checked with kubelet wording', async () => {
    const files = cluster.runtime.files('n1', 'uid-hostpath');
    await files.checkHostPath('/etc', 'Directory', never);
    await expect(files.checkHostPath('/etc', 'File', never)).rejects.toThrow(
      'hostPath type check failed: /etc is not a file',
    );
  });

  test('dialling reaches the pod, its loopback and the node; nothing listening is a refusal', async () => {
    const pod = await cluster.pod('n2', 'dial');
    await cluster.get(pod, 'http://127.0.0.1:8080/');
    const { address } = pod.sandbox;
    const ask = async (target: Parameters<typeof cluster.runtime.dial>[0]) => {
      const stream = await cluster.runtime.dial(target, never);
      stream.end('GET /cgi-bin/answer HTTP/1.0\r\n\r\n');
      return (await text(stream)).split('\r\n\r\n')[1]?.trim();
    };
    const to = { node: 'n2', uid: pod.uid, port: 8080 };
    expect(await ask({ to: 'pod', ...to, address })).toMatch(/^dial version 1 to /);
    expect(await ask({ to: 'pod-loopback', ...to })).toBe('dial version 1 to [::ffff:127.0.0.1]');
    await expect(ask({ to: 'pod-loopback', ...to, port: 8081 })).rejects.toThrow(/connection refused/);
    await expect(ask({ to: 'pod', ...to, address, port: 8081 })).rejects.toThrow(/ECONNREFUSED/);
  });

  test('no pod can use the ways that are open for krill', async () => {
    const [pod, spy] = await Promise.all([cluster.pod('n2', 'guarded'), cluster.pod('n1', 'spy')]);
    await cluster.get(pod, 'http://127.0.0.1:8080/');
    const target = { to: 'pod' as const, node: 'n2', uid: pod.uid, address: pod.sandbox.address, port: 8080 };
    const door = await cluster.runtime.dial(target, never);
    const port = (door as unknown as { remotePort: number }).remotePort;
    const answer = await cluster.run(spy, 'wget', '-qO-', `http://${cluster.runtime.nodeAddress('n2')}:${port}/`);
    expect(answer).toMatch(/refused/);
    door.destroy();
  });

  test('statistics come from the kernel', async () => {
    const pod = await cluster.pod('n1', 'stats');
    const node = await cluster.runtime.stats('n1', [], never);
    const mine = node.containers.find((s) => s.podUid === pod.uid)!;
    expect(mine.cpuNanos).toBeGreaterThan(0);
    expect(mine.memoryWorkingSetBytes).toBeGreaterThan(10_000);
    expect(node.cpuNanos).toBeGreaterThanOrEqual(mine.cpuNanos);
    expect(node.memoryWorkingSetBytes).toBeGreaterThanOrEqual(mine.memoryWorkingSetBytes);
  });

  test('everything is found again after a restart of krill, and works on', async () => {
    const pod = await cluster.pod('n1', 'stays', { container: { labels: { hash: 'abc' } } });
    await cluster.get(pod, 'http://127.0.0.1:8080/');
    await cluster.restartProcess();
    const machine = await cluster.ensure('n1');
    await cluster.ensure('n2');
    const found = (await cluster.runtime.list('n1', never)).find((s) => s.id === pod.sandbox.id)!;
    expect(found).toMatchObject({ running: true, address: pod.sandbox.address, attempt: 0 });
    expect(found.containers[0]).toMatchObject({ id: pod.container.id, status: 'running', labels: { hash: 'abc' } });
    expect(await cluster.get(pod, `http://${pod.sandbox.address}:8080/`)).toBe('stays version 1');
    const next = await cluster.pod('n1', 'after');
    expect(next.sandbox.address).not.toBe(pod.sandbox.address);
    expect(await cluster.get(next, `http://${pod.sandbox.address}:8080/`)).toBe('stays version 1');
    expect((await cluster.ensure('n1')).bootId).toBe(machine.bootId);
  });

  test('hidden processes, own processes, shared processes', async () => {
    const shared = await cluster.pod('n1', 'shared-pid', { sandbox: { shareProcessNamespace: true } });
    const own = await cluster.pod('n1', 'own-pid');
    expect(await cluster.run(own, 'cat', '/proc/1/comm')).toBe('start');
    expect(await cluster.run(shared, 'cat', '/proc/1/comm')).toBe('sh');
    expect(await cluster.run(shared, 'sh', '-c', 'readlink /proc/1/root || echo hidden')).toMatch(/hidden/);
  });

  test('network sysctls are the pod’s alone', async () => {
    const sysctls = { 'net.ipv4.ip_unprivileged_port_start': '80' };
    const pod = await cluster.pod('n1', 'sysctl', { sandbox: { sysctls } });
    const other = await cluster.pod('n1', 'no-sysctl');
    const read = (p: TestPod) => cluster.run(p, 'cat', '/proc/sys/net/ipv4/ip_unprivileged_port_start');
    expect(await read(pod)).toBe('80');
    expect(await read(other)).not.toBe('80');
  });

  test('no cable of a pod is on the host', async () => {
    const now = await hostLinks();
    expect(now.filter((link) => link.startsWith('kp'))).toEqual(links.filter((link) => link.startsWith('kp')));
  });
});

describe.skipIf(!engine)('the life of a node', () => {
  test('killed is power loss, paused is frozen, and destroying leaves nothing', async () => {
    const cluster = await DockerTestCluster.start(engine!, 1);
    try {
      const pod = await cluster.pod('n1', 'victim');
      const before = await cluster.ensure('n1');
      const container = `krill_${cluster.name}_node_n1`;
      const isNode = (what: string) => cluster.event((e) => e.type === 'node' && e.what === what);

      let heard = isNode('paused');
      await engine!.containers.pause(container);
      await heard;
      expect((await cluster.runtime.inspect('n1', pod.container.id, never))!.status).toBe('paused');
      heard = isNode('unpaused');
      await engine!.containers.unpause(container);
      await heard;
      expect((await cluster.runtime.inspect('n1', pod.container.id, never))!.status).toBe('running');

      heard = isNode('stopped');
      await engine!.containers.kill(container, 'SIGKILL');
      await heard;
      expect((await cluster.runtime.inspect('n1', pod.container.id, never))!.status).toBe('exited');
      await expect(cluster.pod('n1', 'too-early')).rejects.toThrow(/does not run/);

      const after = await cluster.ensure('n1');
      expect(after.bootId).not.toBe(before.bootId);
      expect(after.addresses).toEqual(before.addresses);
      const next = await cluster.pod('n1', 'reborn');
      expect(await cluster.get(next, `http://${next.sandbox.address}:8080/`)).toBe('reborn version 1');

      // A node that is cut off from the network and comes back is programmed again.
      heard = isNode('detached');
      await engine!.networks.disconnect(cluster.network.name, container);
      await heard;
      expect((await cluster.runtime.inspect('n1', next.container.id, never))!.status).toBe('running');
      await expect(cluster.ensure('n1')).rejects.toThrow(/disconnected/);
      heard = isNode('attached');
      await engine!.networks.connect(cluster.network.name, container, cluster.runtime.nodeAddress('n1'));
      await heard;
      await cluster.ensure('n1');
      expect(await cluster.run(next, 'ping', '-c', '1', '-W', '2', cluster.network.gateway)).toMatch(
        /1 packets received/,
      );
    } finally {
      await cluster[Symbol.asyncDispose]();
    }
    expect(await leftovers(engine!, cluster.name)).toEqual([]);
    await destroyCluster(engine!, cluster.name, never);
  });

  test('what an earlier cluster of the same name left is cleared away', async () => {
    const cluster = await DockerTestCluster.start(engine!, 1);
    try {
      const { image, name, network } = cluster;
      const again = await ensureClusterNetwork(engine!, { name, uid: 'another' }, undefined, never);
      expect(again.id).not.toBe(network.id);
      expect(await engine!.containers.list({ label: [`krill.cluster=${name}`] })).toEqual([]);
      expect(await engine!.images.inspect(image)).toBeDefined();
    } finally {
      await cluster[Symbol.asyncDispose]();
    }
    expect(await leftovers(engine!, cluster.name)).toEqual([]);
  });

  test('when the engine comes back after a break, nodes that went down with it come back too', async () => {
    await using gate = await openGate(engine!.endpoint);
    const own = await gate.connect();
    const cluster = await DockerTestCluster.start(own, 1);
    try {
      const pod = await cluster.pod('n1', 'before');
      const isNode = (what: string) => cluster.event((e) => e.type === 'node' && e.what === what);
      const heard = [isNode('stopped'), isNode('started')];
      gate.close();
      await engine!.containers.kill(`krill_${cluster.name}_node_n1`, 'SIGKILL');
      await engine!.containers.wait(`krill_${cluster.name}_node_n1`);
      gate.open();
      await Promise.all(heard);
      await cluster.ensure('n1');
      expect((await cluster.runtime.inspect('n1', pod.container.id, never))!.status).toBe('exited');
      const next = await cluster.pod('n1', 'afterwards');
      expect(await cluster.get(next, 'http://127.0.0.1:8080/')).toBe('afterwards version 1');
    } finally {
      await cluster[Symbol.asyncDispose]();
      own.close();
    }
  });
});
