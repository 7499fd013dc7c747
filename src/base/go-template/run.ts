import { builtins, type TemplateFunction } from './builtins.ts';
import { TemplateError } from './lex.ts';
import { type Node, type Operand, type Parsed, type Pipe, parseTemplate } from './parse.ts';
import { fieldOf, isMap, isTrue, printed } from './values.ts';

/** More output than this is an error. Characters. */
const maxOutput = 1 << 20;
/** Templates within templates. */
const maxDepth = 50;

/** A template of Go's text/template, read once. */
export class Template {
  readonly #parsed: Parsed;

  /** Throws `TemplateError` for what it does not understand; `functions` names those that come with `run`. */
  constructor(text: string, functions: Iterable<string> = []) {
    const known = new Set([...Object.keys(builtins), 'and', 'or', ...functions]);
    this.#parsed = parseTemplate(text, (name) => known.has(name));
  }

  /** Renders the template. Throws `TemplateError`. */
  run(data: unknown, functions: Readonly<Record<string, TemplateFunction>> = {}): string {
    const run = new Run(this.#parsed, { ...builtins, ...functions });
    run.list(this.#parsed.nodes, data, new Map([['$', { value: data }]]), 0);
    return run.output();
  }
}

type Variables = ReadonlyMap<string, { value: unknown }>;
type Flow = 'break' | 'continue' | undefined;

class Run {
  readonly #parsed: Parsed;
  readonly #functions: Readonly<Record<string, TemplateFunction>>;
  readonly #pieces: string[] = [];
  #length = 0;

  constructor(parsed: Parsed, functions: Readonly<Record<string, TemplateFunction>>) {
    this.#parsed = parsed;
    this.#functions = functions;
  }

  output(): string {
    return this.#pieces.join('');
  }

  /** Carries nodes out in order. What they declare ends with them. */
  list(nodes: readonly Node[], dot: unknown, outer: Variables, depth: number): Flow {
    const variables = new Map(outer);
    for (const node of nodes) {
      const flow = this.#node(node, dot, variables, depth);
      if (flow) return flow;
    }
    return undefined;
  }

  #node(node: Node, dot: unknown, variables: Map<string, { value: unknown }>, depth: number): Flow {
    switch (node.type) {
      case 'text':
        this.#write(node.text);
        return undefined;
      case 'action': {
        const value = this.#pipe(node.pipe, dot, variables);
        if (node.pipe.variables.length > 0) assign(node.pipe, [value], variables);
        else this.#write(printed(value));
        return undefined;
      }
      case 'if':
      case 'with':
        return this.#choose(node, dot, new Map(variables), depth);
      case 'range':
        return this.#range(node, dot, variables, depth);
      case 'template': {
        const nodes = this.#parsed.defined.get(node.name);
        if (!nodes) throw new TemplateError(`template ${JSON.stringify(node.name)} not defined`);
        if (depth >= maxDepth) throw new TemplateError('templates are nested too deeply');
        const data = node.pipe && this.#pipe(node.pipe, dot, variables);
        this.list(nodes, data, new Map([['$', { value: data }]]), depth + 1);
        return undefined;
      }
      default:
        return node.type;
    }
  }

  #choose(
    { type, pipe, body, otherwise }: Extract<Node, { type: 'if' | 'with' | 'range' }>,
    dot: unknown,
    variables: Map<string, { value: unknown }>,
    depth: number,
  ): Flow {
    const value = this.#pipe(pipe, dot, variables);
    assign(pipe, [value], variables);
    if (!isTrue(value)) return this.list(otherwise, dot, variables, depth);
    return this.list(body, type === 'with' ? value : dot, variables, depth);
  }

  #range(
    { pipe, body, otherwise }: Extract<Node, { type: 'if' | 'with' | 'range' }>,
    dot: unknown,
    variables: Map<string, { value: unknown }>,
    depth: number,
  ): Flow {
    const value = this.#pipe(pipe, dot, variables);
    const entries = entriesOf(value);
    if (entries.length === 0) return this.list(otherwise, dot, variables, depth);
    for (const [key, item] of entries) {
      const inside = new Map(variables);
      assign(pipe, pipe.variables.length === 2 ? [key, item] : [item], inside);
      if (this.list(body, item, inside, depth) === 'break') break;
    }
    return undefined;
  }

  #pipe({ commands }: Pipe, dot: unknown, variables: Variables): unknown {
    let last: readonly [unknown] | undefined;
    for (const command of commands) last = [this.#command(command, dot, variables, last)];
    return last![0];
  }

  #command(
    [first, ...rest]: readonly Operand[],
    dot: unknown,
    variables: Variables,
    last: readonly [unknown] | undefined,
  ): unknown {
    if (first!.type !== 'function') {
      if (last) throw new TemplateError('only functions take arguments');
      return this.#value(first!, dot, variables);
    }
    const { name, path } = first!;
    if (name === 'and' || name === 'or') return this.#logic(name, rest, dot, variables, last);
    const args = [...rest.map((operand) => this.#value(operand, dot, variables)), ...(last ?? [])];
    return take(this.#call(name, args), path);
  }

  /** The first argument that decides; the others are not looked at. */
  #logic(
    name: 'and' | 'or',
    operands: readonly Operand[],
    dot: unknown,
    variables: Variables,
    last: readonly [unknown] | undefined,
  ): unknown {
    if (operands.length === 0 && !last) throw new TemplateError(`${name} needs an argument`);
    let value: unknown;
    for (const operand of operands) {
      value = this.#value(operand, dot, variables);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return last ? last[0] : value;
  }

  #call(name: string, args: readonly unknown[]): unknown {
    const call = this.#functions[name];
    // A name the template was read with, and this run does not have.
    if (!call) throw new TemplateError(`function ${JSON.stringify(name)} is of no use here`);
    try {
      return call(...args);
    } catch (error) {
      throw new TemplateError(`${name}: ${(error as Error).message}`);
    }
  }

  #value(operand: Operand, dot: unknown, variables: Variables): unknown {
    switch (operand.type) {
      case 'dot':
        return take(dot, operand.path);
      case 'variable':
        return take(variables.get(operand.name)?.value, operand.path);
      case 'literal':
        return operand.value;
      case 'function':
        return take(this.#call(operand.name, []), operand.path);
      case 'group':
        return take(this.#pipe(operand.pipe, dot, variables), operand.path);
    }
  }

  #write(text: string): void {
    this.#length += text.length;
    if (this.#length > maxOutput) throw new TemplateError('the output is too long');
    this.#pieces.push(text);
  }
}

const take = (value: unknown, path: readonly string[]): unknown =>
  path.reduce((of, name) => {
    if (of !== undefined && of !== null && !isMap(of))
      throw new TemplateError(`can't evaluate field ${name} in a value that is no map`);
    return fieldOf(of, name);
  }, value);

function assign(pipe: Pipe, values: readonly unknown[], variables: Map<string, { value: unknown }>): void {
  pipe.variables.forEach((name, i) => {
    if (pipe.declares) variables.set(name, { value: values[i] });
    else variables.get(name)!.value = values[i];
  });
}

function entriesOf(value: unknown): (readonly [unknown, unknown])[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map((item, i) => [i, item]);
  if (isMap(value)) {
    return Object.keys(value)
      .sort()
      .map((key) => [key, value[key]]);
  }
  throw new TemplateError(`range can't iterate over ${printed(value)}`);
}
