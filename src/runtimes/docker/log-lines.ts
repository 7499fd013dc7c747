import type { LogOptions } from '../../node/gateway.ts';

/** Which requests to make of the engine for PodLogOptions, and how to cut its answer. */
export interface LogPlan {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly follow: boolean;
  readonly tail?: number;
  /** Milliseconds since the epoch. */
  readonly sinceMs?: number;
  readonly timestamps: boolean;
  readonly limitBytes?: number;
}

export function planLogs(options: LogOptions, now: number): LogPlan {
  const since = options.sinceTime !== undefined ? Date.parse(options.sinceTime) : sinceSeconds(options, now);
  return {
    stdout: options.stream !== 'Stderr',
    stderr: options.stream !== 'Stdout',
    follow: options.follow ?? false,
    ...(options.tailLines !== undefined && { tail: options.tailLines }),
    ...(since !== undefined && !Number.isNaN(since) && { sinceMs: since }),
    timestamps: options.timestamps ?? false,
    ...(options.limitBytes !== undefined && { limitBytes: options.limitBytes }),
  };
}

function sinceSeconds(options: LogOptions, now: number): number | undefined {
  return options.sinceSeconds === undefined ? undefined : now - options.sinceSeconds * 1000;
}

/** "seconds.nanoseconds" of a log timestamp, one nanosecond later: where a broken stream goes on. */
export function after(timestamp: string): string {
  const [whole = '', fraction = ''] = timestamp.replace(/(Z|[+-]\d\d:\d\d)$/, '').split('.');
  const zone = /(Z|[+-]\d\d:\d\d)$/.exec(timestamp)?.[1] ?? 'Z';
  const seconds = BigInt(Date.parse(`${whole}${zone}`) / 1000);
  const total = seconds * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9)) + 1n;
  const digits = total.toString();
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

/** An engine timestamp is at most this long: 2026-01-01T00:00:00.000000000+00:00 and a space. */
const longestStamp = 40;
const stampForm = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) /;

/**
 * Takes the engine's timestamps off its log messages, keeping them for those who want them. A message is a line, or a
 * piece of a long line: its stamp is shown only where a line begins.
 */
export class StampStripper {
  readonly #show: boolean;
  readonly #emit: (data: Buffer) => void;
  #pending: Buffer = Buffer.alloc(0);
  #atStart = true;
  #atLineStart = true;
  /** The last stamp seen. */
  last = '';

  constructor(show: boolean, emit: (data: Buffer) => void) {
    this.#show = show;
    this.#emit = emit;
  }

  /** A part of a message; `end` says that the message is complete. */
  message(data: Buffer, end: boolean): void {
    let rest = data;
    if (this.#atStart) {
      this.#pending = this.#pending.length > 0 ? Buffer.concat([this.#pending, data]) : data;
      if (!end && this.#pending.length < longestStamp && !this.#pending.includes(' ')) return;
      rest = this.#takeStamp(this.#pending);
      this.#pending = Buffer.alloc(0);
      this.#atStart = false;
    }
    if (rest.length > 0) {
      this.#atLineStart = rest.at(-1) === 10;
      this.#emit(rest);
    }
    if (end) this.#atStart = true;
  }

  /** Output of a terminal comes without frames: each line is a message. */
  raw(data: Buffer): void {
    let rest = data;
    while (rest.length > 0) {
      const at = rest.indexOf(10);
      const piece = at < 0 ? rest : rest.subarray(0, at + 1);
      this.message(piece, at >= 0);
      rest = rest.subarray(piece.length);
    }
  }

  #takeStamp(data: Buffer): Buffer {
    const found = stampForm.exec(data.toString('latin1', 0, longestStamp));
    if (!found) return data;
    this.last = found[1]!;
    return this.#show && this.#atLineStart ? data : data.subarray(found[0].length);
  }
}
