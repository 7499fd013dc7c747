import type { Readable, Writable } from 'node:stream';

/** A running process seen through its standard streams: what exec and attach are bridged to. */
export interface StreamedProcess {
  /** Absent when stdin was not asked for. Ending it half-closes the process's input. */
  readonly stdin?: Writable;
  readonly stdout?: Readable;
  /** Absent with a terminal, where both outputs are one stream. */
  readonly stderr?: Readable;
  /** The exit code; rejects when the process could not be started or watched. */
  readonly exit: Promise<number>;
  resize(columns: number, rows: number): void;
  /** Ends the process (exec) or lets go of it (attach). */
  kill(): void;
}
