/** Names the values under which an object is found. Make each once: informers refuse a second function of one name. */
export interface IndexFunction<T> {
  (object: T): string | readonly string[] | undefined;
  readonly indexName: string;
}

/** Gives an index function its name. */
export function indexBy<T>(
  name: string,
  values: (object: T) => string | readonly string[] | undefined,
): IndexFunction<T> {
  return Object.assign((object: T) => values(object), { indexName: name });
}

const none: readonly never[] = [];

/** Objects by one index function. */
export class Index<T> {
  readonly fn: IndexFunction<T>;
  readonly #buckets = new Map<string, Map<string, T>>();

  constructor(fn: IndexFunction<T>) {
    this.fn = fn;
  }

  get(value: string): Iterable<T> {
    return this.#buckets.get(value)?.values() ?? none;
  }

  count(value: string): number {
    return this.#buckets.get(value)?.size ?? 0;
  }

  /** Replaces `old` by `object` under `key`; either may be absent. */
  set(key: string, old: T | undefined, object: T | undefined): void {
    const before = old === undefined ? [] : this.#values(old);
    const after = object === undefined ? [] : this.#values(object);
    for (const value of before) {
      if (after.includes(value)) continue;
      const bucket = this.#buckets.get(value);
      bucket?.delete(key);
      if (bucket?.size === 0) this.#buckets.delete(value);
    }
    if (object === undefined) return;
    for (const value of after) {
      let bucket = this.#buckets.get(value);
      if (!bucket) this.#buckets.set(value, (bucket = new Map()));
      bucket.set(key, object);
    }
  }

  #values(object: T): readonly string[] {
    const value = this.fn(object);
    return value === undefined ? [] : typeof value === 'string' ? [value] : value;
  }
}
