/** Bodies of lists are at least this large before reuse pays; up to `most` some of each size are kept. */
const least = 64 * 1024;
const most = 4 * 1024 * 1024;
/** Buffers kept of each size. */
const keptOfSize = 8;
/** Of larger ones, up to this, one of a size is kept, and only until the garbage collector comes by. */
const huge = 128 * 1024 * 1024;

/** A buffer and how to give it back. */
export interface Taken {
  readonly buffer: Buffer;
  readonly giveBack: () => void;
}

/**
 * Reuses the buffers of large bodies: hundreds of them a second would otherwise keep the garbage collector busy, and the
 * largest would lie around until it finds them. A buffer may be given back when its answer is over, which on TLS is after
 * it has been encrypted and so copied.
 */
export class BodyPool {
  readonly #free = new Map<number, Buffer[]>();
  readonly #huge = new Map<number, WeakRef<Buffer>>();

  /** A buffer of `size` bytes; undefined where it is not worth it. */
  take(size: number): Taken | undefined {
    if (size < least || size > huge) return undefined;
    const rounded = 2 ** Math.ceil(Math.log2(size));
    return size > most ? this.#takeHuge(size, rounded) : this.#takeKept(size, rounded);
  }

  #takeKept(size: number, rounded: number): Taken {
    let free = this.#free.get(rounded);
    if (!free) this.#free.set(rounded, (free = []));
    const whole = free.pop() ?? Buffer.allocUnsafeSlow(rounded);
    const list = free;
    return {
      buffer: whole.subarray(0, size),
      giveBack: () => {
        if (list.length < keptOfSize) list.push(whole);
      },
    };
  }

  #takeHuge(size: number, rounded: number): Taken {
    const whole = this.#huge.get(rounded)?.deref() ?? Buffer.allocUnsafeSlow(rounded);
    this.#huge.delete(rounded);
    return { buffer: whole.subarray(0, size), giveBack: () => void this.#huge.set(rounded, new WeakRef(whole)) };
  }
}
