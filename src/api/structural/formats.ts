import { isIPv4, isIPv6 } from 'node:net';
import { parseDuration } from '../duration.ts';
import { labelFormat, subdomainFormat } from '../names.ts';
import { entryOf } from '../object.ts';
import { isEmail } from './email.ts';
import { isRequestUri } from './request-uri.ts';

/**
 * What a `format` means. Names are compared without dashes, as upstream does it. Source of the list: apiextensions-apiserver
 * `pkg/apiserver/validation/formats.go`; of the meanings: kube-openapi `pkg/validation/strfmt`.
 */

type Check = (text: string) => boolean;

const like =
  (pattern: RegExp): Check =>
  (text) =>
    pattern.test(text);

const hex = '[0-9a-f]';
const uuid = (third: string, fourth: string) =>
  like(new RegExp(`^${hex}{8}-?${hex}{4}-?${third}${hex}{3}-?${fourth}${hex}{3}-?${hex}{12}$`, 'i'));

const isAddress6: Check = (text) => isIPv6(text) && !text.includes('%');

const isCidr: Check = (text) => {
  const [address = '', length = '', ...rest] = text.split('/');
  const bits = isIPv4(address) ? 32 : isAddress6(address) ? 128 : -1;
  return rest.length === 0 && /^(0|[1-9][0-9]{0,2})$/.test(length) && Number(length) <= bits;
};

/** EUI-48, EUI-64 or the 20 octets of InfiniBand, in one of three notations. */
const isMac: Check = (text) => {
  const octets = /^([0-9a-f]{2}:)+[0-9a-f]{2}$|^([0-9a-f]{2}-)+[0-9a-f]{2}$|^([0-9a-f]{4}\.)+[0-9a-f]{4}$/i;
  return octets.test(text) && [6, 8, 20].includes(text.replace(/[:.-]/g, '').length / 2);
};

const digit = (text: string, at: number) => text.charCodeAt(at) - 48;

const isIsbn10: Check = (text) => {
  const isbn = text.replace(/[\s-]/g, '');
  if (!/^[0-9]{9}[0-9X]$/.test(isbn)) return false;
  let sum = 10 * (isbn[9] === 'X' ? 10 : digit(isbn, 9));
  for (let i = 0; i < 9; i++) sum += (i + 1) * digit(isbn, i);
  return sum % 11 === 0;
};

const isIsbn13: Check = (text) => {
  const isbn = text.replace(/[\s-]/g, '');
  if (!/^[0-9]{13}$/.test(isbn)) return false;
  let sum = 0;
  for (let i = 0; i < 12; i++) sum += (i % 2 ? 3 : 1) * digit(isbn, i);
  return digit(isbn, 12) === (10 - (sum % 10)) % 10;
};

const cards =
  /^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35[0-9]{3})[0-9]{11})$/;

/** A known issuer's number whose Luhn sum is right. */
const isCreditCard: Check = (text) => {
  const card = text.replace(/[^0-9]/g, '');
  if (!cards.test(card)) return false;
  let sum = 0;
  for (let i = card.length - 1, twice = false; i >= 0; i--, twice = !twice) {
    const value = digit(card, i) * (twice ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
};

const isDate: Check = (text) => {
  const [, year, month, day] = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text) ?? [];
  if (year === undefined) return false;
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  const leap = y % 4 === 0 && (y % 100 !== 0 || y % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return d >= 1 && d <= (days[m - 1] ?? 0);
};

const isDateTime: Check = (text) => {
  const [date = '', time = ''] = text.toLowerCase().split('t');
  const parts = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|[+-][0-9]{2}:[0-9]{2})$/.exec(time);
  return isDate(date) && parts !== null && parts[1]! <= '23' && parts[2]! <= '59' && parts[3]! <= '59';
};

const durationUnits = /^(ns|us|µs|ms|s|m|h|hr|d|w|week|nano.*|micro.*|milli.*|sec.*|min.*|hour.*|day.*|wk.*)$/i;

/** Whether somewhere in the text digits are followed by a unit of time ("22 ns"), as Scala writes durations. */
function hasTimeUnit(text: string): boolean {
  for (const { 0: unit, index } of text.matchAll(/[A-Za-zµ]+/g)) {
    let at = index - 1;
    while (at >= 0 && /\s/.test(text[at]!)) at--;
    if (/[0-9]/.test(text[at] ?? '') && durationUnits.test(unit)) return true;
  }
  return false;
}

const isDuration: Check = (text) => {
  try {
    parseDuration(text);
    return true;
  } catch {
    return hasTimeUnit(text);
  }
};

const nameCharacter = '[a-zA-Z0-9\\p{S}\\p{L}]';
const hostname = new RegExp(
  `^(${nameCharacter}(-?${nameCharacter}{0,62})?|(${nameCharacter}([a-zA-Z0-9\\p{S}\\p{L}-]{0,61}${nameCharacter})?\\.)+${nameCharacter}(-?${nameCharacter}){1,62})$`,
  'u',
);

const isHostname: Check = (text) =>
  Buffer.byteLength(text) <= 255 && hostname.test(text) && text.split('.').every((p) => Buffer.byteLength(p) <= 63);

const colour = '(0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])';

const shortName = new RegExp(`^${labelFormat}$`);
const longName = new RegExp(`^${subdomainFormat}$`);

const stringFormats: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['bsonobjectid', like(/^[0-9a-fA-F]{24}$/)],
  ['uri', isRequestUri],
  ['email', isEmail],
  ['hostname', isHostname],
  ['ipv4', (text) => isIPv4(text) || (isAddress6(text) && text.includes('.'))],
  ['ipv6', isAddress6],
  ['cidr', isCidr],
  ['mac', isMac],
  ['uuid', uuid(hex, hex)],
  ['uuid3', uuid('3', hex)],
  ['uuid4', uuid('4', '[89ab]')],
  ['uuid5', uuid('5', '[89ab]')],
  ['isbn', (text) => isIsbn10(text) || isIsbn13(text)],
  ['isbn10', isIsbn10],
  ['isbn13', isIsbn13],
  ['creditcard', isCreditCard],
  ['ssn', like(/^[0-9]{3}[- ][0-9]{2}[- ][0-9]{4}$/)],
  ['hexcolor', like(/^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/)],
  ['rgbcolor', like(new RegExp(`^rgb\\(\\s*${colour}\\s*,\\s*${colour}\\s*,\\s*${colour}\\s*\\)$`))],
  ['byte', (text) => text !== '' && text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)],
  ['password', () => true],
  ['date', isDate],
  ['duration', isDuration],
  ['datetime', isDateTime],
  ['k8sshortname', (text) => text.length <= 63 && shortName.test(text)],
  ['k8slongname', (text) => text.length <= 253 && longName.test(text)],
]);

const numberFormats: Readonly<Record<string, readonly string[]>> = {
  integer: ['int32', 'int64'],
  number: ['float', 'double'],
};

const normalized = (format: string) => format.replaceAll('-', '');

/** Whether a format means anything for values of these types; an unknown one is never checked. */
export function isKnownFormat(types: readonly string[], format: string): boolean {
  const type = types.length === 1 ? types[0]! : '';
  if (type === '' || type === 'string') return stringFormats.has(normalized(format));
  return entryOf(numberFormats, type)?.includes(format) ?? false;
}

/** Whether a text is of a format; formats that are no string's, and unknown ones, take any. */
export const hasFormat = (format: string, text: string): boolean =>
  stringFormats.get(normalized(format))?.(text) ?? true;
