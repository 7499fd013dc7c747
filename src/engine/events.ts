import type { Readable } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import type { Engine } from './engine.ts';
import type { EngineEvent, Filters } from './types.ts';

/** Hears of events, in order. */
export interface EventSink {
  event(event: EngineEvent): void;
  /** The stream stands (again). What happened before may have been missed: list. */
  connected(): void;
  /** The stream broke; it is tried again. */
  broken(error: unknown): void;
}

/**
 * Follows the engine's events until the signal aborts, reconnecting after breaks from the moment of the last event
 * on. The engine remembers few events and none over its own restart, so `connected` means "list again".
 */
export async function followEvents(
  engine: Engine,
  filters: Filters,
  sink: EventSink,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  let last = 0n;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const since = last > 0n ? seconds(last) : undefined;
      const stream = await engine.events(filters, since, signal);
      failures = 0;
      sink.connected();
      for await (const line of linesOf(stream)) {
        const time = BigInt(/"timeNano":(\d+)/.exec(line)?.[1] ?? 0);
        if (time <= last) continue;
        last = time;
        sink.event(JSON.parse(line) as EngineEvent);
      }
      signal.throwIfAborted();
      throw new Error('the engine closed the event stream');
    } catch (error) {
      if (signal.aborted) return;
      failures++;
      sink.broken(error);
      await clock.sleep(Math.min(2000, 50 * 2 ** failures), signal).catch(() => undefined);
    }
  }
}

/** "seconds.nanoseconds" as the engine's `since` wants it. A double cannot hold the engine's nanoseconds. */
function seconds(nanoseconds: bigint): string {
  const digits = String(nanoseconds);
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    text += decoder.decode(chunk as Buffer, { stream: true });
    const lines = text.split('\n');
    text = lines.pop()!;
    for (const line of lines) if (line.trim()) yield line;
  }
}
