import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Kubectl, kubectls } from '../kubectl.ts';

/**
 * The kubectls to test streaming with: those of every test, and 1.30, the last to speak SPDY for everything.
 * There is always at least one: tests that all skip prove nothing.
 */
export function streamingKubectls(): Kubectl[] {
  const found = [...kubectls()];
  if (found.length === 0) throw new Error('the streaming tests need a kubectl on the PATH');
  const extra = join(dirname(realpathSync(found[0]!.path)), 'kubectl.1.30');
  if (existsSync(extra)) found.push({ minor: '1.30', path: extra });
  return found.sort((a, b) => a.minor.localeCompare(b.minor));
}

/** What a program printed, byte for byte, and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs a program to its end with `input` on stdin. */
export function program(
  command: string,
  args: readonly string[],
  options: { input?: Buffer | string; signal?: AbortSignal } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, KUBECONFIG: '/dev/null' },
      ...(options.signal && { signal: options.signal, killSignal: 'SIGKILL' }),
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => err.push(Buffer.from(error.message)));
    child.on('close', (code) => resolve({ code, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() }));
    child.stdin.end(options.input ?? '');
  });
}
