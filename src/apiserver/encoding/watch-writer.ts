import type { AnswerStream } from '../exchange.ts';

/** Takes the frames of one watch. */
export interface FrameWriter {
  send(frame: Buffer): void;
  /** Resolves when the client has read what it has been sent; undefined where it need not be waited for. */
  room(): Promise<void> | undefined;
  /** Ends the watch, with a last frame where there is more to say. */
  end(last?: Buffer): void;
}

/** Bytes a client may leave unread before its watch is ended. */
export const maxUnread = 16 * 1024 * 1024;
/** Bytes a client may leave unread before it gets no more of the state or the past, which can wait. */
export const enoughUnread = 1024 * 1024;

/** Sends frames to one watcher: those of one turn as one write, and no more than it takes. */
export class WatchWriter implements FrameWriter {
  readonly #stream: AnswerStream;
  readonly #onSlow: () => void;
  #frames: Buffer[] = [];
  #scheduled = false;
  #ended = false;

  constructor(stream: AnswerStream, onSlow: () => void) {
    this.#stream = stream;
    this.#onSlow = onSlow;
  }

  send(frame: Buffer): void {
    if (this.#ended) return;
    this.#frames.push(frame);
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#flush());
  }

  room(): Promise<void> | undefined {
    this.#flush();
    if (this.#ended || this.#stream.buffered <= enoughUnread) return undefined;
    return new Promise((resolve) => this.#stream.onDrain(resolve));
  }

  end(last?: Buffer): void {
    if (this.#ended) return;
    if (last) this.#frames.push(last);
    this.#flush();
    this.#ended = true;
    this.#stream.end();
  }

  #flush(): void {
    this.#scheduled = false;
    if (this.#ended || this.#frames.length === 0) return;
    const data = this.#frames.length === 1 ? this.#frames[0]! : Buffer.concat(this.#frames);
    this.#frames = [];
    this.#stream.write(data);
    if (this.#stream.buffered <= maxUnread) return;
    this.#ended = true;
    this.#stream.destroy();
    this.#onSlow();
  }
}
