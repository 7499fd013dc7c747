import { bigInteger } from './json-number.ts';

/** Malformed JSON. The text is Go's, as kubectl users know it. */
export class JsonError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JsonError';
  }
}

export interface ParsedJson {
  readonly value: unknown;
  /**
   * What strict decoding says of the keys, in the order of the text and at most 100: `duplicate field "spec.a"` (the last
   * one wins), `unknown field "spec.b"`.
   */
  readonly findings: readonly string[];
}

/** How a value is read, as far as strict decoding goes. Type facts are such. */
export interface ReadAs {
  readonly shape: string;
  readonly fields: ReadonlyMap<string, { readonly type: ReadAs }>;
  readonly element: ReadAs | undefined;
}

/** `any`: every key counts and none is unknown. `raw`: nothing is looked at, as where a type unmarshals itself. */
type Reading = ReadAs | 'any' | 'raw';

const plainShapes: ReadonlySet<string> = new Set(['struct', 'list', 'map', 'any JSON']);

/** A value to which strict decoding applies as to untyped JSON. */
export const anyJson: ReadAs = { shape: 'any JSON', fields: new Map(), element: undefined };

function readingOf(type: ReadAs): Reading {
  if (type === anyJson) return 'any';
  return plainShapes.has(type.shape) ? type : 'raw';
}

/** How the value of a key is read; undefined for an unknown field. */
function keyReading(as: Reading, key: string): Reading | undefined {
  if (typeof as === 'string') return as;
  if (as.shape === 'map') return readingOf(as.element!);
  if (as.shape !== 'struct') return 'raw';
  const field = as.fields.get(key);
  return field && readingOf(field.type);
}

function itemReading(as: Reading): Reading {
  if (typeof as === 'string') return as;
  return as.shape === 'list' ? readingOf(as.element!) : 'raw';
}

const space = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const maxFindings = 100;

/**
 * The slow road: a parser that keeps long integers exact, finds what strict decoding refuses and says what is wrong as Go
 * does. Used only when the scan or the type walk saw a reason. The caller has limited the depth.
 * Source of the findings: sigs.k8s.io/json, UnmarshalStrict. What is both unknown and repeated is unknown.
 */
class Parser {
  readonly #text: string;
  readonly #path: (string | number)[] = [];
  readonly findings = new Set<string>();
  #as: Reading;
  #at = 0;

  constructor(text: string, as: Reading) {
    this.#text = text;
    this.#as = as;
  }

  document(): unknown {
    const value = this.#value();
    this.#skip();
    if (this.#at < this.#text.length) this.#wrong('after top-level value');
    return value;
  }

  #skip(): void {
    space.lastIndex = this.#at;
    space.test(this.#text);
    this.#at = space.lastIndex;
  }

  #wrong(where: string): never {
    const c = this.#text.codePointAt(this.#at);
    if (c === undefined) throw new JsonError('unexpected end of JSON input');
    const shown = c === 0x27 ? `'\\''` : c === 0x22 ? `'"'` : `'${printable(c)}'`;
    throw new JsonError(`invalid character ${shown} ${where}`);
  }

  #value(): unknown {
    this.#skip();
    const c = this.#text[this.#at];
    if (c === '{') return this.#object();
    if (c === '[') return this.#list();
    if (c === '"') return this.#string();
    if (c === 't') return this.#word('true', true);
    if (c === 'f') return this.#word('false', false);
    if (c === 'n') return this.#word('null', null);
    return this.#number();
  }

  #find(what: 'unknown' | 'duplicate'): void {
    if (this.findings.size < maxFindings) this.findings.add(`${what} field "${pathText(this.#path)}"`);
  }

  #word<T>(word: string, value: T): T {
    for (let i = 1; i < word.length; i++) {
      this.#at++;
      if (this.#text[this.#at] !== word[i]) this.#wrong(`in literal ${word} (expecting '${word[i]}')`);
    }
    this.#at++;
    return value;
  }

  #number(): unknown {
    number.lastIndex = this.#at;
    const text = number.exec(this.#text)?.[0];
    if (text === undefined) {
      if (this.#text[this.#at] === '-') {
        this.#at++;
        this.#wrong('in numeric literal');
      }
      this.#wrong('looking for beginning of value');
    }
    this.#at += text.length;
    const value = Number(text);
    return Number.isSafeInteger(value) || !/^-?[0-9]+$/.test(text) ? value : bigInteger(text);
  }

  #string(): string {
    const start = this.#at++;
    for (;;) {
      const c = this.#text.charCodeAt(this.#at);
      if (c === 0x22) break;
      if (c === 0x5c) this.#at++;
      else if (c < 0x20) this.#wrong('in string literal');
      if (this.#at >= this.#text.length) throw new JsonError('unexpected end of JSON input');
      this.#at++;
    }
    this.#at++;
    try {
      return JSON.parse(this.#text.slice(start, this.#at)) as string;
    } catch {
      throw new JsonError('invalid escape sequence in string literal');
    }
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.#at++;
    this.#skip();
    if (this.#text[this.#at] === '}') {
      this.#at++;
      return object;
    }
    for (;;) {
      this.#skip();
      if (this.#text[this.#at] !== '"') this.#wrong('looking for beginning of object key string');
      const key = this.#string();
      this.#skip();
      if (this.#text[this.#at] !== ':') this.#wrong('after object key');
      this.#at++;
      this.#path.push(key);
      const outer = this.#as;
      const reading = keyReading(outer, key);
      if (reading === undefined) this.#find('unknown');
      else if (outer !== 'raw' && Object.hasOwn(object, key)) this.#find('duplicate');
      this.#as = reading ?? 'raw';
      // Not an assignment: `__proto__` must become a plain key, which the decoder then refuses.
      Object.defineProperty(object, key, {
        value: this.#value(),
        writable: true,
        enumerable: true,
        configurable: true,
      });
      this.#as = outer;
      this.#path.pop();
      this.#skip();
      const c = this.#text[this.#at];
      if (c === '}') break;
      if (c !== ',') this.#wrong('after object key:value pair');
      this.#at++;
    }
    this.#at++;
    return object;
  }

  #list(): unknown[] {
    const list: unknown[] = [];
    this.#at++;
    this.#skip();
    if (this.#text[this.#at] === ']') {
      this.#at++;
      return list;
    }
    const outer = this.#as;
    for (;;) {
      this.#path.push(list.length);
      this.#as = itemReading(outer);
      list.push(this.#value());
      this.#as = outer;
      this.#path.pop();
      this.#skip();
      const c = this.#text[this.#at];
      if (c === ']') break;
      if (c !== ',') this.#wrong('after array element');
      this.#at++;
    }
    this.#at++;
    return list;
  }
}

const printable = (code: number) =>
  code >= 0x20 ? String.fromCodePoint(code) : JSON.stringify(String.fromCharCode(code)).slice(1, -1);

/** `spec.ports[0].name`, as strict decoding errors print it. */
export const pathText = (path: readonly (string | number)[]): string =>
  path.map((p, i) => (typeof p === 'number' ? `[${p}]` : i === 0 ? p : `.${p}`)).join('');

/** Parses with everything the fast parser hides; `as` is what it is to be read as. Throws `JsonError`. */
export function parseJsonExactly(text: string, as: ReadAs = anyJson): ParsedJson {
  const parser = new Parser(text, readingOf(as));
  const value = parser.document();
  return { value, findings: [...parser.findings] };
}
