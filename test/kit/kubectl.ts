import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../structure/sources.ts';

/** A real kubectl on this machine. */
export interface Kubectl {
  /** "1.32" */
  readonly minor: string;
  readonly path: string;
}

/** What one kubectl run printed, and how it ended. */
export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const cache = join(root, '.cache/kubectl');
const wanted = ['1.28', '1.32'];

function minorOf(path: string): string | undefined {
  try {
    const { clientVersion } = JSON.parse(
      execFileSync(path, ['version', '--client', '-o', 'json'], { encoding: 'utf8' }),
    );
    return `${clientVersion.major}.${clientVersion.minor}`;
  } catch {
    return undefined;
  }
}

function onPath(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(':')
    .map((folder) => join(folder, name))
    .find(existsSync);
}

/** Downloads Debian's kubectl of a suite with a private apt config; undefined where there is no apt or no network. */
function fromDebian(suite: string): string | undefined {
  const folder = join(cache, suite);
  const binary = join(folder, 'root/usr/bin/kubectl');
  if (existsSync(binary)) return binary;
  if (!onPath('apt-get') || !onPath('dpkg-deb')) return undefined;
  try {
    for (const sub of ['lists/partial', 'archives/partial', 'deb']) mkdirSync(join(folder, sub), { recursive: true });
    const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
    const signed = existsSync(keyring) ? `[signed-by=${keyring}]` : '';
    writeFileSync(join(folder, 'sources.list'), `deb ${signed} http://deb.debian.org/debian ${suite} main\n`);
    writeFileSync(join(folder, 'status'), '');
    writeFileSync(
      join(folder, 'apt.conf'),
      [
        `Dir::Etc::sourcelist "${folder}/sources.list";`,
        `Dir::Etc::sourceparts "${folder}/none";`,
        `Dir::Etc::preferencesparts "${folder}/none";`,
        `Dir::State::lists "${folder}/lists";`,
        `Dir::State::status "${folder}/status";`,
        `Dir::Cache "${folder}";`,
        'APT::Sandbox::User "root";',
        'Acquire::Languages "none";',
      ].join('\n'),
    );
    const env = { ...process.env, APT_CONFIG: join(folder, 'apt.conf') };
    execFileSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' });
    execFileSync('apt-get', ['download', '-qq', 'kubectl'], { env, cwd: join(folder, 'deb'), stdio: 'ignore' });
    const deb = readdirSync(join(folder, 'deb')).find((name) => name.endsWith('.deb'))!;
    execFileSync('dpkg-deb', ['-x', join(folder, 'deb', deb), join(folder, 'root')]);
    for (const sub of ['lists', 'archives', 'deb']) rmSync(join(folder, sub), { recursive: true, force: true });
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

let found: Kubectl[] | undefined;

/**
 * The kubectls to test with: 1.28 and 1.32 where this machine has them, and the newest of Debian sid; whatever is on
 * PATH otherwise. Empty only where there is neither a kubectl nor an apt to fetch one with.
 */
export function kubectls(): readonly Kubectl[] {
  if (found) return found;
  const local = onPath('kubectl');
  const beside = local ? dirname(realpathSync(local)) : undefined;
  const candidates = [
    ...(beside ? wanted.map((minor) => join(beside, `kubectl.${minor}`)).filter(existsSync) : []),
    fromDebian('sid'),
  ].filter((path) => path !== undefined);
  const byMinor = new Map<string, string>();
  for (const path of candidates) {
    const minor = minorOf(path);
    if (minor) byMinor.set(minor, path);
  }
  if (local && byMinor.size < 2) byMinor.set(minorOf(local) ?? 'PATH', local);
  if (byMinor.size === 0) {
    const stable = fromDebian('trixie');
    if (stable) byMinor.set(minorOf(stable)!, stable);
  }
  found = [...byMinor].map(([minor, path]) => ({ minor, path }));
  if (found.length === 0 && process.env['KRILL_REQUIRE_DOCKER'] === '1')
    throw new Error('no kubectl could be found or fetched');
  return found;
}

/** Runs one kubectl against a kubeconfig file; never throws for a non-zero exit. */
export function run(
  kubectl: string,
  kubeconfig: string,
  args: readonly string[],
  options: { input?: string; timeoutMs?: number; env?: Record<string, string> } = {},
): Promise<Output> {
  return new Promise((resolve) => {
    const child = execFile(
      kubectl,
      args,
      {
        env: { ...process.env, ...options.env, KUBECONFIG: kubeconfig },
        maxBuffer: 256 << 20,
        timeout: options.timeoutMs ?? 120_000,
      },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
        resolve({ code, stdout, stderr });
      },
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}

/** Like `run`, but a non-zero exit throws with everything that was printed. */
export async function ok(
  kubectl: string,
  kubeconfig: string,
  args: readonly string[],
  options?: { input?: string; timeoutMs?: number },
): Promise<string> {
  const output = await run(kubectl, kubeconfig, args, options);
  if (output.code !== 0)
    throw new Error(`kubectl ${args.join(' ')} ended with ${output.code}\n${output.stdout}\n${output.stderr}`);
  return output.stdout;
}

/** Starts a kubectl that runs until it is stopped (`-w`, `port-forward`); resolves its lines as they come. */
export function follow(
  kubectl: string,
  kubeconfig: string,
  args: readonly string[],
): { lines: AsyncIterable<string>; stop(): void } {
  const child = spawn(kubectl, args, {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.on('error', () => undefined);
  child.stderr.resume();
  async function* lines() {
    let rest = '';
    for await (const chunk of child.stdout) {
      const parts = (rest + String(chunk)).split('\n');
      rest = parts.pop()!;
      yield* parts;
    }
  }
  return { lines: lines(), stop: () => void child.kill() };
}
