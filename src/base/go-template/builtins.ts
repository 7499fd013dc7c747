import { printf } from './printf.ts';
import { equal, isMap, isTrue, order, printed } from './values.ts';

/** A function of templates. Throws with what is wrong with its arguments. */
export type TemplateFunction = (...args: readonly unknown[]) => unknown;

const number = (value: unknown): number => {
  if (value === undefined || value === null || value === '') return 0;
  const n = Number(value);
  if (Number.isNaN(n)) throw new Error(`${JSON.stringify(value)} is not a number`);
  return n;
};
const whole = (value: unknown): number => Math.trunc(number(value));
const text = (value: unknown): string => (value === undefined || value === null ? '' : printed(value));
const list = (value: unknown): readonly unknown[] => {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Error(`${printed(value)} is not a list`);
  return value;
};

function compared(a: unknown, b: unknown): number {
  const result = order(a, b);
  if (result === undefined) throw new Error(`${printed(a)} and ${printed(b)} have no order`);
  return result;
}

function index(of: unknown, ...keys: readonly unknown[]): unknown {
  let value = of;
  for (const key of keys) {
    if (value === undefined || value === null) throw new Error('index of untyped nil');
    if (Array.isArray(value)) {
      const at = whole(key);
      if (at < 0 || at >= value.length) throw new Error(`index out of range: ${at}`);
      value = value[at];
    } else if (isMap(value)) value = Object.hasOwn(value, text(key)) ? value[text(key)] : undefined;
    else throw new Error(`can't index ${printed(value)}`);
  }
  return value;
}

function length(of: unknown): number {
  if (typeof of === 'string') return Buffer.byteLength(of);
  if (Array.isArray(of)) return of.length;
  if (isMap(of)) return Object.keys(of).length;
  throw new Error(`${printed(of)} has no length`);
}

function dict(...pairs: readonly unknown[]): Record<string, unknown> {
  const made: [string, unknown][] = [];
  for (let i = 0; i < pairs.length; i += 2) made.push([text(pairs[i]), pairs[i + 1] ?? '']);
  return Object.fromEntries(made);
}

const longest = 10_000;
const until = (count: unknown): number[] => {
  if (whole(count) > longest) throw new Error(`more than ${longest}`);
  return Array.from({ length: Math.max(0, whole(count)) }, (_, i) => i);
};

const indented = (by: unknown, of: unknown): string => text(of).replaceAll(/^/gm, ' '.repeat(Math.min(200, whole(by))));

/** Those of text/template itself; `and` and `or` are the run's own. */
const own: Readonly<Record<string, TemplateFunction>> = {
  not: (value) => !isTrue(value),
  eq: (a, ...others) => others.some((b) => equal(a, b)),
  ne: (a, b) => !equal(a, b),
  lt: (a, b) => compared(a, b) < 0,
  le: (a, b) => compared(a, b) <= 0,
  gt: (a, b) => compared(a, b) > 0,
  ge: (a, b) => compared(a, b) >= 0,
  index,
  len: length,
  print: (...args) => args.map(text).join(''),
  println: (...args) => `${args.map(text).join(' ')}\n`,
  printf: (format, ...args) => printf(text(format), args),
};

/** The everyday ones of the sprig library. */
const sprig: Readonly<Record<string, TemplateFunction>> = {
  add: (...args) => args.reduce((sum: number, n) => sum + whole(n), 0),
  add1: (n) => whole(n) + 1,
  sub: (a, b) => whole(a) - whole(b),
  mul: (...args) => args.reduce((product: number, n) => product * whole(n), 1),
  div: (a, b) => Math.trunc(whole(a) / whole(b)),
  mod: (a, b) => whole(a) % whole(b),
  max: (...args) => Math.max(...args.map(whole)),
  min: (...args) => Math.min(...args.map(whole)),
  int: whole,
  int64: whole,
  float64: number,
  atoi: whole,
  toString: text,
  default: (fallback, value) => (isTrue(value) ? value : fallback),
  empty: (value) => !isTrue(value),
  coalesce: (...args) => args.find(isTrue),
  ternary: (yes, no, test) => (isTrue(test) ? yes : no),
  quote: (...args) => args.map((arg) => JSON.stringify(text(arg))).join(' '),
  squote: (...args) => args.map((arg) => `'${text(arg)}'`).join(' '),
  upper: (of) => text(of).toUpperCase(),
  lower: (of) => text(of).toLowerCase(),
  trim: (of) => text(of).trim(),
  trimPrefix: (prefix, of) => (text(of).startsWith(text(prefix)) ? text(of).slice(text(prefix).length) : text(of)),
  trimSuffix: (suffix, of) =>
    text(suffix) && text(of).endsWith(text(suffix)) ? text(of).slice(0, -text(suffix).length) : text(of),
  replace: (from, to, of) => text(of).replaceAll(text(from), text(to)),
  contains: (part, of) => text(of).includes(text(part)),
  hasPrefix: (prefix, of) => text(of).startsWith(text(prefix)),
  hasSuffix: (suffix, of) => text(of).endsWith(text(suffix)),
  indent: indented,
  nindent: (by, of) => `\n${indented(by, of)}`,
  toJson: (value) => JSON.stringify(value ?? null),
  fromJson: (of) => JSON.parse(text(of)),
  list: (...args) => args,
  dict,
  get: (of, key) => index(of ?? {}, key) ?? '',
  hasKey: (of, key) => isMap(of) && Object.hasOwn(of, text(key)),
  keys: (of) => (isMap(of) ? Object.keys(of) : []),
  has: (item, of) => list(of).some((other) => equal(item, other)),
  first: (of) => list(of)[0],
  last: (of) => list(of).at(-1),
  append: (of, item) => [...list(of), item],
  concat: (...args) => args.flatMap(list),
  join: (separator, of) => list(of).map(text).join(text(separator)),
  splitList: (separator, of) => text(of).split(text(separator)),
  until,
};

export const builtins: Readonly<Record<string, TemplateFunction>> = { ...own, ...sprig };
