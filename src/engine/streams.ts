import type { Duplex, Readable } from 'node:stream';
import { EngineError } from './errors.ts';

/** Gives a stream its error listener and ends it with the signal. */
export function guard(stream: Readable | Duplex, signal: AbortSignal | undefined): void {
  stream.on('error', () => undefined);
  if (!signal) return;
  const abort = () => void stream.destroy();
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  stream.once('close', () => signal.removeEventListener('abort', abort));
}

/** Reads an image request's progress to its end; an error inside becomes an exception. */
export async function drainProgress(stream: Readable): Promise<void> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  for (const line of text.split('\n')) {
    if (!line.trim()) continue;
    const { error } = JSON.parse(line) as { error?: string };
    if (error) throw new EngineError(500, error);
  }
}
