import { lex, type Token, type TokenKind } from './lexer.ts';
import type { Findings } from './source.ts';

/**
 * The tokens with a place in them, and the recovery that ANTLR's parsers do: a token too many is reported and left out,
 * one too few is reported and thought of; after anything else the construct is given up, and the parse goes on behind it.
 * So the findings are those that cel-go's users know.
 */

/** Gives up a construct: what is to be said has been recorded. */
export class GivenUp {}

/** Gives up the whole. */
export class SyntaxStop {}

const mostRecoveries = 30;

const literals = ['true', 'false', 'null', 'NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES', 'IDENTIFIER'];
const beginsExpression = ['[', '{', '(', '.', '-', '!', ...literals];

/** How expected tokens are listed: in the order in which the grammar numbers them. */
const order = ['[', ']', '{', '}', '(', ')', '.', ',', '-', '!', '?', ':', ...literals, 'ESC_IDENTIFIER', 'EOF'];

export const expressionStart: ReadonlySet<TokenKind> = new Set(beginsExpression);

export const operators: readonly TokenKind[] = [
  '==',
  '!=',
  'in',
  '<',
  '<=',
  '>=',
  '>',
  '&&',
  '||',
  '-',
  '?',
  '+',
  '*',
  '/',
  '%',
];

/** What may follow an operand. */
const afterOperand: ReadonlySet<TokenKind> = new Set([...operators, '[', '.']);

const named = (kind: TokenKind) => (kind === 'EOF' ? '<EOF>' : /^[A-Z_]+$/.test(kind) ? kind : `'${kind}'`);

function listed(kinds: ReadonlySet<TokenKind>): string {
  const names = order.filter((kind) => kinds.has(kind)).map(named);
  return names.length === 1 ? names[0]! : `{${names.join(', ')}}`;
}

export class Tokens {
  readonly #tokens: readonly Token[];
  readonly #findings: Findings;
  #at = 0;
  #quiet = false;
  #recoveries = 0;
  /** What closes the constructs that are open, innermost last. */
  readonly #closers: ReadonlySet<TokenKind>[] = [new Set(['EOF'])];

  constructor(text: string, findings: Findings) {
    this.#findings = findings;
    this.#tokens = lex(text, findings);
  }

  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!;
  }

  next(): Token {
    this.#quiet = false;
    const token = this.peek();
    this.#at++;
    return token;
  }

  /** The token, if it is of one of these kinds. */
  take(...kinds: TokenKind[]): Token | undefined {
    return kinds.includes(this.peek().kind) ? this.next() : undefined;
  }

  /** Parses something that one of `closers` must follow. */
  within<T>(closers: readonly TokenKind[], parse: () => T): T {
    this.#closers.push(new Set(closers));
    try {
      return parse();
    } finally {
      this.#closers.pop();
    }
  }

  /** Parses something; where it has to be given up, skips to what may follow it and gives `otherwise`. */
  recovering<T>(follow: readonly TokenKind[], parse: () => T, otherwise: () => T): T {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof GivenUp)) throw error;
      this.#attempt();
      while (!this.#ends(follow)) this.#at++;
      return otherwise();
    }
  }

  #ends(follow: readonly TokenKind[]): boolean {
    const { kind } = this.peek();
    return kind === 'EOF' || follow.includes(kind) || this.#closers.some((closers) => closers.has(kind));
  }

  #attempt(): void {
    if (this.#recoveries++ < mostRecoveries) return;
    this.#quiet = false;
    this.#report(`error recovery attempt limit exceeded: ${mostRecoveries}`);
    throw new SyntaxStop();
  }

  /** One certain token. A closing bracket that is not there, where what follows would follow it, is only reported. */
  expect(kind: TokenKind): Token {
    if (this.peek().kind === kind) return this.next();
    this.#attempt();
    if (this.peek(1).kind === kind) {
      this.#extraneous(new Set([kind]));
      return this.next();
    }
    const token = this.peek();
    if ((kind === ')' || kind === ']' || kind === '}') && this.#mayFollowOperand(token.kind)) {
      this.#report(`missing ${named(kind)} at '${token.text}'`);
      return { kind, text: kind, offset: token.offset };
    }
    return this.mismatched(new Set([kind]));
  }

  #mayFollowOperand(kind: TokenKind): boolean {
    return afterOperand.has(kind) || this.#closers.at(-1)!.has(kind);
  }

  /** Makes sure that one of `kinds` comes next. */
  require(kinds: ReadonlySet<TokenKind>): void {
    if (kinds.has(this.peek().kind)) return;
    if (!kinds.has(this.peek(1).kind)) this.mismatched(kinds);
    this.#extraneous(kinds);
  }

  #extraneous(expected: ReadonlySet<TokenKind>): void {
    this.#report(`extraneous input '${this.peek().text}' expecting ${listed(expected)}`);
    this.next();
  }

  mismatched(expected: ReadonlySet<TokenKind>): never {
    return this.stop(`mismatched input '${this.peek().text}' expecting ${listed(expected)}`);
  }

  /** None of the ways to go on from `start` fits the next token. */
  noAlternative(start: string): never {
    const token = this.peek();
    if (token.kind === 'true' || token.kind === 'false' || token.kind === 'null')
      return this.mismatched(new Set(['IDENTIFIER']));
    return this.stop(`no viable alternative at input '${start}${token.kind === 'EOF' ? '' : token.text}'`);
  }

  stop(message: string): never {
    this.#report(message);
    throw new GivenUp();
  }

  /** After a finding there is no other until a token has fitted. */
  #report(message: string): void {
    if (!this.#quiet) this.#findings.add(this.peek().offset, `Syntax error: ${message}`);
    this.#quiet = true;
  }
}
