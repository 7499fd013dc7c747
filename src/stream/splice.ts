import type { Duplex, Readable, Writable } from 'node:stream';
import { messageOf } from './stream-status.ts';

/**
 * Joins a client (what it sends, what it reads) with `backend`, each end half-closing the other, until the backend
 * has closed. Resolves with the text of what broke it, or undefined after an orderly end. When the client goes away,
 * the backend is destroyed.
 */
export function splice(input: Readable, output: Writable, backend: Duplex): Promise<string | undefined> {
  return new Promise((resolve) => {
    let failure: string | undefined;
    backend.on('error', (error) => {
      failure ??= messageOf(error);
    });
    input.pipe(backend);
    backend.pipe(output);
    backend.once('close', () => {
      // Nobody takes the client's bytes any more; what the backend sent is still on its way.
      input.unpipe(backend);
      input.resume();
      output.end();
      resolve(failure);
    });
    input.once('close', () => {
      if (!input.readableEnded) backend.destroy();
    });
    output.once('close', () => {
      if (!output.writableFinished) backend.destroy();
    });
    if (input.destroyed || output.destroyed) backend.destroy();
    if (backend.closed) resolve(failure);
  });
}
