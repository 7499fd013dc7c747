import type { Shape, TypeFacts } from '../type-facts.ts';
import type { CelField, CelObjectType, CelType } from './cel-type.ts';
import { escapeField, reservedWords } from './escape.ts';

/**
 * The types of built-in kinds as expressions see them, by which policies are checked. What JSON has in several forms, and
 * what has no fields of its own, is dyn. Source: apiserver `pkg/cel/common/schemas.go`, over the OpenAPI of these types.
 */

const kinds = {
  string: 'string',
  duration: 'string',
  bool: 'bool',
  int32: 'int',
  int64: 'int',
  float: 'double',
  bytes: 'bytes',
  time: 'timestamp',
  microTime: 'timestamp',
  quantity: 'dyn',
  intOrString: 'dyn',
  object: 'dyn',
  any: 'dyn',
  schemaOr: 'dyn',
} as const satisfies Partial<Record<Shape, CelType['kind']>>;

export function celTypeOf(facts: TypeFacts): CelType {
  switch (facts.shape) {
    case 'struct':
      return new FactsType(facts);
    case 'list':
      return { kind: 'list', element: celTypeOf(facts.element!) };
    case 'map':
      return { kind: 'map', key: { kind: 'string' }, value: celTypeOf(facts.element!) };
    default:
      return { kind: kinds[facts.shape] };
  }
}

/** A struct whose fields expand when first asked for: types may contain themselves. */
class FactsType implements CelObjectType {
  readonly kind = 'object';
  readonly name: string;
  readonly #facts: TypeFacts;
  #fields: ReadonlyMap<string, CelField> | undefined;

  constructor(facts: TypeFacts) {
    this.#facts = facts;
    this.name = facts.name;
  }

  get fields(): ReadonlyMap<string, CelField> {
    return (this.#fields ??= fieldsOf(this.#facts));
  }
}

function fieldsOf(facts: TypeFacts): ReadonlyMap<string, CelField> {
  const fields = new Map<string, CelField>();
  for (const { name, type, optional } of facts.fields.values()) {
    const field = { name, type: celTypeOf(type), required: !optional };
    const escaped = escapeField(name);
    if (escaped) fields.set(escaped, field);
    // After a dot a keyword is a name like any other.
    if (reservedWords.has(name)) fields.set(name, field);
  }
  return fields;
}
