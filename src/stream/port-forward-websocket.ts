import type { IncomingMessage } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import { type Forwarding, forwardError } from './forwarding.ts';
import { keepAsking } from './keep-asking.ts';
import { splice } from './splice.ts';
import { badRequest } from './stream-status.ts';
import { type Refusal, type UpgradeRequest, upgradeWebSocket } from './upgrade.ts';
import { type ChannelCodec, WebSocketChannels } from './websocket-channels.ts';

/** The channel sub-protocols of port-forward. Channel 2n carries the data of the n-th port, 2n+1 its errors. */
export const websocketProtocols: Readonly<Record<string, ChannelCodec>> = {
  '': { base64: false, closes: false },
  'v5.channel.k8s.io': { base64: false, closes: true },
  'v4.channel.k8s.io': { base64: false, closes: false },
  'v4.base64.channel.k8s.io': { base64: true, closes: false },
};

/** Channel numbers are one byte, 255 is taken. */
const maxPorts = 127;

/** The ports of the query: `ports` at the API server, `port` at a kubelet; repeated or comma-separated. */
export function requestedPorts(req: IncomingMessage): readonly number[] | Refusal {
  const query = new URL(req.url ?? '/', 'http://localhost').searchParams;
  const texts = [...query.getAll('ports'), ...query.getAll('port')].flatMap((value) => value.split(','));
  if (texts.length === 0) return badRequest('query parameter "port" is required');
  if (texts.length > maxPorts) return badRequest(`at most ${maxPorts} ports can be forwarded`);
  for (const text of texts) {
    if (!/^\d{1,5}$/.test(text) || Number(text) > 0xffff) return badRequest(`unable to parse "${text}" as a port`);
    if (Number(text) < 1) return badRequest(`port "${text}" must be > 0`);
  }
  return texts.map(Number);
}

/** Connects each port once; the session ends when all of them have ended, or with the client. */
export async function forwardWebSocket(
  upgrade: UpgradeRequest,
  protocol: string,
  ports: readonly number[],
  forwarding: Forwarding,
): Promise<void> {
  const ws = upgradeWebSocket(upgrade, protocol);
  if (!ws) return;
  const channels = new WebSocketChannels(ws, websocketProtocols[protocol]!);
  const over = new AbortController();
  const asking = keepAsking(() => ws.ping(() => undefined), forwarding.clock, over.signal);
  await Promise.all(
    ports.map((port, i) => {
      const input = channels.readable(2 * i);
      const output = channels.writable(2 * i);
      const errors = channels.writable(2 * i + 1);
      // Each channel begins with its port, so that clients can tell them apart.
      const announcement = Buffer.alloc(2);
      announcement.writeUInt16LE(port);
      output.write(announcement);
      errors.write(announcement);
      return forwardPort(port, input, output, errors, forwarding);
    }),
  );
  ws.resume();
  ws.close(1000);
  const linger = forwarding.clock.after(10_000, () => ws.terminate());
  if (!forwarding.gone.aborted) {
    await new Promise<void>((resolve) => forwarding.gone.addEventListener('abort', () => resolve(), { once: true }));
  }
  linger.cancel();
  over.abort();
  await asking;
}

async function forwardPort(
  port: number,
  input: Readable,
  output: Writable,
  errors: Writable,
  forwarding: Forwarding,
): Promise<void> {
  let failure: string | undefined;
  try {
    const backend = await forwarding.dial(port, forwarding.gone);
    // These protocols have no half-close: the pod's end is the end.
    backend.once('end', () => backend.end());
    failure = await splice(input, output, backend);
    await ended(output);
  } catch (refused) {
    failure = refused instanceof Error ? refused.message : String(refused);
  }
  if (failure !== undefined) errors.write(forwardError(forwarding.target, port, failure));
  await new Promise<void>((resolve) => errors.end(() => resolve()).once('close', resolve));
}

/** Resolves when what was written has been sent. */
const ended = (stream: Writable): Promise<void> =>
  new Promise((resolve) => {
    if (stream.writableFinished || stream.destroyed) resolve();
    else stream.once('finish', resolve).once('close', resolve);
  });
