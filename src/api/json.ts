import { isBigInteger } from './json-number.ts';
import { JsonError, parseJsonExactly } from './json-parser.ts';
import { scanJson } from './scan.ts';

/** JSON from untrusted bytes: depth is limited, long integers stay exact, `__proto__` is refused. */

/** Deeper trees could overflow the stack of whatever walks them. Real objects stay below 60. */
export const maxDepth = 500;

export interface JsonDocument {
  readonly value: unknown;
  /** Keys written in the text; a tree that holds fewer had duplicates. */
  readonly keys: number;
  readonly text: string;
}

/** Refuses a tree with a key that could be mistaken for a prototype by code that assigns. Throws `JsonError`. */
export function refuseProto(value: unknown): void {
  if (typeof value !== 'object' || value === null || isBigInteger(value)) return;
  if (Array.isArray(value)) {
    for (const item of value) refuseProto(item);
    return;
  }
  for (const key of Object.keys(value)) {
    if (key === '__proto__') throw new JsonError('the key "__proto__" is not supported');
    refuseProto((value as Record<string, unknown>)[key]);
  }
}

/** How many keys all objects of a tree hold together. */
export function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countKeys(item);
    return count;
  }
  if (isBigInteger(value)) return 0;
  for (const key in value) count += 1 + countKeys((value as Record<string, unknown>)[key]);
  return count;
}

/** Parses into a private mutable tree. Throws `JsonError` with Go's text. */
export function parseJson(bytes: Uint8Array): JsonDocument {
  const scan = scanJson(bytes);
  if (scan.depth > maxDepth) throw new JsonError('exceeded max depth');
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString(scan.ascii ? 'latin1' : 'utf8');
  const value = scan.longNumber ? parseJsonExactly(text).value : parseFast(text);
  if (scan.suspicious) refuseProto(value);
  return { value, keys: scan.keys, text };
}

function parseFast(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Parsed again only to say what is wrong the way Go says it.
    parseJsonExactly(text);
    throw new JsonError('invalid JSON');
  }
}
