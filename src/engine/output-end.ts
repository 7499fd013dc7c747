import type { Readable } from 'node:stream';
import { FrameParser, type Source } from './frames.ts';

/** An entry of the engine's log is at most 16 KiB long; longer lines are several. */
const kept = 16 * 1024 + 2;

/** A line of a container's output, or what there is of one. */
export interface OutputLine {
  readonly source: Source;
  readonly data: Buffer;
}

/** Reads the last line out of a whole log: multiplexed frames, or raw bytes with a terminal. Undefined when it is empty. */
export async function lastLineOf(log: Readable, tty: boolean): Promise<OutputLine | undefined> {
  const end = new OutputEnd(log, tty);
  await new Promise<void>((resolve, reject) => log.on('end', resolve).on('error', reject));
  return end.last;
}

/** Listens to a container's output, and remembers how it ends. */
export class OutputEnd {
  readonly #ends: Record<Source, Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  #latest: Source | undefined;

  /** `stream` is multiplexed unless the container has a terminal. It has readers of its own, which set the pace. */
  constructor(stream: Readable, tty: boolean) {
    const note = (source: Source, data: Buffer): void => {
      this.#latest = source;
      this.#ends[source] = Buffer.concat([this.#ends[source], data]).subarray(-kept);
    };
    const parser = new FrameParser(note);
    stream.on('data', (chunk: Buffer) => (tty ? note('stdout', chunk) : parser.push(chunk)));
  }

  /** What came last, as far as it is kept. */
  get last(): OutputLine | undefined {
    return this.#latest && { source: this.#latest, data: this.#ends[this.#latest] };
  }

  /** Whether a line was the last of its source. The log ends each with a line break, also where the container did not. */
  is({ source, data }: OutputLine): boolean {
    const line = chomp(data);
    const end = chomp(this.#ends[source]);
    return end.length >= line.length && end.subarray(end.length - line.length).equals(line);
  }
}

const chomp = (text: Buffer): Buffer => (text.at(-1) === 0x0a ? text.subarray(0, -1) : text);
