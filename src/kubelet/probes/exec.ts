import { abortable } from '../../base/abortable.ts';
import type { Runtime } from '../../node/runtime.ts';
import type { StreamedProcess } from '../../stream/process.ts';

export interface ExecResult {
  readonly exitCode: number;
  readonly output: string;
}

/** Source: kubelet `maxReadLength` of exec probes. */
const maxOutput = 10 * 1024;

/** Runs a command in a container to its end. */
export async function execCollect(
  runtime: Runtime,
  node: string,
  containerId: string,
  command: readonly string[],
  signal: AbortSignal,
): Promise<ExecResult> {
  const options = { command, stdin: false, stdout: true, stderr: true, tty: false };
  const started = runtime.exec(node, containerId, options, signal);
  const process = await abortable(started, signal, (late) => late.kill());
  return collectOutput(process, signal);
}

/** Waits for a process's end and collects both outputs, cut at 10 KiB. Aborting the signal ends it. */
async function collectOutput(process: StreamedProcess, signal: AbortSignal): Promise<ExecResult> {
  const chunks: Buffer[] = [];
  let size = 0;
  const ends = [process.stdout, process.stderr].map(
    (stream) =>
      new Promise<void>((resolve) => {
        if (!stream || stream.destroyed) return resolve();
        stream.on('error', () => resolve());
        stream.on('close', () => resolve());
        stream.on('end', () => resolve());
        stream.on('data', (chunk: Buffer) => {
          if (size < maxOutput) chunks.push(chunk);
          size += chunk.length;
        });
      }),
  );
  process.stdin?.on('error', () => undefined);
  try {
    const exitCode = await abortable(process.exit, signal);
    // The exit may be known before the last of the output has been read.
    await abortable(Promise.all(ends), signal);
    return { exitCode, output: Buffer.concat(chunks).subarray(0, maxOutput).toString('utf8') };
  } catch (error) {
    process.kill();
    throw error;
  }
}
