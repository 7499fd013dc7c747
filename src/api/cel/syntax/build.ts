import {
  accumulator,
  type Call,
  type Element,
  type Entry,
  type Expr,
  type FieldEntry,
  type Fold,
  type Ident,
  type Literal,
} from './ast.ts';

/** Makers of nodes that all point to one place of the text; the parser and the macros build trees with them. */

const deepest = (nodes: readonly Expr[]): number => nodes.reduce((depth, node) => Math.max(depth, node.depth), 0);
const values = (elements: readonly Element[]) => elements.map((element) => element.value);

export class Builder {
  readonly offset: number;

  constructor(offset: number) {
    this.offset = offset;
  }

  literal(value: Literal['value']): Literal {
    return { kind: 'literal', value, offset: this.offset, depth: 0 };
  }

  ident(name: string): Ident {
    return { kind: 'ident', name, offset: this.offset, depth: 0 };
  }

  /** The accumulator of the macro being expanded. */
  accumulated(): Ident {
    return this.ident(accumulator);
  }

  select(operand: Expr, field: string, test = false): Expr {
    return { kind: 'select', operand, field, test, offset: this.offset, depth: operand.depth + 1 };
  }

  /** A call whose depth counts as one more, as those of operators and of methods do. */
  operator(fn: string, ...args: Expr[]): Call {
    return { kind: 'call', fn, target: undefined, args, offset: this.offset, depth: deepest(args) + 1 };
  }

  call(fn: string, ...args: Expr[]): Call {
    return { kind: 'call', fn, target: undefined, args, offset: this.offset, depth: deepest(args) };
  }

  method(target: Expr, fn: string, ...args: Expr[]): Call {
    return { kind: 'call', fn, target, args, offset: this.offset, depth: deepest([target, ...args]) + 1 };
  }

  list(elements: readonly Element[]): Expr {
    return { kind: 'list', elements, offset: this.offset, depth: deepest(values(elements)) };
  }

  listOf(...elements: Expr[]): Expr {
    return this.list(elements.map((value) => ({ value, optional: false })));
  }

  map(entries: readonly Entry[]): Expr {
    const nodes = entries.flatMap((entry) => [entry.key, entry.value]);
    return { kind: 'map', entries, offset: this.offset, depth: deepest(nodes) };
  }

  struct(name: string, fields: readonly FieldEntry[]): Expr {
    return { kind: 'struct', name, fields, offset: this.offset, depth: deepest(values(fields)) };
  }

  fold(parts: Omit<Fold, 'kind' | 'offset' | 'depth' | 'type'>): Fold {
    const { range, init, condition, step, result } = parts;
    return { kind: 'fold', ...parts, offset: this.offset, depth: deepest([range, init, condition, step, result]) + 1 };
  }

  /** A name for a value within an expression; the value is evaluated when the name is first read. */
  binding(name: string, value: Expr, result: Expr): Fold {
    return this.fold({
      range: this.listOf(),
      variable: '#unused',
      second: undefined,
      accumulator: name,
      init: value,
      condition: this.literal(false),
      step: this.ident(name),
      result,
    });
  }
}

/** Number of nodes. */
export function nodeCount(node: Expr): number {
  return children(node).reduce((count, child) => count + nodeCount(child), 1);
}

/** The nodes right below. */
export function children(node: Expr): readonly Expr[] {
  switch (node.kind) {
    case 'select':
      return [node.operand];
    case 'call':
      return node.target ? [node.target, ...node.args] : node.args;
    case 'list':
      return values(node.elements);
    case 'map':
      return node.entries.flatMap((entry) => [entry.key, entry.value]);
    case 'struct':
      return values(node.fields);
    case 'fold':
      return [node.range, node.init, node.condition, node.step, node.result];
    default:
      return [];
  }
}

/** A copy that the checker can annotate on its own. */
export function copy(node: Expr): Expr {
  switch (node.kind) {
    case 'select':
      return { ...node, operand: copy(node.operand) };
    case 'call':
      return { ...node, target: node.target && copy(node.target), args: node.args.map(copy) };
    case 'list':
      return { ...node, elements: node.elements.map(copyElement) };
    case 'map':
      return { ...node, entries: node.entries.map((e) => ({ ...copyElement(e), key: copy(e.key) })) };
    case 'struct':
      return { ...node, fields: node.fields.map(copyElement) };
    case 'fold': {
      const { range, init, condition, step, result } = node;
      const parts = {
        range: copy(range),
        init: copy(init),
        condition: copy(condition),
        step: copy(step),
        result: copy(result),
      };
      return { ...node, ...parts };
    }
    default:
      return { ...node };
  }
}

const copyElement = <T extends Element>(element: T): T => ({ ...element, value: copy(element.value) });
