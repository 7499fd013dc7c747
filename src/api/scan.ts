/**
 * One pass over JSON bytes before they are parsed: what the parser would not tell, or would choke on. About 1 ns a byte.
 */
export interface Scan {
  /** Deepest nesting of objects and lists. */
  readonly depth: number;
  /** Keys in all objects. A parsed tree with fewer keys had duplicates. */
  readonly keys: number;
  /** A number too long for a double to carry exactly may be there. */
  readonly longNumber: boolean;
  /** A string may say `__proto__`. */
  readonly suspicious: boolean;
  /** No byte above 0x7f. */
  readonly ascii: boolean;
}

const quote = 0x22;
const backslash = 0x5c;
const underscore = 0x5f;
/** Doubles carry every integer of 15 digits. */
const safeDigits = 15;

export function scanJson(bytes: Uint8Array): Scan {
  let depth = 0;
  let deepest = 0;
  let keys = 0;
  let digits = 0;
  let longNumber = false;
  let suspicious = false;
  let high = 0;
  const { length } = bytes;
  for (let i = 0; i < length; i++) {
    const c = bytes[i]!;
    if (c === quote) {
      digits = 0;
      // `__proto__`, or an escape that could spell it.
      if (bytes[i + 1] === underscore && bytes[i + 2] === underscore) suspicious = true;
      for (i++; i < length; i++) {
        const s = bytes[i]!;
        if (s === quote) break;
        high |= s;
        if (s === backslash && bytes[++i] === 0x75) suspicious = true;
      }
    } else if (c >= 0x30 && c <= 0x39) {
      if (++digits > safeDigits) longNumber = true;
    } else {
      // A point does not end a run: 17 digits are long wherever it stands.
      if (c !== 0x2e) digits = 0;
      if (c === 0x3a) keys++;
      else if (c === 0x7b || c === 0x5b) {
        if (++depth > deepest) deepest = depth;
      } else if (c === 0x7d || c === 0x5d) depth--;
      else high |= c;
    }
  }
  return { depth: deepest, keys, longNumber, suspicious, ascii: high < 0x80 };
}
