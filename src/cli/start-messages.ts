import type { Readable } from 'node:stream';
import type { AdminAccess } from './kubeconfig.ts';

/** What a starting server tells the `up` that waits for it, one JSON line each, on file descriptor 3. */
export type StartMessage =
  | { readonly type: 'step'; readonly name: string }
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'serving'; readonly runtime: string; readonly access: AdminAccess }
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly what: string; readonly cause?: string; readonly next?: string };

/** The descriptor the messages go over; the supervisor passes it through. */
export const messageDescriptor = 3;

/** A server that ends with this code is not started again: it said why. */
export const givenUp = 78;

/** The messages in a stream of bytes; ends with it, however it ends. */
export async function* readMessages(source: Readable): AsyncGenerator<StartMessage> {
  let rest = '';
  try {
    for await (const chunk of source) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop()!;
      for (const line of lines) if (line !== '') yield JSON.parse(line) as StartMessage;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
