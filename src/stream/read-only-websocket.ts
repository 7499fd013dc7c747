import type { IncomingMessage } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { keepAsking } from './keep-asking.ts';
import { refusalOf } from './stream-status.ts';
import {
  notUpgradable,
  offeredSubprotocols,
  refuseUpgrade,
  unknownSubprotocol,
  upgradeWebSocket,
  wantsWebSocket,
  watchSocket,
} from './upgrade.ts';

/** Sub-protocols of one-way streams: whether messages are base64 text. */
const protocols: Readonly<Record<string, boolean>> = {
  '': false,
  'binary.k8s.io': false,
  'base64.binary.k8s.io': true,
};

/**
 * Serves a one-way stream (logs) over a WebSocket: one message a chunk, then an orderly close. If `open` rejects, the
 * client gets an HTTP Status instead of the upgrade. What the client sends is dropped. Never rejects.
 */
export async function acceptReadOnlyWebSocket(
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  open: (signal: AbortSignal) => Promise<Readable>,
  clock: Clock,
  log: Logger,
): Promise<void> {
  const gone = watchSocket(socket);
  if (!wantsWebSocket(req)) return refuseUpgrade(socket, notUpgradable(req));
  const offered = offeredSubprotocols(req);
  const protocol = offered.length === 0 ? '' : offered.find((p) => Object.hasOwn(protocols, p));
  if (protocol === undefined) {
    return refuseUpgrade(socket, unknownSubprotocol(offered, Object.keys(protocols).filter(Boolean)));
  }
  let source: Readable;
  try {
    source = await open(gone);
  } catch (error) {
    return refuseUpgrade(socket, refusalOf(error, 'error opening the stream'));
  }
  const leave = () => void source.destroy();
  source.on('error', () => undefined);
  gone.addEventListener('abort', leave, { once: true });
  if (gone.aborted) return leave();
  const ws = upgradeWebSocket({ req, socket, head }, protocol);
  if (!ws) return leave();
  const over = new AbortController();
  const asking = keepAsking(() => ws.ping(() => undefined), clock, over.signal);
  const send = (chunk: Buffer) =>
    new Promise<void>((resolve, reject) => {
      const message = protocols[protocol] ? chunk.toString('base64') : chunk;
      ws.send(message, (error) => (error ? reject(error) : resolve()));
    });
  try {
    // An empty message tells the client that the stream is open, long before the first line may come.
    await send(Buffer.alloc(0));
    for await (const chunk of source) await send(Buffer.from(chunk));
    ws.close(1000);
  } catch (error) {
    if (!gone.aborted) log.info('one-way stream failed', { error });
    ws.close(1011);
  }
  const linger = clock.after(10_000, () => ws.terminate());
  if (!gone.aborted)
    await new Promise<void>((resolve) => gone.addEventListener('abort', () => resolve(), { once: true }));
  linger.cancel();
  over.abort();
  await asking;
}
