import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Target, targetOfKubeconfig } from './target.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const node = join(root, 'node_modules/.bin/node');
const built = join(root, 'dist/krill.mjs');

/** A krill cluster started for a measurement, and when. */
export interface MeasuredCluster extends Disposable {
  readonly target: Target;
  readonly kubeconfig: string;
  /** performance.now() at the exec of the bundle. */
  readonly started: number;
  /** Resolves when `krill up` ended well and pods may be made. */
  ready(): Promise<void>;
  /** The server process. */
  pid(): number;
}

/** Runs the bundle with a data folder of its own; resolves as soon as the kubeconfig is there. */
export async function startMeasured(args: readonly string[], bundle = built): Promise<MeasuredCluster> {
  if (!existsSync(bundle)) throw new Error(`${bundle} is missing: npm run build`);
  const home = mkdtempSync(join(tmpdir(), 'krill-bench-'));
  const kubeconfig = join(home, 'kubeconfig');
  const env = { ...process.env, KRILL_HOME: home, KUBECONFIG: kubeconfig };
  const started = performance.now();
  const up = spawn(node, [bundle, 'up', 'bench', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  up.stdout.on('data', (chunk) => (printed += chunk));
  up.stderr.on('data', (chunk) => (printed += chunk));
  const ended = new Promise<void>((resolve) => up.on('exit', () => resolve()));
  while (!existsSync(kubeconfig)) {
    if (up.exitCode !== null && up.exitCode !== 0) throw new Error(`krill up failed:\n${printed}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const target = targetOfKubeconfig(kubeconfig);
  return {
    target,
    kubeconfig,
    started,
    async ready() {
      await ended;
      if (up.exitCode !== 0) throw new Error(`krill up failed:\n${printed}`);
      await seen(target, '/api/v1/namespaces/default/serviceaccounts', () => true);
    },
    pid() {
      const status = spawnSync(node, [bundle, 'status', 'bench', '-o', 'json'], { env, encoding: 'utf8' });
      return JSON.parse(status.stdout).pid;
    },
    [Symbol.dispose]() {
      spawnSync(node, [bundle, 'delete', 'bench'], { env });
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** One request, on a connection of its own unless an agent is given; rejects only when nothing answers. */
export function send(
  target: Target,
  method: string,
  path: string,
  body?: string,
  agent: Agent | false = false,
): Promise<{ code: number; text: string }> {
  return new Promise((resolve, reject) => {
    const req = request(
      {
        ...target,
        method,
        path,
        agent,
        rejectUnauthorized: target.ca !== undefined,
        headers: {
          ...(target.token && { authorization: `Bearer ${target.token}` }),
          ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        },
      },
      (res) => {
        let text = '';
        res.on('data', (chunk) => (text += chunk));
        res.on('end', () => resolve({ code: res.statusCode ?? 0, text }));
        res.on('error', reject);
      },
    );
    req.on('error', reject);
    req.end(body);
  });
}

/** Creates an object; throws when it is not. */
export async function post({ target }: MeasuredCluster, path: string, object: object): Promise<void> {
  const { code, text } = await send(target, 'POST', path, JSON.stringify(object));
  if (code !== 201) throw new Error(`POST ${path} was answered with ${code}: ${text}`);
}

/** Watches until `done` accepts an object; resolves with the time it was seen. */
export function seen(target: Target, path: string, done: (object: Record<string, never>) => boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    const req = request(
      { ...target, method: 'GET', path: `${path}${path.includes('?') ? '&' : '?'}watch=true`, agent: false },
      (res) => {
        let rest = '';
        res.on('data', (chunk) => {
          const lines = (rest + chunk).split('\n');
          rest = lines.pop()!;
          for (const line of lines) {
            if (!done(JSON.parse(line).object)) continue;
            resolve(performance.now());
            req.destroy();
            return;
          }
        });
        res.on('error', () => undefined);
      },
    );
    req.on('error', reject);
    req.end();
  });
}
