import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { jsonValue } from '../base/json-value.ts';
import { keepAsking } from './keep-asking.ts';
import type { StreamedProcess } from './process.ts';
import type { CommandChannels } from './remote-command-channels.ts';
import { exitStatus, internalStatus, messageOf, type StreamStatus } from './stream-status.ts';

/** After the exit, output that has been silent this long belongs to children the process left behind. */
const silenceAfterExit = 1_000;
/** A resize document is a few dozen bytes. */
const maxResizeText = 4096;

export type Exit = { readonly code: number } | { readonly error: unknown };

/** A started process, an open connection, and what joins them. */
export interface CommandSession {
  readonly process: StreamedProcess;
  readonly exit: Promise<Exit>;
  readonly channels: CommandChannels;
  /** Prefix of error texts. */
  readonly failing: string;
  readonly clock: Clock;
  readonly detach: boolean;
}

/** Carries bytes until the process ends, then sends the outcome; or until the client is gone. */
export async function runCommand({ process, exit, channels, failing, clock, detach }: CommandSession): Promise<void> {
  const over = new AbortController();
  const gone = new Promise<'gone'>((resolve) => {
    if (channels.gone.aborted) resolve('gone');
    else channels.gone.addEventListener('abort', () => resolve('gone'), { once: true });
  });
  if (channels.stdin) feed(channels.stdin, process.stdin);
  if (channels.resize) onResize(channels.resize, (columns, rows) => process.resize(columns, rows));
  const outputs = new Outputs(clock);
  outputs.carry(process.stdout, channels.stdout);
  outputs.carry(process.stderr, channels.stderr);
  const watching = keepAsking(() => channels.ping(), clock, over.signal);

  const ended = await Promise.race([exit, gone]);
  if (ended !== 'gone') {
    await Promise.race([outputs.drained(over.signal), gone]);
    if (!channels.gone.aborted) await channels.finish(statusOf(ended, failing));
  } else if (!detach) {
    process.kill();
  }
  over.abort();
  await watching;
}

function statusOf(exit: Exit, failing: string): StreamStatus {
  return 'code' in exit ? exitStatus(exit.code) : internalStatus(`${failing}: ${messageOf(exit.error)}`);
}

/** stdin: when the process stops listening, what the client still sends is thrown away. */
function feed(source: Readable, sink: Writable | undefined): void {
  if (!sink) return void source.resume();
  sink.on('error', () => undefined);
  sink.once('close', () => {
    source.unpipe(sink);
    source.resume();
  });
  source.pipe(sink);
}

/** stdout and stderr, and whether all of it has reached the client. */
class Outputs {
  readonly #clock: Clock;
  readonly #pending = new Set<Readable>();
  #heard = false;
  readonly #empty = Promise.withResolvers<void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  carry(source: Readable | undefined, sink: Writable | undefined): void {
    if (!source) return void sink?.end();
    source.on('error', () => sink?.end());
    if (!sink) return void source.resume();
    this.#pending.add(source);
    source.on('data', () => {
      this.#heard = true;
    });
    source.pipe(sink);
    finished(sink, { readable: false }, () => {
      this.#pending.delete(source);
      // A client that closed one output still gets the exit code: the process must not block on writing.
      source.unpipe(sink);
      source.resume();
      if (this.#pending.size === 0) this.#empty.resolve();
    });
  }

  /** Resolves when every output has ended and was sent, or stays silent although the client keeps up. */
  async drained(signal: AbortSignal): Promise<void> {
    if (this.#pending.size === 0) return;
    let over = false;
    const ended = this.#empty.promise.then(() => {
      over = true;
    });
    while (!over) {
      this.#heard = false;
      const wait = new AbortController();
      const sleeping = this.#clock
        .sleep(silenceAfterExit, AbortSignal.any([wait.signal, signal]))
        .catch(() => undefined);
      await Promise.race([ended, sleeping]);
      wait.abort();
      if (signal.aborted || this.#silent()) return;
    }
  }

  /** Nothing came, and not because the client is slow. */
  #silent(): boolean {
    return !this.#heard && ![...this.#pending].some((source) => source.isPaused());
  }
}

/** Calls `set` for each terminal size, however the documents are cut into chunks. */
export function onResize(source: Readable, set: (columns: number, rows: number) => void): void {
  let text = '';
  source.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).slice(-maxResizeText);
    for (let end = text.indexOf('}'); end >= 0; end = text.indexOf('}')) {
      const size = parseSize(text.slice(0, end + 1));
      text = text.slice(end + 1);
      if (size) set(size.Width, size.Height);
    }
  });
}

function parseSize(text: string): { Width: number; Height: number } | undefined {
  const { Width, Height } = (jsonValue(text) ?? {}) as Record<string, unknown>;
  const valid = (n: unknown): n is number => Number.isInteger(n) && (n as number) > 0 && (n as number) <= 0xffff;
  return valid(Width) && valid(Height) ? { Width, Height } : undefined;
}
