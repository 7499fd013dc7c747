import type { IncomingMessage } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { SpdyConnection, type SpdyStream } from './spdy-connection.ts';
import type { StreamStatus } from './stream-status.ts';
import {
  negotiateSpdy,
  notUpgradable,
  offeredSubprotocols,
  type Refusal,
  type UpgradeRequest,
  unknownSubprotocol,
  upgradeSpdy,
  upgradeWebSocket,
  wantsSpdy,
  wantsWebSocket,
} from './upgrade.ts';
import { type ChannelCodec, WebSocketChannels } from './websocket-channels.ts';

/** The streams of a session, as the request asks for them. */
export interface CommandStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** The client's side of a session, whatever protocol carries it. */
export interface CommandChannels {
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  /** JSON documents {"Width":…,"Height":…}. */
  readonly resize?: Readable;
  /** Aborts when the connection is gone. */
  readonly gone: AbortSignal;
  /** Makes a dead connection notice that it is dead. */
  ping(): void;
  /** Sends the outcome and closes in good order; resolves when the connection is gone. */
  finish(status: StreamStatus): Promise<void>;
}

/** A protocol both ends speak. */
export interface AgreedProtocol {
  readonly transport: 'websocket' | 'spdy';
  readonly protocol: string;
  /** Before v4 the error stream carried plain text. */
  readonly jsonStatus: boolean;
  /** From v3 on, terminals can be resized (SPDY); WebSocket always has the channel. */
  readonly resizes: boolean;
  readonly codec: ChannelCodec;
}

const binary: ChannelCodec = { base64: false, closes: false };
const base64: ChannelCodec = { base64: true, closes: false };

const websocketProtocols: Readonly<Record<string, { codec: ChannelCodec; jsonStatus: boolean }>> = {
  'v5.channel.k8s.io': { codec: { base64: false, closes: true }, jsonStatus: true },
  'v4.channel.k8s.io': { codec: binary, jsonStatus: true },
  'v4.base64.channel.k8s.io': { codec: base64, jsonStatus: true },
  'channel.k8s.io': { codec: binary, jsonStatus: false },
  'base64.channel.k8s.io': { codec: base64, jsonStatus: false },
  '': { codec: binary, jsonStatus: false },
};

const spdyProtocols: Readonly<Record<string, { jsonStatus: boolean; resizes: boolean }>> = {
  'v4.channel.k8s.io': { jsonStatus: true, resizes: true },
  'v3.channel.k8s.io': { jsonStatus: false, resizes: true },
  'v2.channel.k8s.io': { jsonStatus: false, resizes: false },
  'channel.k8s.io': { jsonStatus: false, resizes: false },
};

/** How long a SPDY client may take to open its streams, as in kubelet. */
const streamCreationTimeout = 30_000;
/** How long a WebSocket client's pong is waited for before the session starts without it. */
const readsTimeout = 500;
/** How long a client may take to close after the outcome was sent. */
const lingerTimeout = 10_000;

const stdin = 0;
const stdout = 1;
const stderr = 2;
const error = 3;
const resize = 4;

/** Picks the protocol of an exec or attach request, or says how to refuse it. */
export function negotiateCommand(req: IncomingMessage): AgreedProtocol | Refusal {
  if (wantsWebSocket(req)) {
    const offered = offeredSubprotocols(req);
    const protocol = offered.length === 0 ? '' : offered.find((p) => Object.hasOwn(websocketProtocols, p));
    if (protocol === undefined) return unknownSubprotocol(offered, Object.keys(websocketProtocols).filter(Boolean));
    return { transport: 'websocket', protocol, resizes: true, ...websocketProtocols[protocol]! };
  }
  if (!wantsSpdy(req)) return notUpgradable(req);
  const protocol = negotiateSpdy(req, Object.keys(spdyProtocols));
  if (typeof protocol !== 'string') return protocol;
  return { transport: 'spdy', protocol, codec: binary, ...spdyProtocols[protocol]! };
}

/** Answers the upgrade and waits until the client has its streams open. */
export function openCommand(
  upgrade: UpgradeRequest,
  agreed: AgreedProtocol,
  streams: CommandStreams,
  gone: AbortSignal,
  clock: Clock,
  log: Logger,
): Promise<CommandChannels> {
  const open = agreed.transport === 'websocket' ? openWebSocket : openSpdy;
  return open(upgrade, agreed, streams, gone, clock, log);
}

const statusText = (agreed: AgreedProtocol, status: StreamStatus): string =>
  agreed.jsonStatus ? JSON.stringify(status) : status.status === 'Success' ? '' : (status.message ?? '');

const whenGone = (gone: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (gone.aborted) resolve();
    else gone.addEventListener('abort', () => resolve(), { once: true });
  });

async function openWebSocket(
  upgrade: UpgradeRequest,
  agreed: AgreedProtocol,
  streams: CommandStreams,
  gone: AbortSignal,
  clock: Clock,
): Promise<CommandChannels> {
  const ws = upgradeWebSocket(upgrade, agreed.protocol);
  if (!ws) throw new Error('the WebSocket handshake failed');
  const channels = new WebSocketChannels(ws, agreed.codec);
  const errors = channels.writable(error);
  const input = streams.stdin ? channels.readable(stdin) : undefined;
  const size = streams.tty ? channels.readable(resize) : undefined;
  await clientReads(ws, gone, clock);
  // The lowest channel the client reads tells it that the session is up.
  channels.announce(streams.stdout ? stdout : streams.stderr ? stderr : error);
  return {
    ...(input && { stdin: input }),
    ...(streams.stdout && { stdout: channels.writable(stdout) }),
    ...(streams.stderr && { stderr: channels.writable(stderr) }),
    ...(size && { resize: size }),
    gone,
    ping: () => ws.ping(() => undefined),
    async finish(status) {
      const text = statusText(agreed, status);
      if (text) await new Promise<void>((resolve) => errors.end(text, () => resolve()).once('close', resolve));
      ws.resume();
      ws.close(1000);
      const timer = clock.after(lingerTimeout, () => ws.terminate());
      await whenGone(gone);
      timer.cancel();
    },
  };
}

/**
 * Waits until the client answers pings. kubectl 1.30 to 1.32 throws away what arrives before it has set up its
 * streams, which happens just after its read loop starts: the first pong proves the loop, those after it come when the
 * streams have been made. A client that writes has made them; and its input may fill the buffer, behind which no pong
 * would ever be read.
 */
async function clientReads(ws: WebSocket, gone: AbortSignal, clock: Clock): Promise<void> {
  let writes = false;
  for (let i = 0; i < 3 && !writes && !gone.aborted; i++) {
    await new Promise<void>((resolve) => {
      const timer = clock.after(readsTimeout, resolve);
      const go = () => {
        timer.cancel();
        ws.off('pong', go);
        ws.off('message', written);
        resolve();
      };
      const written = () => {
        writes = true;
        go();
      };
      ws.once('pong', go);
      ws.once('message', written);
      gone.addEventListener('abort', go, { once: true });
      ws.ping(() => undefined);
    });
  }
}

async function openSpdy(
  upgrade: UpgradeRequest,
  agreed: AgreedProtocol,
  streams: CommandStreams,
  gone: AbortSignal,
  clock: Clock,
  log: Logger,
): Promise<CommandChannels> {
  const expected = new Set<string>(['error']);
  for (const name of ['stdin', 'stdout', 'stderr'] as const) if (streams[name]) expected.add(name);
  if (streams.tty && agreed.resizes) expected.add('resize');

  const opened = new Map<string, SpdyStream>();
  const complete = Promise.withResolvers<void>();
  upgradeSpdy(upgrade, agreed.protocol);
  const connection = new SpdyConnection(upgrade.socket, log, (stream) => {
    const type = stream.headers.get('streamtype') ?? '';
    if (!expected.has(type) || opened.has(type)) {
      log.info('unexpected stream', { type });
      stream.destroy();
      return;
    }
    opened.set(type, stream);
    if (opened.size === expected.size) complete.resolve();
  });
  void connection.run().then(() => complete.reject(new Error('the client went away before its streams were open')));
  const timer = clock.after(streamCreationTimeout, () =>
    complete.reject(new Error('timed out waiting for client to create streams')),
  );
  await complete.promise.finally(() => timer.cancel());

  const errors = opened.get('error')!;
  const [input, out, err, size] = ['stdin', 'stdout', 'stderr', 'resize'].map((name) => opened.get(name));
  return {
    ...(input && { stdin: input }),
    ...(out && { stdout: out }),
    ...(err && { stderr: err }),
    ...(size && { resize: size }),
    gone,
    ping: () => connection.ping(),
    async finish(status) {
      await new Promise<void>((resolve) =>
        errors.end(statusText(agreed, status), () => resolve()).once('close', resolve),
      );
      for (const stream of [input, size]) stream?.resume();
      // Every stream is half-closed by now. Go clients drop what they have not yet read when the connection ends,
      // so the client ends it; GOAWAY is for one that forgets to.
      const linger = clock.after(lingerTimeout, () => {
        connection.end();
        connection.destroy();
      });
      await connection.closed;
      linger.cancel();
    },
  };
}
