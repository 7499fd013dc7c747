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

/** The messages in a stream of bytes. */
export async function* readMessages(source: AsyncIterable<Buffer | string>): AsyncGenerator<StartMessage> {
  let rest = '';
  for await (const chunk of source) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line !== '') yield JSON.parse(line) as StartMessage;
  }
}
