import type { WebSocket } from 'ws';
import { enoughUnread, type FrameWriter, maxUnread } from './watch-writer.ts';

/** The bytes that say how long a frame of protobuf is; a message of a WebSocket knows its length. */
const lengthBytes = 4;

/**
 * Sends frames to one watcher over a WebSocket, one message each: text for JSON, binary for protobuf.
 * Source: apiserver `endpoints/handlers/watch.go`, HandleWS.
 */
export class WatchSocket implements FrameWriter {
  readonly #socket: WebSocket;
  readonly #binary: boolean;
  readonly #onSlow: () => void;
  #waiting: (() => void)[] = [];
  #ended = false;

  constructor(socket: WebSocket, binary: boolean, onSlow: () => void) {
    this.#socket = socket;
    this.#binary = binary;
    this.#onSlow = onSlow;
  }

  send(frame: Buffer): void {
    if (this.#ended) return;
    const message = this.#binary ? frame.subarray(lengthBytes) : frame;
    this.#socket.send(message, { binary: this.#binary }, () => this.#sent());
    if (this.#socket.bufferedAmount <= maxUnread) return;
    this.#ended = true;
    this.#socket.terminate();
    this.#onSlow();
  }

  room(): Promise<void> | undefined {
    if (this.#ended || this.#socket.bufferedAmount <= enoughUnread) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  end(last?: Buffer): void {
    if (this.#ended) return;
    if (last) this.send(last);
    this.#ended = true;
    this.#socket.close();
  }

  #sent(): void {
    if (this.#waiting.length === 0 || this.#socket.bufferedAmount > enoughUnread) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
