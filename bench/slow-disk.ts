import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Why fsyncs cannot be slowed here; undefined where they can. */
export function whyNotSlow(): string | undefined {
  return spawnSync('strace', ['-V']).error && 'strace is not installed';
}

/** The thread that writes the store: the only one to be traced, for tracing itself slows every call of a thread. */
function writerThread(pid: number): string {
  const tasks = `/proc/${pid}/task`;
  const writer = readdirSync(tasks).find(
    (tid) => readFileSync(`${tasks}/${tid}/comm`, 'latin1').trim() === 'krill-store',
  );
  if (!writer) throw new Error(`process ${pid} has no thread called krill-store`);
  return writer;
}

/** A disk whose every fsync takes `milliseconds` longer, for one krill process and until disposed of. */
export async function slowFsync(pid: number, milliseconds: number): Promise<AsyncDisposable> {
  const calls = 'fdatasync,fsync';
  const inject = `inject=${calls}:delay_exit=${milliseconds * 1000}`;
  const tracer = spawn('strace', ['-e', `trace=${calls}`, '-e', inject, '-o', '/dev/null', '-p', writerThread(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => tracer.on('close', () => resolve()));
  let said = '';
  await new Promise<void>((resolve, reject) => {
    tracer.on('error', reject);
    tracer.on('exit', () => reject(new Error(`strace ended: ${said}`)));
    tracer.stderr.on('data', (chunk) => {
      said += chunk;
      if (/attached/.test(said)) resolve();
    });
  });
  return {
    async [Symbol.asyncDispose]() {
      tracer.kill('SIGINT');
      await ended;
    },
  };
}
