import type { FieldFacts, Granularity, ListType, Shape, TypeFacts } from '../../src/api/type-facts.ts';

/** Type facts by hand, for tests that need shapes no built-in kind has. */

interface More {
  readonly listType?: ListType;
  readonly listKeys?: readonly string[];
  readonly granularity?: Granularity;
  readonly default?: unknown;
}

interface Made extends More {
  readonly type: TypeFacts;
}

function facts(shape: Shape, more: Partial<TypeFacts> = {}): TypeFacts {
  return {
    shape,
    name: shape,
    goName: shape,
    element: undefined,
    elementPointer: false,
    fields: new Map(),
    always: [],
    open: false,
    enum: undefined,
    granularity: undefined,
    wrapped: false,
    wire: [],
    kind: undefined,
    ...more,
  };
}

export const scalar = (shape: Shape = 'string', fallback?: unknown): Made => ({
  type: facts(shape),
  ...(fallback !== undefined && { default: fallback }),
});
export const any: Made = { type: facts('any') };
export const raw: Made = { type: facts('object') };
export const mapOf = (element: Made, granularity?: Granularity): Made => ({
  type: facts('map', { element: element.type }),
  ...(granularity && { granularity }),
});
const list = (element: Made, more: More): Made => ({ type: facts('list', { element: element.type }), ...more });
export const atomicList = (element: Made): Made => list(element, {});
export const setOf = (element: Made): Made => list(element, { listType: 'set' });
export const listMap = (element: Made, ...listKeys: string[]): Made => list(element, { listType: 'map', listKeys });
export const atomic = (made: Made): Made => ({ ...made, granularity: 'atomic' });

/** A struct; `open` keeps fields it does not name. */
export function struct(fields: Readonly<Record<string, Made>>, open = false): Made {
  const named = new Map(Object.entries(fields).map(([name, made]) => [name, fieldOf(name, made)]));
  return { type: facts('struct', { fields: named, open }) };
}

const fieldOf = (name: string, made: Made): FieldFacts => ({
  name,
  type: made.type,
  pointer: true,
  optional: true,
  omitEmpty: true,
  omitZero: false,
  number: 0,
  owner: 'test',
  listType: made.listType,
  listKeys: made.listKeys ?? [],
  granularity: made.granularity,
  patchStrategies: [],
  patchMergeKey: undefined,
  gates: [],
  default: made.default,
  hasDefault: made.default !== undefined,
});
