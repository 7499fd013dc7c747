import type { Event } from '../api/types/core-v1.gen.ts';

/** Limits of client-go's default event correlator. */
const cacheSize = 4096;
const excess = 512;
const similarLimit = 10;
const similarInterval = 600_000;
const spamBurst = 25;
const spamRefillMs = 300_000;

/** What to do with an event: write a new one, count up one already written, or drop it as spam. */
export type Correlated =
  | { readonly action: 'create'; readonly event: Event }
  | { readonly action: 'count'; readonly event: Event }
  | { readonly action: 'drop' };

interface Similar {
  readonly messages: Set<string>;
  last: number;
}

interface Bucket {
  tokens: number;
  last: number;
}

/** A map that forgets what was used longest ago. */
class Recent<V> {
  readonly #map = new Map<string, V>();

  get(key: string): V | undefined {
    const value = this.#map.get(key);
    if (value === undefined) return undefined;
    this.#map.delete(key);
    this.#map.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#map.delete(key);
    this.#map.set(key, value);
    // Many at once: a map is slow to find its first key when those before it have been deleted.
    if (this.#map.size < cacheSize + excess) return;
    for (const oldest of this.#map.keys()) {
      if (this.#map.size <= cacheSize) break;
      this.#map.delete(oldest);
    }
  }
}

/** Repeats become counts, many similar events become one, and a flood from one object is cut, as client-go does. */
export class EventCorrelator {
  readonly #similar = new Recent<Similar>();
  readonly #written = new Recent<Event>();
  readonly #spam = new Recent<Bucket>();

  /** `event` is a fresh event with count 1; `now` are milliseconds of wall time. */
  correlate(event: Event, now: number): Correlated {
    const { event: shown, key } = this.#aggregate(event, now);
    const known = this.#written.get(key);
    const result: Event = known
      ? {
          ...shown,
          metadata: known.metadata,
          ...(known.firstTimestamp && { firstTimestamp: known.firstTimestamp }),
          count: (known.count ?? 1) + 1,
        }
      : shown;
    this.#written.set(key, result);
    if (!this.#allow(sourceKey(event), now)) return { action: 'drop' };
    return { action: known ? 'count' : 'create', event: result };
  }

  #aggregate(event: Event, now: number): { event: Event; key: string } {
    const group = similarKey(event);
    let similar = this.#similar.get(group);
    if (!similar || now - similar.last > similarInterval) similar = { messages: new Set(), last: now };
    const message = event.message ?? '';
    similar.messages.add(message);
    similar.last = now;
    this.#similar.set(group, similar);
    if (similar.messages.size < similarLimit) return { event, key: `${group}\0${message}` };
    similar.messages.delete(similar.messages.values().next().value!);
    return { event: { ...event, message: `(combined from similar events): ${message}` }, key: group };
  }

  #allow(key: string, now: number): boolean {
    const bucket = this.#spam.get(key) ?? { tokens: spamBurst, last: now };
    bucket.tokens = Math.min(spamBurst, bucket.tokens + Math.max(0, now - bucket.last) / spamRefillMs);
    bucket.last = now;
    this.#spam.set(key, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }
}

function sourceKey(event: Event): string {
  const { kind, namespace, name, uid, apiVersion } = event.involvedObject;
  return [event.source?.component, event.source?.host, kind, namespace, name, uid, apiVersion].join('\0');
}

function similarKey(event: Event): string {
  const { fieldPath } = event.involvedObject;
  return [
    sourceKey(event),
    fieldPath,
    event.type,
    event.reason,
    event.reportingComponent,
    event.reportingInstance,
  ].join('\0');
}
