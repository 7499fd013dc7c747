import { isStatus, StatusError } from '../api/status.ts';
import { upgradeWebSocket, watchSocket } from '../stream/upgrade.ts';
import type { BodyStyle } from './encoding/body-style.ts';
import { Framer } from './encoding/frames.ts';
import { unacceptableStream } from './encoding/negotiate.ts';
import { WatchSocket } from './encoding/watch-socket.ts';
import { type FrameWriter, WatchWriter } from './encoding/watch-writer.ts';
import { statusOf } from './errors.ts';
import type { Operation, Registry } from './registry/operation.ts';
import { type RunningWatch, watch } from './registry/watch.ts';
import type { ApiRequest } from './request.ts';
import { headersFor } from './respond.ts';

/** Serves a watch: frames in a body that goes on, or messages of a WebSocket. */
export function serveWatch(registry: Registry, request: ApiRequest, op: Operation, style: BodyStyle): void {
  const { exchange } = request;
  const { watchType } = style.format;
  if (!watchType) throw unacceptableStream();
  const framer = new Framer(op.served, style, () => registry.clock.wall());
  // Events come in later turns, so the writer exists before the first one.
  let writer: FrameWriter | undefined;
  const end = (error?: unknown) => writer?.end(error ? framer.error(statusOf(error).status) : undefined);
  const running = startOrRefusal(() =>
    watch(registry, op, {
      events: (events) => {
        for (const event of events) writer?.send(framer.frame(event));
      },
      room: () => writer?.room(),
      end,
    }),
  );
  const close = () => void (running instanceof StatusError || running.close());
  exchange.onEnd(close);
  writer = writerOf(request, style, watchType, () => {
    registry.log.warn('a watcher was too slow and was cut off', { path: exchange.path });
    close();
  });
  // A handshake that failed has been answered.
  if (!writer) close();
  else if (running instanceof StatusError) end(running);
}

function writerOf(
  request: ApiRequest,
  { format }: BodyStyle,
  watchType: string,
  onSlow: () => void,
): FrameWriter | undefined {
  const { upgrade } = request.exchange;
  if (!upgrade) return new WatchWriter(request.exchange.stream(200, headersFor(request, watchType)), onSlow);
  watchSocket(upgrade.socket);
  const socket = upgradeWebSocket(upgrade, '');
  return socket && new WatchSocket(socket, format.media === 'protobuf', onSlow);
}

/** A revision that is gone is told by the watch itself, as its one event. Source: `storage/cacher`, newErrWatcher. */
function startOrRefusal(start: () => RunningWatch): RunningWatch | StatusError {
  try {
    return start();
  } catch (error) {
    if (isStatus(error, 'Expired')) return error;
    throw error;
  }
}
