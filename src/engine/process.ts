import { type Duplex, type Readable, Transform, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { dropFirst, splitOutput } from './frames.ts';
import type { AttachRequest } from './types.ts';

/** A command in a container, or a container attached to, seen through its streams. */
export interface EngineProcess {
  /** Absent when stdin was not asked for. Ending it half-closes the process's input. */
  readonly stdin?: Writable;
  readonly stdout: Readable;
  /** Absent with a terminal, where both outputs are one stream. */
  readonly stderr?: Readable;
  readonly exit: Promise<number>;
  resize(columns: number, rows: number): void;
  /** Lets go of the streams. The engine has no call that ends an exec'd command. */
  kill(): void;
}

/** Wraps a hijacked connection. `result` is asked for the exit code once the output has ended. */
export function processOn(
  socket: Duplex,
  options: AttachRequest,
  result: () => Promise<number>,
  resize: (columns: number, rows: number) => void,
): EngineProcess {
  const ended = new Promise<void>((resolve, reject) => {
    socket.on('end', resolve);
    socket.on('close', resolve);
    socket.on('error', reject);
  });
  let released = false;
  // A process whose exit nobody awaits must not end krill when its connection breaks.
  const exit = ended.then(() => {
    if (released) throw new Error('the process was let go of');
    return result();
  });
  exit.catch(() => undefined);
  return {
    ...outputOf(socket, options),
    ...(options.stdin && { stdin: inputOf(socket) }),
    exit,
    resize,
    kill: () => {
      released = true;
      socket.destroy();
    },
  };
}

/** What a process that has ended said, as if it said it now. What is written to it is dropped. */
export function replayOf(log: Readable, options: Omit<AttachRequest, 'stdin'>): EngineProcess {
  const exit = finished(log).then(() => 0);
  exit.catch(() => undefined);
  return { ...outputOf(log, options), exit, resize: () => undefined, kill: () => log.destroy() };
}

function outputOf(stream: Readable, { tty, replayFrom }: Omit<AttachRequest, 'stdin'>) {
  return tty ? { stdout: passOn(stream, replayFrom) } : splitOutput(stream, replayFrom);
}

/** The raw output of a terminal, apart from the socket so that reader and writer can be destroyed separately. */
function passOn(socket: Readable, skip = 0): Readable {
  const keep = dropFirst(skip);
  const out = new Transform({ transform: (chunk: Buffer, _encoding, done) => done(null, keep(chunk)) });
  socket.on('error', (error) => out.destroy(error));
  socket.on('close', () => out.end());
  socket.pipe(out);
  return out;
}

/** The socket's writing half. Input that arrives after the process ended is dropped, as a closed terminal would. */
function inputOf(socket: Duplex): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (socket.destroyed || socket.writableEnded) return done();
      if (socket.write(chunk)) return done();
      const go = () => {
        socket.off('drain', go);
        socket.off('close', go);
        done();
      };
      socket.on('drain', go);
      socket.on('close', go);
    },
    final(done) {
      if (!socket.destroyed) socket.end();
      done();
    },
  });
}
