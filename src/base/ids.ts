import { randomBytes, randomUUID } from 'node:crypto';

/** Chance, injected. Nothing outside `src/base` calls `Math.random` or `crypto.randomUUID`. */
export interface Ids {
  /** A new object uid (UUID v4). */
  uid(): string;
  /** `length` characters of the alphabet Kubernetes uses for generated names (no vowels, no look-alikes). */
  suffix(length: number): string;
  /** A uniform number in [0, 1). */
  random(): number;
}

/** The alphabet of k8s.io/apimachinery `util/rand`. */
export const nameAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Random bytes are fetched this many at a time: a call for a few costs as much. */
const poolSize = 4096;

/** Chance from the operating system. */
export class SystemIds implements Ids {
  #pool = Buffer.alloc(0);
  #at = 0;

  #bytes(count: number): Buffer {
    if (this.#at + count > this.#pool.length) {
      this.#pool = randomBytes(Math.max(poolSize, count));
      this.#at = 0;
    }
    return this.#pool.subarray(this.#at, (this.#at += count));
  }

  uid(): string {
    return randomUUID();
  }

  suffix(length: number): string {
    let text = '';
    for (const byte of this.#bytes(length)) text += nameAlphabet[byte % nameAlphabet.length];
    return text;
  }

  random(): number {
    return this.#bytes(4).readUInt32LE() / 2 ** 32;
  }
}

/** Reproducible chance from a seed (mulberry32), for tests and deterministic clusters. */
export class SeededIds implements Ids {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  suffix(length: number): string {
    let text = '';
    for (let i = 0; i < length; i++) text += nameAlphabet[Math.floor(this.random() * nameAlphabet.length)];
    return text;
  }

  uid(): string {
    let hex = '';
    while (hex.length < 32) hex += Math.floor(this.random() * 16).toString(16);
    const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}
