import { PassThrough, type Readable } from 'node:stream';

/** Which output a piece of a container's stream came from. */
export type Source = 'stdout' | 'stderr';

/**
 * Parses the engine's multiplexed stream: frames of one type byte, three zero bytes, a 32-bit length and the payload.
 * Payloads may be given out in parts, so a frame is never held in memory whole.
 */
export class FrameParser {
  readonly #emit: (source: Source, data: Buffer, endOfFrame: boolean) => void;
  #head = Buffer.alloc(0);
  #left = 0;
  #source: Source = 'stdout';

  constructor(emit: (source: Source, data: Buffer, endOfFrame: boolean) => void) {
    this.#emit = emit;
  }

  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#left > 0) {
        const part = rest.subarray(0, this.#left);
        this.#left -= part.length;
        rest = rest.subarray(part.length);
        this.#emit(this.#source, part, this.#left === 0);
        continue;
      }
      const need = 8 - this.#head.length;
      this.#head = Buffer.concat([this.#head, rest.subarray(0, need)]);
      rest = rest.subarray(need);
      if (this.#head.length < 8) return;
      this.#source = this.#head[0] === 2 ? 'stderr' : 'stdout';
      this.#left = this.#head.readUInt32BE(4);
      this.#head = Buffer.alloc(0);
    }
  }
}

/** Gives what is left of the pieces of a stream when its first bytes are dropped. */
export function dropFirst(bytes: number): (piece: Buffer) => Buffer {
  let left = bytes;
  return (piece) => {
    const rest = piece.subarray(left);
    left -= piece.length - rest.length;
    return rest;
  };
}

/**
 * Splits a multiplexed stream in two, without the first so many bytes of both together. The slower reader holds back the
 * engine, as one pipe would.
 */
export function splitOutput(stream: Readable, skip = 0): { stdout: Readable; stderr: Readable } {
  const out = { stdout: new PassThrough(), stderr: new PassThrough() };
  let blocked = 0;
  const keep = dropFirst(skip);
  const parser = new FrameParser((source, data) => {
    const to = out[source];
    if (to.destroyed || to.writableEnded || to.write(keep(data))) return;
    blocked++;
    stream.pause();
    const resume = () => {
      to.off('drain', resume);
      to.off('close', resume);
      if (--blocked === 0) stream.resume();
    };
    to.on('drain', resume);
    to.on('close', resume);
  });
  const end = () => {
    out.stdout.end();
    out.stderr.end();
  };
  stream.on('data', (chunk: Buffer) => parser.push(chunk));
  stream.on('end', end);
  stream.on('close', end);
  stream.on('error', (error) => {
    out.stdout.destroy(error);
    out.stderr.destroy(error);
  });
  return out;
}
