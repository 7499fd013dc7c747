import { type Declaration, fn, method } from '../check/declaration.ts';
import { listOf, types } from '../check/type.ts';
import { toText } from '../values/convert.ts';
import { fail } from '../values/fault.ts';
import { checkTextLength } from '../values/large.ts';
import { ValueList } from '../values/list.ts';
import { codePoints } from '../values/text.ts';
import type { CelList } from '../values/value.ts';
import { format } from './format-text.ts';

/** Strings by code points. Source of names and semantics: cel-go `ext/strings.go` at version 2. */

const { string, int, dyn } = types;
const strings = listOf(string);

const outOfRange = (index: bigint | number) => fail(`index out of range: ${index}`);
const joined = (points: string | readonly string[]) => (typeof points === 'string' ? points : points.join(''));

function charAt(text: string, index: bigint): string {
  const points = codePoints(text);
  if (index < 0n || index > points.length) return outOfRange(index);
  return points[Number(index)] ?? '';
}

const startsAt = (text: string | string[], part: string | string[], at: number): boolean => {
  for (let i = 0; i < part.length; i++) if (text[at + i] !== part[i]) return false;
  return true;
};

function indexOf(text: string, part: string, offset = 0n): bigint {
  if (offset < 0n) return outOfRange(offset);
  const points = codePoints(text);
  if (part === '') return offset > points.length ? BigInt(points.length) : offset;
  if (typeof points === 'string') return BigInt(points.indexOf(part, Number(offset)));
  const sought = [...part];
  for (let i = Number(offset); i <= points.length - sought.length; i++)
    if (startsAt(points, sought, i)) return BigInt(i);
  return -1n;
}

function lastIndexOf(text: string, part: string, offset?: bigint): bigint {
  const points = codePoints(text);
  if (offset === undefined) {
    if (part === '') return BigInt(points.length);
    if (text.length < part.length) return -1n;
  }
  const from = offset ?? BigInt(points.length - 1);
  if (from < 0n) return outOfRange(from);
  if (part === '') return from > points.length ? BigInt(points.length) : from;
  if (from >= points.length) return -1n;
  if (typeof points === 'string') return BigInt(points.lastIndexOf(part, Number(from)));
  const sought = [...part];
  for (let i = Math.min(Number(from), points.length - sought.length); i >= 0; i--)
    if (startsAt(points, sought, i)) return BigInt(i);
  return -1n;
}

function substring(text: string, start: bigint, end?: bigint): string {
  const points = codePoints(text);
  if (end !== undefined && start > end) return fail(`invalid substring range. start: ${start}, end: ${end}`);
  if (start < 0n || start > points.length) return outOfRange(start);
  if (end !== undefined && (end < 0n || end > points.length)) return outOfRange(end);
  return joined(points.slice(Number(start), end === undefined ? undefined : Number(end)));
}

const lowerAscii = (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
const upperAscii = (text: string) => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());

/** An empty text is replaced before each character and at the end. */
function replace(text: string, old: string, by: string, limit = -1n): string {
  checkTextLength((text.length / Math.max(old.length, 1) + 1) * by.length);
  if (limit < 0n) return old === '' ? surrounded(text, by, Number.POSITIVE_INFINITY) : text.replaceAll(old, () => by);
  if (old === '') return surrounded(text, by, Number(limit));
  let [result, at] = ['', 0];
  for (let count = 0n; count < limit; count++) {
    const found = text.indexOf(old, at);
    if (found === -1) break;
    result += text.slice(at, found) + by;
    at = found + old.length;
  }
  return result + text.slice(at);
}

function surrounded(text: string, by: string, limit: number): string {
  let result = '';
  let count = 0;
  for (const char of text) result += (count++ < limit ? by : '') + char;
  return count < limit ? result + by : result;
}

function split(text: string, separator: string, limit = -1n): ValueList {
  if (limit === 0n) return new ValueList([]);
  const parts = separator === '' ? [...text] : text.split(separator);
  if (limit < 0n || parts.length <= limit) return new ValueList(parts);
  const kept = Number(limit) - 1;
  return new ValueList([...parts.slice(0, kept), parts.slice(kept).join(separator)]);
}

const spaces = /^[\t-\r \u0085\p{Z}]+|[\t-\r \u0085\p{Z}]+$/gu;

function join(list: CelList, separator = ''): string {
  const parts: string[] = [];
  for (const element of list)
    parts.push(typeof element === 'string' ? element : fail(`join: invalid input: ${toText(element)}`));
  checkTextLength(parts.reduce((length, part) => length + part.length + separator.length, 0));
  return parts.join(separator);
}

const escapes: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** A text as CEL could read it. */
export const quote = (text: string): string =>
  `"${text.toWellFormed().replace(/[\x07-\r\\"]/g, (char) => escapes[char]!)}"`;

export const stringFunctions: readonly Declaration[] = [
  method('charAt', 'string_char_at_int', [string, int], string, charAt),
  method('indexOf', 'string_index_of_string', [string, string], int, indexOf),
  method('indexOf', 'string_index_of_string_int', [string, string, int], int, indexOf),
  method('lastIndexOf', 'string_last_index_of_string', [string, string], int, lastIndexOf),
  method('lastIndexOf', 'string_last_index_of_string_int', [string, string, int], int, lastIndexOf),
  method('lowerAscii', 'string_lower_ascii', [string], string, lowerAscii),
  method('upperAscii', 'string_upper_ascii', [string], string, upperAscii),
  method('replace', 'string_replace_string_string', [string, string, string], string, replace),
  method('replace', 'string_replace_string_string_int', [string, string, string, int], string, replace),
  method('split', 'string_split_string', [string, string], strings, split),
  method('split', 'string_split_string_int', [string, string, int], strings, split),
  method('substring', 'string_substring_int', [string, int], string, substring),
  method('substring', 'string_substring_int_int', [string, int, int], string, substring),
  method('trim', 'string_trim', [string], string, (text: string) => text.replace(spaces, '')),
  method('join', 'list_join', [strings], string, join),
  method('join', 'list_join_string', [strings, string], string, join),
  method('format', 'string_format', [string, listOf(dyn)], string, format),
  fn('strings.quote', 'strings_quote', [string], string, quote),
];
