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
  /** Paths of keys that an object holds twice, `spec.ports[0].name`. The last one wins. */
  readonly duplicates: readonly string[];
}

const space = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const maxDuplicates = 100;

/**
 * The slow road: a parser that keeps long integers exact, finds duplicate keys and says what is wrong as Go does. Used
 * only when the scan or the type walk saw a reason. The caller has limited the depth.
 */
class Parser {
  readonly #text: string;
  readonly #path: (string | number)[] = [];
  readonly duplicates: string[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
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
      if (Object.hasOwn(object, key) && this.duplicates.length < maxDuplicates)
        this.duplicates.push(pathText(this.#path));
      // Not an assignment: `__proto__` must become a plain key, which the decoder then refuses.
      Object.defineProperty(object, key, {
        value: this.#value(),
        writable: true,
        enumerable: true,
        configurable: true,
      });
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
    for (;;) {
      this.#path.push(list.length);
      list.push(this.#value());
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

/** Parses with everything the fast parser hides. Throws `JsonError`. */
export function parseJsonExactly(text: string): ParsedJson {
  const parser = new Parser(text);
  const value = parser.document();
  return { value, duplicates: [...new Set(parser.duplicates)] };
}
