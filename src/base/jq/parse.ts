import { functions } from './functions.ts';

/** A jq filter that cannot be read, or that fails on its input. */
export class JqError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JqError';
  }
}

export type Filter =
  | { readonly type: 'identity' }
  | { readonly type: 'literal'; readonly value: unknown }
  | { readonly type: 'field'; readonly of: Filter; readonly key: Filter }
  | { readonly type: 'each'; readonly of: Filter }
  | { readonly type: 'try'; readonly of: Filter }
  | { readonly type: 'array'; readonly of: Filter | undefined }
  | { readonly type: 'call'; readonly name: string; readonly args: readonly Filter[] }
  | { readonly type: 'binary'; readonly sign: string; readonly left: Filter; readonly right: Filter };

/** Signs by how loosely they bind, loosest first. */
const levels: readonly (readonly string[])[] = [
  ['|'],
  [','],
  ['//'],
  ['or'],
  ['and'],
  ['==', '!=', '<=', '>=', '<', '>'],
];

const token =
  /\s*(?:(\.[A-Za-z_]\w*)|([A-Za-z_]\w*)|(-?\d+(?:\.\d+)?)|("(?:[^"\\]|\\.)*")|(\/\/|==|!=|<=|>=|[.[\]()|,;?<>]))/y;

interface Token {
  readonly type: 'field' | 'word' | 'number' | 'string' | 'sign';
  readonly text: string;
}

const types = ['field', 'word', 'number', 'string', 'sign'] as const;

function lex(source: string): Token[] {
  const tokens: Token[] = [];
  token.lastIndex = 0;
  while (source.slice(token.lastIndex).trim() !== '') {
    const at = token.lastIndex;
    const match = token.exec(source);
    if (!match) throw new JqError(`unexpected ${JSON.stringify(source.slice(at).trim()[0])}`);
    const kind = match.slice(1).findIndex((text) => text !== undefined);
    tokens.push({ type: types[kind]!, text: match[kind + 1]! });
  }
  return tokens;
}

/** Reads a filter: paths, iteration, pipes, comparisons, and the functions of `functions.ts`. Throws `JqError`. */
export function parseJq(source: string): Filter {
  const parser = new Parser(lex(source));
  const filter = parser.filter(0);
  parser.end();
  return filter;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  end(): void {
    const left = this.#tokens[this.#at];
    if (left) throw new JqError(`unexpected ${left.text}`);
  }

  filter(level: number): Filter {
    const signs = levels[level];
    if (!signs) return this.#postfix();
    let left = this.filter(level + 1);
    for (;;) {
      const next = this.#tokens[this.#at];
      if (!next || !signs.includes(next.text) || next.type === 'string') return left;
      this.#at++;
      left = { type: 'binary', sign: next.text, left, right: this.filter(level + 1) };
    }
  }

  #postfix(): Filter {
    let of = this.#term();
    for (;;) {
      const next = this.#tokens[this.#at];
      if (next?.type === 'field') {
        this.#at++;
        of = fieldOf(of, next.text.slice(1));
      } else if (this.#sign('[')) of = this.#bracket(of);
      else if (this.#sign('?')) of = { type: 'try', of };
      else if (next?.text === '.' && ['[', 'string'].includes(kindOf(this.#tokens[this.#at + 1]))) this.#at++;
      else if (next?.type === 'string' && this.#tokens[this.#at - 1]?.text === '.') {
        this.#at++;
        of = fieldOf(of, JSON.parse(next.text));
      } else return of;
    }
  }

  /** After "[": all items, or the one the filter in between names. */
  #bracket(of: Filter): Filter {
    if (this.#sign(']')) return { type: 'each', of };
    const key = this.filter(0);
    this.#expect(']');
    return { type: 'field', of, key };
  }

  #term(): Filter {
    const next = this.#tokens[this.#at++];
    if (!next) throw new JqError('unexpected end');
    if (next.type === 'field') return fieldOf({ type: 'identity' }, next.text.slice(1));
    if (next.type === 'number') return { type: 'literal', value: Number(next.text) };
    if (next.type === 'string') return { type: 'literal', value: JSON.parse(next.text) };
    if (next.type === 'word') return this.#word(next.text);
    if (next.text === '.') return { type: 'identity' };
    if (next.text === '(') {
      const inner = this.filter(0);
      this.#expect(')');
      return inner;
    }
    if (next.text !== '[') throw new JqError(`unexpected ${next.text}`);
    if (this.#sign(']')) return { type: 'array', of: undefined };
    const of = this.filter(0);
    this.#expect(']');
    return { type: 'array', of };
  }

  #word(name: string): Filter {
    const constants: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };
    if (Object.hasOwn(constants, name)) return { type: 'literal', value: constants[name] };
    const args: Filter[] = [];
    if (this.#sign('(')) {
      do args.push(this.filter(0));
      while (this.#sign(';'));
      this.#expect(')');
    }
    const known = functions[name];
    if (!known || known.arity !== args.length) throw new JqError(`function not defined: ${name}/${args.length}`);
    return { type: 'call', name, args };
  }

  #sign(text: string): boolean {
    const next = this.#tokens[this.#at];
    if (next?.type !== 'sign' || next.text !== text) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#sign(text)) throw new JqError(`missing ${text}`);
  }
}

const kindOf = (next: Token | undefined): string => (next?.type === 'string' ? 'string' : (next?.text ?? ''));

const fieldOf = (of: Filter, name: string): Filter => ({ type: 'field', of, key: { type: 'literal', value: name } });
