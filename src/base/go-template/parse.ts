import { type Piece, split, TemplateError, type Token } from './lex.ts';

/** Something that has a value. `path` are the fields taken of it. */
export type Operand = { readonly path: readonly string[] } & (
  | { readonly type: 'dot' }
  | { readonly type: 'variable'; readonly name: string }
  | { readonly type: 'literal'; readonly value: unknown }
  | { readonly type: 'function'; readonly name: string }
  | { readonly type: 'group'; readonly pipe: Pipe }
);

/** Commands, each of which gets the value of the one before as its last argument. */
export interface Pipe {
  /** Variables that get the value: with `range` up to two. */
  readonly variables: readonly string[];
  /** Whether the variables are new. */
  readonly declares: boolean;
  readonly commands: readonly (readonly Operand[])[];
}

export type Node =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'action'; readonly pipe: Pipe }
  | {
      readonly type: 'if' | 'with' | 'range';
      readonly pipe: Pipe;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  | { readonly type: 'template'; readonly name: string; readonly pipe: Pipe | undefined }
  | { readonly type: 'break' | 'continue' };

/** A template that has been read: its own nodes, and those of the templates it defines. */
export interface Parsed {
  readonly nodes: readonly Node[];
  readonly defined: ReadonlyMap<string, readonly Node[]>;
}

/** Reads a template. `isFunction` says which functions there are. Throws `TemplateError`. */
export function parseTemplate(text: string, isFunction: (name: string) => boolean): Parsed {
  return new Parser(split(text), isFunction).parse();
}

type End = 'end' | 'else' | 'eof';

class Parser {
  readonly #pieces: readonly Piece[];
  readonly #isFunction: (name: string) => boolean;
  readonly #defined = new Map<string, readonly Node[]>();
  #at = 0;
  /** The variables in sight. */
  #variables = ['$'];
  #ranges = 0;

  constructor(pieces: readonly Piece[], isFunction: (name: string) => boolean) {
    this.#pieces = pieces;
    this.#isFunction = isFunction;
  }

  parse(): Parsed {
    const { nodes, end, line } = this.#list();
    if (end !== 'eof') throw new TemplateError(`unexpected {{${end}}}`, line);
    return { nodes, defined: this.#defined };
  }

  /** Nodes until an end, an else or the end of the text. */
  #list(): { nodes: Node[]; end: End; rest: readonly Token[]; line: number } {
    const nodes: Node[] = [];
    while (this.#at < this.#pieces.length) {
      const piece = this.#pieces[this.#at++]!;
      if (piece.type === 'text') {
        nodes.push(piece);
        continue;
      }
      const { tokens, line } = piece;
      const word = tokens[0]?.type === 'word' ? tokens[0].text : '';
      if (word === 'end' || word === 'else') return { nodes, end: word, rest: tokens.slice(1), line };
      const node = this.#action(word, tokens, line);
      if (node) nodes.push(node);
    }
    return { nodes, end: 'eof', rest: [], line: 0 };
  }

  #action(word: string, tokens: readonly Token[], line: number): Node | undefined {
    const rest = tokens.slice(1);
    if (word === 'if' || word === 'with' || word === 'range') return this.#control(word, rest, line);
    if (word === 'break' || word === 'continue') {
      if (this.#ranges === 0) throw new TemplateError(`{{${word}}} outside {{range}}`, line);
      return { type: word };
    }
    if (word === 'define') {
      this.#define(rest, line);
      return undefined;
    }
    if (word === 'template') return this.#template(rest, line);
    if (word === 'block') throw new TemplateError('{{block}} is not supported', line);
    return { type: 'action', pipe: new PipeParser(tokens, line, this.#variables, this.#isFunction, 1).whole() };
  }

  #control(type: 'if' | 'with' | 'range', tokens: readonly Token[], line: number): Node {
    const outer = this.#variables;
    this.#variables = [...outer];
    const most = type === 'range' ? 2 : 1;
    const pipe = new PipeParser(tokens, line, this.#variables, this.#isFunction, most).whole();
    if (type === 'range') this.#ranges++;
    const { nodes: body, end, rest } = this.#block(line);
    if (type === 'range') this.#ranges--;
    let otherwise: readonly Node[] = [];
    if (end === 'else' && rest.length > 0) {
      // "else if" is an if of its own that shares the end.
      const word = rest[0]!.text;
      if (word !== 'if' && word !== 'with') throw new TemplateError(`unexpected ${word} after {{else`, line);
      otherwise = [this.#control(word, rest.slice(1), line)];
    } else if (end === 'else') {
      const last = this.#block(line);
      if (last.end !== 'end') throw new TemplateError('two {{else}} of one action', line);
      otherwise = last.nodes;
    }
    this.#variables = outer;
    return { type, pipe, body, otherwise };
  }

  #block(line: number) {
    const variables = this.#variables;
    this.#variables = [...variables];
    const list = this.#list();
    this.#variables = variables;
    if (list.end === 'eof') throw new TemplateError('an action without its {{end}}', line);
    return list;
  }

  #define(tokens: readonly Token[], line: number): void {
    const name = this.#name(tokens, line);
    const outer = this.#variables;
    this.#variables = ['$'];
    const { nodes, end } = this.#block(line);
    if (end !== 'end') throw new TemplateError('{{else}} in {{define}}', line);
    this.#variables = outer;
    this.#defined.set(name, nodes);
  }

  #template(tokens: readonly Token[], line: number): Node {
    const name = this.#name(tokens, line);
    const rest = tokens.slice(1);
    const pipe = rest.length > 0 && new PipeParser(rest, line, this.#variables, this.#isFunction, 0).whole();
    return { type: 'template', name, pipe: pipe || undefined };
  }

  #name(tokens: readonly Token[], line: number): string {
    if (tokens[0]?.type !== 'string') throw new TemplateError('the name of a template must be a string', line);
    return tokens[0].text;
  }
}

/** Reads what stands in an action. Declared variables are added to those in sight. */
class PipeParser {
  readonly #tokens: readonly Token[];
  readonly #line: number;
  readonly #variables: string[];
  readonly #isFunction: (name: string) => boolean;
  readonly #mayDeclare: number;
  #at = 0;

  constructor(
    tokens: readonly Token[],
    line: number,
    variables: string[],
    isFunction: (name: string) => boolean,
    mayDeclare: number,
  ) {
    this.#tokens = tokens;
    this.#line = line;
    this.#variables = variables;
    this.#isFunction = isFunction;
    this.#mayDeclare = mayDeclare;
  }

  whole(): Pipe {
    const { variables, declares } = this.#assigned();
    const commands = this.#commands();
    if (this.#at < this.#tokens.length) this.#fail(`unexpected ${this.#tokens[this.#at]!.text}`);
    if (declares) this.#variables.push(...variables);
    return { variables, declares, commands };
  }

  /** "$x :=", "$i, $x :=" or "$x =". */
  #assigned(): { variables: string[]; declares: boolean } {
    const variables: string[] = [];
    let at = 0;
    while (this.#tokens[at]?.type === 'variable' && variables.length < this.#mayDeclare) {
      variables.push(this.#tokens[at]!.text);
      const sign = this.#tokens[at + 1]?.text;
      if (sign === ',') {
        at += 2;
        continue;
      }
      if (this.#tokens[at + 1]?.type !== 'sign' || (sign !== ':=' && sign !== '=')) break;
      if (sign === '=') for (const name of variables) this.#known(name);
      this.#at = at + 2;
      return { variables, declares: sign === ':=' };
    }
    return { variables: [], declares: false };
  }

  #commands(): Operand[][] {
    const commands = [this.#command()];
    while (this.#sign('|')) commands.push(this.#command());
    return commands;
  }

  #command(): Operand[] {
    const operands: Operand[] = [];
    for (;;) {
      const token = this.#tokens[this.#at];
      if (!token || (token.type === 'sign' && ['|', ')', ','].includes(token.text))) break;
      operands.push(this.#operand());
    }
    if (operands.length === 0) this.#fail('missing value');
    if (operands.length > 1 && operands[0]!.type !== 'function') this.#fail('only functions take arguments');
    return operands;
  }

  #operand(): Operand {
    const token = this.#tokens[this.#at++]!;
    if (token.type === 'field') return { type: 'dot', path: [token.text, ...this.#path()] };
    if (token.type === 'variable') {
      this.#known(token.text);
      return { type: 'variable', name: token.text, path: this.#path() };
    }
    if (token.type === 'string') return { type: 'literal', value: token.text, path: [] };
    if (token.type === 'number') return { type: 'literal', value: Number(token.text), path: [] };
    if (token.type === 'word') return this.#word(token.text);
    if (token.text === '.') return { type: 'dot', path: [] };
    if (token.text !== '(') this.#fail(`unexpected ${token.text}`);
    const commands = this.#commands();
    if (!this.#sign(')')) this.#fail('unclosed parenthesis');
    return { type: 'group', pipe: { variables: [], declares: false, commands }, path: this.#path() };
  }

  #word(word: string): Operand {
    if (word === 'true' || word === 'false') return { type: 'literal', value: word === 'true', path: [] };
    if (word === 'nil') return { type: 'literal', value: undefined, path: [] };
    if (!this.#isFunction(word)) this.#fail(`function ${JSON.stringify(word)} not defined`);
    return { type: 'function', name: word, path: this.#path() };
  }

  /** Fields that follow without a space. */
  #path(): string[] {
    const path: string[] = [];
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token?.type !== 'field' || !token.attached) return path;
      path.push(token.text);
      this.#at++;
    }
  }

  #sign(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.type !== 'sign' || token.text !== text) return false;
    this.#at++;
    return true;
  }

  #known(name: string): void {
    if (!this.#variables.includes(name)) this.#fail(`undefined variable ${JSON.stringify(name)}`);
  }

  #fail(message: string): never {
    throw new TemplateError(message, this.#line);
  }
}
