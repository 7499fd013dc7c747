/** Bodies of lists are at least this large before reuse pays, and at most this large to be kept. */
const least = 64 * 1024;
const most = 4 * 1024 * 1024;
/** Buffers kept of each size. */
const keptOfSize = 8;

/**
 * Reuses the buffers of large bodies: hundreds of them a second would otherwise keep the garbage collector busy. A
 * buffer may be given back when its answer is over, which on TLS is after it has been encrypted and so copied.
 */
export class BodyPool {
  readonly #free = new Map<number, Buffer[]>();

  /** A buffer of `size` bytes, and how to give it back; undefined where it is not worth it. */
  take(size: number): { readonly buffer: Buffer; readonly giveBack: () => void } | undefined {
    if (size < least || size > most) return undefined;
    const rounded = 2 ** Math.ceil(Math.log2(size));
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
}
