import type { Duplex } from 'node:stream';
import { createWebSocketStream } from 'ws';
import type { Timer } from '../base/clock.ts';
import { type Forwarding, forwardError } from './forwarding.ts';
import { keepAsking } from './keep-asking.ts';
import { SpdyConnection, type SpdyStream } from './spdy-connection.ts';
import { splice } from './splice.ts';
import { type UpgradeRequest, upgradeWebSocket } from './upgrade.ts';

/** The sub-protocol of port-forward over SPDY. */
export const spdyProtocol = 'portforward.k8s.io';
/** The WebSocket sub-protocol that carries such a SPDY connection in binary messages. */
export const tunnelProtocol = `SPDY/3.1+${spdyProtocol}`;

/** How long a client may take to open the second stream of a pair, as in kubelet. */
const pairTimeout = 30_000;

/** Answers a tunnel's upgrade; undefined when the handshake was malformed (and answered so). */
export function upgradeTunnel(upgrade: UpgradeRequest): Duplex | undefined {
  const ws = upgradeWebSocket(upgrade, tunnelProtocol);
  return ws && createWebSocketStream(ws, { readableHighWaterMark: 256 * 1024, writableHighWaterMark: 256 * 1024 });
}

/** The data and the error stream of one forwarded connection. */
interface Pair {
  data?: SpdyStream;
  error?: SpdyStream;
  readonly timer: Timer;
}

/** Serves forwarded connections, any number at a time, until the client ends the transport. */
export async function forwardSpdy(transport: Duplex, forwarding: Forwarding): Promise<void> {
  const pairs = new Map<string, Pair>();
  const running = new Set<Promise<void>>();
  const over = new AbortController();

  const newPair = (id: string): Pair => ({
    timer: forwarding.clock.after(pairTimeout, () => {
      const pair = pairs.get(id);
      pairs.delete(id);
      pair?.error?.end(`request=${id} timed out waiting for streams`);
      pair?.data?.end();
    }),
  });

  const connection = new SpdyConnection(transport, forwarding.log, (stream) => {
    const refusal = refusalOf(stream);
    if (refusal) {
      forwarding.log.info('port-forward stream refused', { reason: refusal });
      stream.destroy();
      return;
    }
    const type = stream.headers.get('streamtype') as 'data' | 'error';
    const id = requestIdOf(stream, type);
    const pair = pairs.get(id) ?? newPair(id);
    if (pair[type]) {
      stream.destroy();
      return;
    }
    pair[type] = stream;
    pairs.set(id, pair);
    if (!pair.data || !pair.error) return;
    pair.timer.cancel();
    pairs.delete(id);
    const done: Promise<void> = forwardPair(pair.data, pair.error, forwarding).finally(() => running.delete(done));
    running.add(done);
  });
  const asking = keepAsking(() => connection.ping(), forwarding.clock, over.signal);
  await connection.run();
  over.abort();
  for (const pair of pairs.values()) pair.timer.cancel();
  await Promise.all([asking, ...running]);
}

/** Clients from before request ids open the error stream just before the data stream. */
function requestIdOf(stream: SpdyStream, type: 'data' | 'error'): string {
  return stream.headers.get('requestid') ?? String(type === 'error' ? stream.id : stream.id - 2);
}

function refusalOf(stream: SpdyStream): string | undefined {
  const port = stream.headers.get('port');
  const type = stream.headers.get('streamtype');
  if (!port) return '"port" header is required';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 0xffff) return `unable to parse "${port}" as a port`;
  if (Number(port) < 1) return `port "${port}" must be > 0`;
  if (!type) return '"streamType" header is required';
  if (type !== 'data' && type !== 'error') return `invalid stream type "${type}"`;
  return undefined;
}

async function forwardPair(data: SpdyStream, error: SpdyStream, forwarding: Forwarding): Promise<void> {
  const port = Number(data.headers.get('port'));
  // Clients write nothing on the error stream; reading it lets it close.
  error.resume();
  const gone = new AbortController();
  data.once('close', () => gone.abort(new Error('the client closed the connection')));
  let failure: string | undefined;
  try {
    const backend = await forwarding.dial(port, AbortSignal.any([gone.signal, forwarding.gone]));
    // Older kubectls close their side only when the error stream has ended, so it ends with the pod's last byte.
    backend.once('end', () => error.end());
    failure = await splice(data, data, backend);
  } catch (refused) {
    failure = refused instanceof Error ? refused.message : String(refused);
    data.resume();
    data.end();
  }
  if (failure === undefined || data.destroyed || error.writableEnded) {
    error.end();
    return;
  }
  const text = forwardError(forwarding.target, port, failure);
  forwarding.log.debug('port-forward failed', { error: text });
  error.end(text);
}
