import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../structure/sources.ts';
import { follow, type Output, ok, run } from './kubectl.ts';

/** The Node that npm scripts use, and the bundle as a user runs it. */
export const node = join(root, 'node_modules/.bin/node');
export const bundle = join(root, 'dist/krill.mjs');

/** Whether Docker suites must run (CI) or may be left out where no engine answers. */
export const dockerRequired = process.env['KRILL_REQUIRE_DOCKER'] === '1';

let answered: boolean | undefined;

/** Whether a Docker engine answers. Throws where CI requires one. */
export function dockerAnswers(): boolean {
  if (answered === undefined) {
    try {
      execFileSync('docker', ['version', '--format', '{{.Server.Version}}'], { stdio: 'ignore', timeout: 10_000 });
      answered = true;
    } catch {
      answered = false;
    }
  }
  if (!answered && dockerRequired) throw new Error('KRILL_REQUIRE_DOCKER is set and no Docker engine answers');
  return answered;
}

/** Builds krill-test/* images once per run. */
export function buildTestImages(): void {
  execFileSync('bash', [join(root, 'images/test/build.sh')], { stdio: 'pipe' });
}

/** A krill installation of its own: home folder, kubeconfig, and whatever clusters a test makes in it. */
export interface Installation extends AsyncDisposable {
  readonly home: string;
  readonly kubeconfig: string;
  /** Runs `krill ...`; never throws for a non-zero exit. */
  krill(...args: string[]): Promise<Output>;
  /** Runs `krill ...`; throws with its output on a non-zero exit. */
  must(...args: string[]): Promise<string>;
}

export function installation(): Installation {
  const home = mkdtempSync(join(tmpdir(), 'krill-e2e-'));
  const kubeconfig = join(home, 'kubeconfig');
  const env = { ...process.env, KRILL_HOME: home, KUBECONFIG: kubeconfig };
  const krill = (...args: string[]) =>
    new Promise<Output>((resolve) => {
      execFile(node, [bundle, ...args], { env, maxBuffer: 64 << 20, timeout: 120_000 }, (error, stdout, stderr) =>
        resolve({ code: error ? (typeof error.code === 'number' ? error.code : 1) : 0, stdout, stderr }),
      );
    });
  const must = async (...args: string[]) => {
    const output = await krill(...args);
    if (output.code !== 0)
      throw new Error(`krill ${args.join(' ')} ended with ${output.code}\n${output.stdout}\n${output.stderr}`);
    return output.stdout;
  };
  return {
    home,
    kubeconfig,
    krill,
    must,
    async [Symbol.asyncDispose]() {
      const listed = await krill('list', '-o', 'json');
      const clusters = listed.code === 0 ? (JSON.parse(listed.stdout) as { name: string }[]) : [];
      for (const { name } of clusters) {
        const gone = await krill('delete', name);
        if (gone.code !== 0) throw new Error(`krill delete ${name} failed:\n${gone.stdout}\n${gone.stderr}`);
      }
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A kubectl bound to an installation's current cluster. */
export interface BoundKubectl {
  /** Output on success; throws otherwise. */
  (...args: string[]): Promise<string>;
  run(args: string[], input?: string, env?: Record<string, string>): Promise<Output>;
  apply(manifest: string, ...args: string[]): Promise<string>;
  follow(...args: string[]): ReturnType<typeof follow>;
}

export function bind(kubectl: string, installed: Installation): BoundKubectl {
  const call = (...args: string[]) => ok(kubectl, installed.kubeconfig, args);
  return Object.assign(call, {
    run: (args: string[], input?: string, env?: Record<string, string>) =>
      run(kubectl, installed.kubeconfig, args, { ...(input === undefined ? {} : { input }), ...(env ? { env } : {}) }),
    apply: (manifest: string, ...args: string[]) =>
      ok(kubectl, installed.kubeconfig, ['apply', '-f', '-', ...args], { input: manifest }),
    follow: (...args: string[]) => follow(kubectl, installed.kubeconfig, args),
  });
}

/** A kubeconfig as an object (krill writes JSON-compatible YAML; parsed with the yaml package by callers that need more). */
export function kubeconfigText(installed: Installation): string {
  return readFileSync(installed.kubeconfig, 'utf8');
}
