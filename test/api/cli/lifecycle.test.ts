import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const program = join(import.meta.dirname, '../../kit/cli/program.ts');
let home: string;
let kubeconfig: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'krill-cli-'));
  kubeconfig = join(home, 'kubeconfig');
});

afterEach(async () => {
  const { stdout } = await krill('list', '-o', 'json');
  for (const { name } of JSON.parse(stdout) as { name: string }[]) await krill('down', name);
  rmSync(home, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function start(pretend: string, args: readonly string[], more: Record<string, string> = {}): Promise<Ended> {
  const env = { ...process.env, KRILL_HOME: home, KUBECONFIG: kubeconfig, PRETEND: pretend, ...more };
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

const krill = (...args: string[]) => start('', args);
const json = async (...args: string[]) => JSON.parse((await krill(...args, '-o', 'json')).stdout);
const file = (name: string) => join(home, 'clusters/dev', name);
const pid = (name: string) => Number(readFileSync(file(name), 'utf8'));

/** Resolves when `condition` holds; looks whenever something in the cluster's folder changes. */
function untilFolder(condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(join(home, 'clusters/dev'), look);
    function look() {
      if (!condition()) return;
      watcher.close();
      resolve();
    }
    look();
  });
}

/** Whether a process runs; one that has ended but was not collected by its parent does not. */
function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return process.platform !== 'linux' || readFileSync(`/proc/${id}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}

describe('a cluster', () => {
  test('is started, seen, stopped, started again and deleted', async () => {
    const up = await krill('up', '--runtime', 'simulated', '--nodes', '2');
    expect(up).toMatchObject({ code: 0, stderr: '' });
    expect(up.stdout).toMatch(
      /^data folder \(\d\.\d\d s\)\nAPI server \(\d\.\d\d s\)\nCluster dev is up: https:\/\/127\.0\.0\.1:6443 \(context krill-dev, simulated nodes\)\n$/,
    );
    expect(readFileSync(kubeconfig, 'utf8')).toContain('current-context: krill-dev');
    expect(statSync(join(home, 'clusters/dev')).mode & 0o777).toBe(0o700);
    expect(statSync(kubeconfig).mode & 0o777).toBe(0o600);

    expect(await json('up')).toMatchObject({ started: false, ready: true, context: 'krill-dev' });
    expect(await json('status')).toMatchObject({ state: 'ready', nodes: [{ name: 'node-1' }], pid: pid('server.pid') });
    expect(JSON.stringify(await json('status'))).not.toContain('keyPem');
    expect((await krill('kubeconfig')).stdout).toContain(`client-key-data: ${btoa('key')}`);
    expect((await krill('logs')).stdout).toContain('INFO  serving url=https://127.0.0.1:6443');

    const processes = [pid('supervisor.pid'), pid('server.pid')];
    expect(await json('down')).toEqual({ name: 'dev', stopped: true });
    expect(processes.map(isAlive)).toEqual([false, false]);
    expect(readFileSync(file('closed'), 'utf8')).toBe('x');
    expect(await json('down')).toEqual({ name: 'dev', stopped: false });
    expect((await krill('status')).code).toBe(3);
    expect(await json('list')).toEqual([
      { name: 'dev', state: 'stopped', runtime: 'simulated', nodes: 2, url: 'https://127.0.0.1:6443' },
    ]);

    expect(await json('up')).toMatchObject({ started: true, runtime: 'simulated' });
    expect(await json('delete')).toEqual({ name: 'dev', deleted: true });
    expect(existsSync(join(home, 'clusters/dev'))).toBe(false);
    expect(readFileSync(kubeconfig, 'utf8')).not.toContain('krill-dev');
    expect(await json('delete')).toEqual({ name: 'dev', deleted: false });
  });

  test('comes back when its server is killed', async () => {
    await krill('up', '--runtime', 'simulated');
    const before = pid('server.pid');
    process.kill(before, 'SIGKILL');
    await untilFolder(() => readFileSync(file('starts'), 'utf8') === 'xx' && pid('server.pid') !== before);
    expect(await json('up')).toMatchObject({ started: false });
    expect((await json('status')).pid).not.toBe(before);
  });

  test('is started once by two commands at a time', async () => {
    const both = await Promise.all([krill('up', '--runtime', 'simulated'), krill('up', '--runtime', 'simulated')]);
    expect(both.map((up) => up.code)).toEqual([0, 0]);
    expect(readFileSync(file('starts'), 'utf8')).toBe('x');
  });

  test('stands beside others', async () => {
    await Promise.all(['a', 'b', 'c'].map((name) => krill('up', name, '--runtime', 'simulated')));
    expect((await json('list')).map((c: { name: string; state: string }) => [c.name, c.state])).toEqual([
      ['a', 'ready'],
      ['b', 'ready'],
      ['c', 'ready'],
    ]);
    const text = readFileSync(kubeconfig, 'utf8');
    expect(['krill-a', 'krill-b', 'krill-c'].every((name) => text.includes(`name: ${name}`))).toBe(true);
  });

  test('whose nodes are not waited for is handed over at once', async () => {
    const up = await start('never', ['up', '--runtime', 'simulated', '--wait', '0']);
    expect(up.code).toBe(0);
    expect(up.stdout).toContain('Not all nodes are Ready yet: krill status dev');
    expect(await json('status')).toMatchObject({ state: 'running' });
  });
});

describe('what goes wrong', () => {
  test('a port in use is named, and nothing is left behind', async () => {
    const up = await start('fail', ['up', '--runtime', 'simulated', '--port', '7777']);
    expect(up.code).toBe(1);
    expect(up.stderr).toBe(
      "error: port 7777 is in use, so the API server of cluster dev cannot listen on it\n  cause: another program, or another cluster, listens there\n  next:  free it (ss -ltnp 'sport = :7777' names the program), then krill up dev\n",
    );
    expect(existsSync(join(home, 'clusters/dev'))).toBe(false);
    expect(existsSync(kubeconfig)).toBe(false);
  });

  test('a stopped Docker is said to be so before anything is made', async () => {
    const up = await start('', ['up', '--runtime', 'docker'], { DOCKER_HOST: `unix://${home}/nothing` });
    expect([up.code, up.stderr]).toEqual([1, expect.stringContaining('cause: Docker is not running')]);
    expect(existsSync(join(home, 'clusters/dev'))).toBe(false);
    expect(await json('up', '--runtime', 'simulated')).toMatchObject({ started: true });
  });

  test('a server that dies without a word is not started for ever', async () => {
    const up = await start('die', ['up', '--runtime', 'simulated']);
    expect(up.code).toBe(1);
    expect(up.stderr).toContain('the server of cluster dev ended without a word');
    expect(existsSync(join(home, 'clusters/dev'))).toBe(false);
  });

  test('other wishes for an existing cluster are refused', async () => {
    await krill('up', '--runtime', 'simulated');
    const up = await krill('up', '--nodes', '3');
    expect([up.code, up.stderr]).toEqual([1, expect.stringContaining('was made with --nodes 1, not 3')]);
    expect(await json('status')).toMatchObject({ state: 'ready' });
  });

  test('old versions of the API are left out where the cluster was made so, and stay out', async () => {
    expect((await krill('up', '--legacy-apis=perhaps')).stderr).toContain('--legacy-apis perhaps is not possible');
    await krill('up', '--runtime', 'simulated', '--legacy-apis=false');
    expect(await json('status')).toMatchObject({ legacyApis: false });
    expect((await krill('up', '--legacy-apis')).stderr).toContain('was made with --legacy-apis false, not true');
    expect((await krill('up')).code).toBe(0);
  });

  test('API versions are switched on where the cluster was made so, and unknown ones are refused by name', async () => {
    const wrong = await krill('up', '--runtime-config', 'api/alpha=true,nope.io/v1=true');
    expect([wrong.code, wrong.stderr]).toEqual([
      1,
      'error: --runtime-config api/alpha=true,nope.io/v1=true is not possible\n' +
        '  cause: unknown api groups nope.io/v1\n',
    ]);
    expect(existsSync(join(home, 'clusters/dev'))).toBe(false);
    await krill('up', '--runtime', 'simulated', '--runtime-config', 'api/alpha=true,autoscaling/v1=false');
    expect(await json('status')).toMatchObject({ runtimeConfig: { 'api/alpha': true, 'autoscaling/v1': false } });
    expect((await krill('up', '--runtime-config=api/all=true')).stderr).toContain(
      'was made with --runtime-config api/alpha=true,autoscaling/v1=false, not api/all=true',
    );
    expect((await krill('up', '--runtime-config=autoscaling/v1=0,api/alpha=true')).code).toBe(0);
    expect((await krill('up')).code).toBe(0);
  });

  test('admission plugins are switched on and off where the cluster was made so, and unknown ones are refused', async () => {
    const wrong = await krill(
      'up',
      '--enable-admission-plugins',
      'PodPreset,NodeGuard',
      '--disable-admission-plugins=X',
    );
    expect([wrong.code, wrong.stderr]).toEqual([
      1,
      expect.stringContaining(
        'error: these admission plugins are not possible\n' +
          '  cause: enable-admission-plugins plugin "PodPreset" is unknown; ' +
          'enable-admission-plugins plugin "NodeGuard" is unknown; disable-admission-plugins plugin "X" is unknown\n',
      ),
    ]);
    expect(wrong.stderr).toContain('AlwaysAdmit, AlwaysDeny, AlwaysPullImages, CertificateApproval');
    const unlimited = await krill('up', '--enable-admission-plugins', 'EventRateLimit');
    expect(unlimited.stderr).toContain('limits: Invalid value: null: must not be empty');
    const file = join(home, 'admission.yaml');
    const config = (configuration: object) =>
      JSON.stringify({
        apiVersion: 'apiserver.config.k8s.io/v1',
        kind: 'AdmissionConfiguration',
        plugins: [{ name: 'PodNodeSelector', configuration }],
      });
    writeFileSync(file, config({ podNodeSelectorPluginConfig: { clusterDefaultNodeSelector: 'a' } }));
    const unread = await krill('up', '--admission-control-config-file', file);
    expect(unread.stderr).toContain('podNodeSelectorPluginConfig[clusterDefaultNodeSelector]: invalid selector: [a]');
    expect((await krill('up', '--admission-control-config-file', `${file}s`)).stderr).toContain('ENOENT');
    expect(existsSync(join(home, 'clusters/dev'))).toBe(false);
    const configuration = { podNodeSelectorPluginConfig: { clusterDefaultNodeSelector: 'a=b' } };
    writeFileSync(file, config(configuration));
    const [enable, disable] = ['AlwaysPullImages,PodNodeSelector', 'PodTopologyLabels'];
    const asked = ['--enable-admission-plugins', enable, '--disable-admission-plugins', disable];
    await krill('up', '--runtime', 'simulated', ...asked, '--admission-control-config-file', file);
    expect(await json('status')).toMatchObject({
      admission: {
        enable: ['AlwaysPullImages', 'PodNodeSelector'],
        disable: ['PodTopologyLabels'],
        configuration: { PodNodeSelector: configuration },
      },
    });
    expect((await krill('up', '--enable-admission-plugins=AlwaysAdmit')).stderr).toContain(
      `was made with --enable-admission-plugins ${enable}, not AlwaysAdmit`,
    );
    expect((await krill('up', '--disable-admission-plugins=Priority')).stderr).toContain(
      `was made with --disable-admission-plugins ${disable}, not Priority`,
    );
    writeFileSync(file, config({ podNodeSelectorPluginConfig: {} }));
    expect((await krill('up', '--admission-control-config-file', file)).stderr).toContain('another, not this one');
    expect((await krill('up', ...asked)).code).toBe(0);
  });

  test('controllers are switched off by name where the cluster was made so, and unknown names are refused', async () => {
    const wrong = await krill('up', '--controllers', '*,-cron,route');
    expect([wrong.code, wrong.stderr]).toEqual([
      1,
      'error: --controllers *,-cron,route is not possible\n' +
        '  cause: "cron" is not in the list of known controllers; ' +
        'krill has no node-route-controller: krill has no cloud provider\n',
    ]);
    expect(existsSync(join(home, 'clusters/dev'))).toBe(false);
    await krill('up', '--runtime', 'simulated', '--controllers', '*,-job');
    expect(await json('status')).toMatchObject({ controllers: ['*', '-job'] });
    expect((await krill('up', '--controllers=-job')).stderr).toContain('was made with --controllers *,-job, not -job');
    expect((await krill('up')).code).toBe(0);
  });

  test('the scheduler is configured by a file, which is checked before anything starts', async () => {
    const config = join(home, 'scheduler.yaml');
    const write = (text: string) =>
      writeFileSync(config, `apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n${text}`);
    expect((await krill('up', '--scheduler-config', config)).stderr).toContain('cause: there is no such file');
    write('parallelism: 0\nprofiles: [{schedulerName: a}, {schedulerName: a}]\n');
    const wrong = await krill('up', '--scheduler-config', config);
    expect([wrong.code, wrong.stderr]).toEqual([
      1,
      `error: --scheduler-config ${config} is no configuration that the scheduler can work with\n` +
        '  cause: parallelism: Invalid value: 0: should be an integer value greater than zero\n' +
        '         profiles[1].schedulerName: Duplicate value: "profiles[0].schedulerName"\n' +
        '  next:  correct the file; the fields are described in ' +
        'https://kubernetes.io/docs/reference/config-api/kube-scheduler-config.v1/\n',
    ]);
    expect(existsSync(join(home, 'clusters/dev'))).toBe(false);
    write('podMaxBackoffSeconds: 20\n');
    expect((await krill('up', '--runtime', 'simulated', '--scheduler-config', config)).code).toBe(0);
    expect(readFileSync(file('scheduler.yaml'), 'utf8')).toContain('podMaxBackoffSeconds: 20');
    expect((await krill('up', '--scheduler-config', config)).code).toBe(0);
    write('podMaxBackoffSeconds: 30\n');
    expect((await krill('up', '--scheduler-config', config)).stderr).toBe(
      'error: cluster dev runs, and its scheduler is configured otherwise\n' +
        '  cause: the scheduler reads its configuration when it starts\n' +
        '  next:  krill down dev, then krill up dev --scheduler-config FILE\n',
    );
    await krill('down');
    expect((await krill('up', '--scheduler-config', config)).code).toBe(0);
    expect(readFileSync(file('scheduler.yaml'), 'utf8')).toContain('podMaxBackoffSeconds: 30');
  });

  test('a data folder others may read, and settings that are damaged, are said to be so', async () => {
    mkdirSync(join(home, 'clusters/dev'), { recursive: true, mode: 0o700 });
    chmodSync(join(home, 'clusters/dev'), 0o755);
    expect((await krill('up')).stderr).toContain(`next:  chmod 700 ${home}/clusters/dev`);
    chmodSync(join(home, 'clusters/dev'), 0o700);
    writeFileSync(file('cluster.json'), '{');
    expect((await krill('up')).stderr).toContain('next:  repair it, or remove the cluster: krill delete dev');
    rmSync(file('cluster.json'));
  });

  test('a cluster whose settings are damaged does not hide the others from `krill list`', async () => {
    await krill('up', 'other', '--runtime', 'simulated');
    mkdirSync(join(home, 'clusters/dev'), { recursive: true, mode: 0o700 });
    writeFileSync(file('cluster.json'), '{');
    expect(await json('list')).toMatchObject([
      { name: 'dev', state: 'unreadable' },
      { name: 'other', state: 'ready' },
    ]);
    expect((await krill('list')).stderr).toContain('next:  repair it, or remove the cluster: krill delete dev');
    rmSync(file('cluster.json'));
  });

  test('a reader that goes away (`krill list | head -0`) makes no noise', async () => {
    const env = { ...process.env, KRILL_HOME: home, PROGRAM: program, NODE: process.execPath };
    const noise = await new Promise((resolve) => {
      execFile('sh', ['-c', '"$NODE" "$PROGRAM" list | true'], { env }, (_error, _stdout, stderr) => resolve(stderr));
    });
    expect(noise).toBe('');
  });

  test.skipIf(process.getuid?.() !== 0)("another user's cluster is not deleted, and the folder is named", async () => {
    await krill('up', '--runtime', 'simulated');
    await krill('down');
    chmodSync(home, 0o755);
    chmodSync(join(home, 'clusters'), 0o755);
    const refused = await new Promise<string>((resolve) => {
      const env = { ...process.env, KRILL_HOME: home, KUBECONFIG: kubeconfig };
      execFile(process.execPath, [program, 'delete'], { env, uid: 65534, gid: 65534 }, (_error, _stdout, stderr) =>
        resolve(stderr),
      );
    });
    expect(refused).toContain(`error: the data folder ${home}/clusters/dev cannot be used: EACCES`);
  });

  test('a half-made cluster is taken up', async () => {
    mkdirSync(join(home, 'clusters/dev'), { recursive: true, mode: 0o700 });
    writeFileSync(file('supervisor.pid'), '1\n');
    writeFileSync(file('command.lock'), '999999999\n');
    expect(await json('up', '--runtime', 'simulated')).toMatchObject({ started: true });
  });

  test('containers that cannot be removed keep the cluster', async () => {
    await krill('up', '--runtime', 'simulated');
    const gone = await start('no-docker', ['delete']);
    expect([gone.code, gone.stderr]).toEqual([
      1,
      expect.stringContaining('next:  start Docker, then krill delete dev'),
    ]);
    expect(await json('list')).toHaveLength(1);
  });

  test.each([
    [['up', 'No_Name'], 1, '"No_Name" cannot be the name of a cluster'],
    [['up', '--nodes', 'x'], 1, '--nodes x is not possible'],
    [['up', '--runtime', 'podman'], 1, 'it must be docker, simulated or auto'],
    [['status', 'other'], 1, 'there is no cluster other'],
    [['frobnicate'], 2, "unknown command 'frobnicate'"],
    [['list', '-o', 'xml'], 2, "'xml' is invalid"],
  ])('%j is refused', async (args, code, text) => {
    const refused = await krill(...args);
    expect([refused.code, refused.stderr]).toEqual([code, expect.stringContaining(text)]);
  });
});
