import { spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import type { StreamedProcess } from '../../../src/stream/process.ts';

/** What happened to a process of `localProcess`. */
export interface ProcessRecord {
  readonly sizes: Array<[number, number]>;
  killed: boolean;
}

/** Runs a command of this machine as if it ran in a container. */
export function localProcess(
  command: readonly string[],
  streams: { stdin: boolean; stdout: boolean; stderr: boolean },
  record: ProcessRecord = { sizes: [], killed: false },
): StreamedProcess {
  const child = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => undefined);
  if (!streams.stdin) child.stdin.end();
  const exit = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? (signal ? 137 : 0)));
  });
  exit.catch(() => undefined);
  return {
    ...(streams.stdin && { stdin: child.stdin }),
    // Node throws away what nobody has begun to read when a child exits, so it is always being read.
    ...(streams.stdout && { stdout: child.stdout.pipe(new PassThrough()) }),
    ...(streams.stderr && { stderr: child.stderr.pipe(new PassThrough()) }),
    resize: (columns, rows) => void record.sizes.push([columns, rows]),
    exit,
    kill: () => {
      record.killed = true;
      child.kill('SIGKILL');
    },
  };
}
