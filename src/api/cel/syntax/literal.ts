import { isInt64, isUint64, Uint, type Value } from '../values/value.ts';

/** Values of literal tokens. Each gives undefined where the text has no value of its type. */

export function integerLiteral(text: string): bigint | undefined {
  const negative = text.startsWith('-');
  const value = BigInt(negative ? text.slice(1) : text);
  const signed = negative ? -value : value;
  return isInt64(signed) ? signed : undefined;
}

export function unsignedLiteral(text: string): Uint | undefined {
  const value = BigInt(text.slice(0, -1));
  return isUint64(value) ? new Uint(value) : undefined;
}

export function doubleLiteral(text: string): number | undefined {
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

const prefix = /^[bBrR]*/;

/** The content of a string or bytes token; a text for an error. */
export function textLiteral(token: string, bytes: boolean): { value: Value } | { error: string } {
  const letters = prefix.exec(token)![0];
  const quoted = token.slice(letters.length);
  const long = quoted.startsWith('"""') || quoted.startsWith("'''");
  const body = (long ? quoted.slice(3, -3) : quoted.slice(1, -1)).replace(/\r\n?/g, '\n');
  if (/r/i.test(letters)) return { value: bytes ? new Uint8Array(Buffer.from(body)) : body };
  return bytes ? bytesOf(body) : textOf(body);
}

const simple: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const sequence = /\\(?:([0-3][0-7]{2})|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gs;
const surrogate = (code: number) => code >= 0xd800 && code <= 0xdfff;

function textOf(body: string): { value: string } | { error: string } {
  let invalid = false;
  const value = body.replace(sequence, (_, octal, hex, short, long, char) => {
    if (char !== undefined) return simple[char] ?? char;
    const code = octal === undefined ? Number.parseInt(hex ?? short ?? long, 16) : Number.parseInt(octal, 8);
    if (code > 0x10ffff || surrogate(code)) {
      invalid = true;
      return '';
    }
    return String.fromCodePoint(code);
  });
  return invalid ? { error: 'invalid unicode code point' } : { value };
}

/** In bytes an escape is one byte, and other characters are their UTF-8. */
function bytesOf(body: string): { value: Uint8Array } | { error: string } {
  const parts: Uint8Array[] = [];
  let last = 0;
  for (const m of body.matchAll(sequence)) {
    const [all, octal, hex, short, long, char] = m;
    if (short !== undefined || long !== undefined) return { error: 'unable to unescape string' };
    parts.push(Buffer.from(body.slice(last, m.index)));
    if (char !== undefined) parts.push(Buffer.from(simple[char] ?? char));
    else parts.push(Uint8Array.of(octal === undefined ? Number.parseInt(hex!, 16) : Number.parseInt(octal, 8)));
    last = m.index + all.length;
  }
  parts.push(Buffer.from(body.slice(last)));
  return { value: new Uint8Array(Buffer.concat(parts)) };
}
