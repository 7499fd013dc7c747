import { reservedWords } from '../escape.ts';
import type { Element, Entry, Expr, FieldEntry } from './ast.ts';
import { Builder, nodeCount } from './build.ts';
import type { Token, TokenKind } from './lexer.ts';
import { doubleLiteral, integerLiteral, textLiteral, unsignedLiteral } from './literal.ts';
import { MacroError, type Macros } from './macro.ts';
import { type Findings, nowhere } from './source.ts';
import { expressionStart, GivenUp, operators, SyntaxStop, Tokens } from './tokens.ts';

/** Limits of cel-go's parser (`parser/parser.go`, `mustNewParser`). */
const longestExpression = 100_000;
const deepestRecursion = 250;
const mostNodes = 100_000;

const copying = new Set(['optMap', 'optFlatMap']);

export interface Syntax {
  readonly macros: Macros;
  /** Whether fields may be written as `` `a-b` ``. Kubernetes has its own escapes instead. */
  readonly escapedNames?: boolean;
}

/**
 * Parses an expression and expands its macros. What is wrong goes to `findings`; undefined comes back where the parse
 * could not go to the end.
 */
export function parse(text: string, syntax: Syntax, findings: Findings): Expr | undefined {
  const length = text.length > longestExpression ? [...text].length : text.length;
  if (length > longestExpression) {
    const limit = `expression code point size exceeds limit: size: ${length}, limit ${longestExpression}`;
    findings.add(nowhere, limit);
    return undefined;
  }
  try {
    const expr = new Parser(text, syntax, findings).start();
    if (expr.depth > deepestRecursion) findings.add(nowhere, 'max recursion depth exceeded');
    return expr;
  } catch (error) {
    if (error instanceof SyntaxStop || error instanceof GivenUp) return undefined;
    throw error;
  }
}

const relations: readonly TokenKind[] = ['<', '<=', '>=', '>', '==', '!=', 'in'];
const operatorName = (token: Token) => (token.kind === 'in' ? '@in' : `_${token.kind}_`);
const closed = (...more: TokenKind[]): ReadonlySet<TokenKind> => new Set([...expressionStart, ...more]);

const argumentsStart = closed(')');
const listStart = closed(']', ',', '?');
const mapStart = closed('}', ',', '?');
const fieldsStart: ReadonlySet<TokenKind> = new Set(['}', ',', '?', 'IDENTIFIER', 'ESC_IDENTIFIER']);
const optionalExpression = closed('?');

class Parser {
  readonly #tokens: Tokens;
  readonly #syntax: Syntax;
  readonly #findings: Findings;
  #nesting = 0;

  constructor(text: string, syntax: Syntax, findings: Findings) {
    this.#tokens = new Tokens(text, findings);
    this.#syntax = syntax;
    this.#findings = findings;
  }

  start(): Expr {
    const expr = this.#expression();
    this.#tokens.expect('EOF');
    return expr;
  }

  #expression(): Expr {
    if (++this.#nesting > deepestRecursion) {
      this.#findings.add(nowhere, `expression recursion limit exceeded: ${deepestRecursion}`);
      throw new SyntaxStop();
    }
    const condition = this.#logical('||', () => this.#logical('&&', () => this.#relation()));
    const mark = this.#tokens.take('?');
    let result = condition;
    if (mark) {
      const yes = this.#tokens.within([':'], () =>
        this.#logical('||', () => this.#logical('&&', () => this.#relation())),
      );
      this.#tokens.expect(':');
      result = new Builder(mark.offset).operator('_?_:_', condition, yes, this.#expression());
    }
    this.#nesting--;
    return result;
  }

  /** Chains of && and || become balanced trees, so that long ones are not deep. */
  #logical(operator: TokenKind, operand: () => Expr): Expr {
    const terms = [operand()];
    const marks: Token[] = [];
    for (let mark = this.#tokens.take(operator); mark; mark = this.#tokens.take(operator)) {
      marks.push(mark);
      terms.push(operand());
    }
    return marks.length === 0 ? terms[0]! : balanced(terms, marks, 0, marks.length - 1);
  }

  #relation(): Expr {
    return this.#leftAssociative(relations, () =>
      this.#leftAssociative(['+', '-'], () => this.#leftAssociative(['*', '/', '%'], () => this.#unary())),
    );
  }

  #leftAssociative(operators: readonly TokenKind[], operand: () => Expr): Expr {
    let left = operand();
    for (let mark = this.#tokens.take(...operators); mark; mark = this.#tokens.take(...operators))
      left = new Builder(mark.offset).operator(operatorName(mark), left, operand());
    return left;
  }

  /** What could not be read counts as an operand, so that the rest is read too. */
  #unary(): Expr {
    const { offset } = this.#tokens.peek();
    return this.#tokens.recovering(
      operators,
      () => this.#signed(),
      () => new Builder(offset).literal(null),
    );
  }

  #signed(): Expr {
    this.#tokens.require(expressionStart);
    const first = this.#tokens.peek();
    if (first.kind === '!') return this.#repeated(first, '!_');
    if (first.kind === '-' && !this.#tokens.peek(1).kind.match(/^NUM_(?:INT|FLOAT)$/))
      return this.#repeated(first, '-_');
    return this.#member();
  }

  /** `!!x` is `x`. */
  #repeated(first: Token, operator: string): Expr {
    let count = 0;
    while (this.#tokens.take(first.kind)) count++;
    const next = this.#tokens.peek().kind;
    if (first.kind === '-' && !expressionStart.has(next)) this.#tokens.noAlternative('-');
    const operand = this.#member();
    return count % 2 === 0 ? operand : new Builder(first.offset).call(operator, operand);
  }

  #member(): Expr {
    let expr = this.#primary();
    for (;;) {
      const mark = this.#tokens.take('.', '[');
      if (!mark) return expr;
      expr = mark.kind === '[' ? this.#index(expr, mark) : this.#selection(expr, mark);
    }
  }

  #fieldName(token: Token): string {
    if (token.kind !== 'ESC_IDENTIFIER') return token.text;
    if (!this.#syntax.escapedNames) this.#findings.add(token.offset, "unsupported syntax: '`'");
    return token.text.slice(1, -1);
  }

  #index(target: Expr, mark: Token): Expr {
    const optional = this.#tokens.take('?') !== undefined;
    const index = this.#tokens.within([']'], () => this.#expression());
    this.#tokens.expect(']');
    return new Builder(mark.offset).operator(optional ? '_[?_]' : '_[_]', target, index);
  }

  #selection(target: Expr, mark: Token): Expr {
    const optional = this.#tokens.take('?') !== undefined;
    const name = this.#tokens.take('IDENTIFIER', 'ESC_IDENTIFIER') ?? this.#tokens.noAlternative(optional ? '.?' : '.');
    const field = this.#fieldName(name);
    if (optional) return new Builder(mark.offset).operator('_?._', target, new Builder(name.offset).literal(field));
    const open = name.kind === 'IDENTIFIER' ? this.#tokens.take('(') : undefined;
    if (!open) return new Builder(mark.offset).select(target, field);
    const args = this.#arguments();
    return this.#macro(open, field, target, args) ?? new Builder(open.offset).method(target, field, ...args);
  }

  #arguments(): Expr[] {
    const args: Expr[] = [];
    this.#tokens.require(argumentsStart);
    if (this.#tokens.peek().kind !== ')') {
      do args.push(this.#tokens.within([')', ','], () => this.#expression()));
      while (this.#tokens.take(','));
    }
    this.#tokens.expect(')');
    return args;
  }

  #macro(open: Token, name: string, target: Expr | undefined, args: readonly Expr[]): Expr | undefined {
    const key = `${name}:${args.length}:${target !== undefined}`;
    const { macros } = this.#syntax;
    if (!Object.hasOwn(macros, key)) return undefined;
    try {
      const expanded = macros[key]!({ build: new Builder(open.offset), target, args });
      if (expanded && copying.has(name)) this.#countCopies(expanded, name, open);
      return expanded;
    } catch (error) {
      if (!(error instanceof MacroError)) throw error;
      this.#findings.add(error.offset, error.message);
      return new Builder(open.offset).literal(null);
    }
  }

  /** Macros that copy their target double an expression with each that is chained. */
  #countCopies(expanded: Expr, name: string, { offset }: Token): void {
    if (nodeCount(expanded) <= mostNodes) return;
    this.#findings.add(offset, `expression count exceeds limit of ${mostNodes} while expanding macro '${name}'`);
    throw new SyntaxStop();
  }

  #primary(): Expr {
    const token = this.#tokens.next();
    const build = new Builder(token.offset);
    switch (token.kind) {
      case '(': {
        const expr = this.#tokens.within([')'], () => this.#expression());
        this.#tokens.expect(')');
        return expr;
      }
      case '[':
        return build.list(this.#list());
      case '{':
        return build.map(this.#entries());
      case '.':
        return this.#name(token, this.#tokens.take('IDENTIFIER') ?? this.#tokens.noAlternative('.'));
      case 'IDENTIFIER':
        return this.#name(undefined, token);
      default:
        return this.#literal(token, build);
    }
  }

  #literal(token: Token, build: Builder): Expr {
    const number = token.kind === '-' ? this.#tokens.next() : token;
    const text = token === number ? number.text : `-${number.text}`;
    const valued = <T extends bigint | number | object>(value: T | undefined, what: string) => {
      if (value === undefined) this.#findings.add(token.offset, `invalid ${what} literal`);
      return build.literal((value ?? null) as Parameters<Builder['literal']>[0]);
    };
    switch (number.kind) {
      case 'NUM_INT':
        return valued(integerLiteral(text), 'int');
      case 'NUM_UINT':
        return valued(unsignedLiteral(text), 'uint');
      case 'NUM_FLOAT':
        return valued(doubleLiteral(text), 'double');
      case 'STRING':
      case 'BYTES': {
        const content = textLiteral(number.text, number.kind === 'BYTES');
        if ('value' in content) return build.literal(content.value);
        this.#findings.add(token.offset, content.error);
        return build.literal('');
      }
      default:
        return build.literal(number.kind === 'null' ? null : number.kind === 'true');
    }
  }

  /** A variable, a call or the construction of an object. */
  #name(dot: Token | undefined, name: Token): Expr {
    const start = dot ?? name;
    const message = this.#messageName(name.text);
    if (message !== undefined) {
      const open = this.#tokens.expect('{');
      return new Builder(open.offset).struct(`${dot ? '.' : ''}${message}`, this.#fields());
    }
    const open = this.#tokens.take('(');
    const reserved = reservedWords.has(name.text);
    if (reserved) this.#findings.add(start.offset, `reserved identifier: ${name.text}`);
    const full = `${dot ? '.' : ''}${name.text}`;
    if (!open) return reserved ? new Builder(start.offset).literal(null) : new Builder(name.offset).ident(full);
    const args = this.#arguments();
    return this.#macro(open, full, undefined, args) ?? new Builder(open.offset).call(full, ...args);
  }

  /** The rest of `a.b.c` where a `{` comes after it. */
  #messageName(first: string): string | undefined {
    let ahead = 0;
    let name = first;
    while (this.#tokens.peek(ahead).kind === '.' && this.#tokens.peek(ahead + 1).kind === 'IDENTIFIER') {
      name += `.${this.#tokens.peek(ahead + 1).text}`;
      ahead += 2;
    }
    if (this.#tokens.peek(ahead).kind !== '{') return undefined;
    for (; ahead > 0; ahead--) this.#tokens.next();
    return name;
  }

  /** Elements up to the closing bracket, with a comma behind the last one if you like. */
  #sequence<T>(close: TokenKind, start: ReadonlySet<TokenKind>, more: ReadonlySet<TokenKind>, element: () => T): T[] {
    const elements: T[] = [];
    this.#tokens.require(start);
    while (more.has(this.#tokens.peek().kind)) {
      const found = this.#tokens.recovering<T | undefined>([close, ','], element, () => undefined);
      if (found === undefined) break;
      elements.push(found);
      this.#tokens.require(new Set([close, ',']));
      if (!this.#tokens.take(',')) break;
      if (elements.length > 0 && this.#tokens.peek().kind === close) break;
    }
    if (elements.length === 0) this.#tokens.take(',');
    this.#tokens.expect(close);
    return elements;
  }

  #list(): Element[] {
    return this.#sequence(']', listStart, optionalExpression, () => {
      const optional = this.#tokens.take('?') !== undefined;
      return { optional, value: this.#tokens.within([']', ','], () => this.#expression()) };
    });
  }

  #entries(): Entry[] {
    return this.#sequence('}', mapStart, optionalExpression, () => {
      const optional = this.#tokens.take('?') !== undefined;
      const key = this.#tokens.within([':'], () => this.#expression());
      this.#tokens.expect(':');
      return { optional, key, value: this.#tokens.within(['}', ','], () => this.#expression()) };
    });
  }

  #fields(): FieldEntry[] {
    return this.#sequence('}', fieldsStart, new Set(['?', 'IDENTIFIER', 'ESC_IDENTIFIER']), () => {
      const optional = this.#tokens.take('?') !== undefined;
      const name =
        this.#tokens.take('IDENTIFIER', 'ESC_IDENTIFIER') ??
        this.#tokens.mismatched(new Set(['IDENTIFIER', 'ESC_IDENTIFIER']));
      const { offset } = this.#tokens.expect(':');
      return {
        optional,
        name: this.#fieldName(name),
        offset,
        value: this.#tokens.within(['}', ','], () => this.#expression()),
      };
    });
  }
}

function balanced(terms: readonly Expr[], marks: readonly Token[], low: number, high: number): Expr {
  const middle = Math.trunc((low + high + 1) / 2);
  const left = middle === low ? terms[middle]! : balanced(terms, marks, low, middle - 1);
  const right = middle === high ? terms[middle + 1]! : balanced(terms, marks, middle + 1, high);
  const mark = marks[middle]!;
  return new Builder(mark.offset).call(`_${mark.kind}_`, left, right);
}
