import type { StreamedProcess } from '../../stream/process.ts';

export interface ExecResult {
  readonly exitCode: number;
  readonly output: string;
}

/** Source: kubelet `maxReadLength` of exec probes. */
const maxOutput = 10 * 1024;

/** Runs a process to its end and collects both outputs, cut at 10 KiB. Aborting the signal ends it. */
export async function collectOutput(process: StreamedProcess, signal: AbortSignal): Promise<ExecResult> {
  const chunks: Buffer[] = [];
  let size = 0;
  for (const stream of [process.stdout, process.stderr]) {
    stream?.on('error', () => undefined);
    stream?.on('data', (chunk: Buffer) => {
      if (size < maxOutput) chunks.push(chunk);
      size += chunk.length;
    });
  }
  process.stdin?.on('error', () => undefined);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    const exitCode = await Promise.race([process.exit, aborted]);
    return { exitCode, output: Buffer.concat(chunks).subarray(0, maxOutput).toString('utf8') };
  } catch (error) {
    process.exit.catch(() => undefined);
    process.kill();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
