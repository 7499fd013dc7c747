import type { CelField, CelObjectType, CelType } from '../cel-type.ts';

/**
 * Types as the checker computes with them: those of `CelType` without size limits, and type parameters. Equal scalars are
 * the same object.
 */
export interface Type {
  readonly kind: TypeKind;
  /** As error texts print it, without parameters. */
  readonly name: string;
  readonly params: readonly Type[];
  /** Number of types within, itself included. */
  readonly size: number;
  readonly fields?: ReadonlyMap<string, CelField>;
  /** The fields of an object that takes any: all dyn. */
  readonly open?: boolean;
  /** What it was made of. */
  readonly declared?: CelType;
}

export type TypeKind =
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'null'
  | 'dyn'
  | 'duration'
  | 'timestamp'
  | 'type'
  | 'list'
  | 'map'
  | 'struct'
  | 'opaque'
  | 'param'
  | 'error';

/** Types that double with every step of an expression end here; no sane expression comes near. */
const largestType = 2000;

export class TypeTooLarge {}

function compound(kind: TypeKind, name: string, params: readonly Type[]): Type {
  const size = params.reduce((sum, param) => sum + param.size, 1);
  if (size > largestType) throw new TypeTooLarge();
  return { kind, name, params, size };
}

const scalar = (kind: TypeKind, name: string = kind): Type => ({ kind, name, params: [], size: 1 });

export const types = {
  bool: scalar('bool'),
  int: scalar('int'),
  uint: scalar('uint'),
  double: scalar('double'),
  string: scalar('string'),
  bytes: scalar('bytes'),
  null: scalar('null'),
  dyn: scalar('dyn'),
  duration: scalar('duration'),
  timestamp: scalar('timestamp'),
  type: scalar('type'),
  error: scalar('error', '!error!'),
} as const;

export const listOf = (element: Type): Type => compound('list', 'list', [element]);
export const mapOf = (key: Type, value: Type): Type => compound('map', 'map', [key, value]);
export const typeOf = (type: Type): Type => compound('type', 'type', [type]);
export const optionalOf = (type: Type): Type => compound('opaque', 'optional_type', [type]);
export const param = (name: string): Type => scalar('param', name);
/** A type of the libraries without fields or parameters; cel-go takes most of them for structs. */
export const structNamed = (name: string): Type => scalar('struct', name);
export const opaqueNamed = (name: string): Type => scalar('opaque', name);

export const isOptional = (type: Type): boolean => type.kind === 'opaque' && type.name === 'optional_type';

/** The same type with other parameters. */
export const withParams = (type: Type, params: readonly Type[]): Type => compound(type.kind, type.name, params);

const converted = new WeakMap<CelType, Type>();

/** The checker's view of a declared type. */
export function typeFrom(declared: CelType): Type {
  let type = converted.get(declared);
  if (type === undefined) {
    type = convert(declared);
    converted.set(declared, type);
  }
  return type;
}

/** Opaque in cel-go too; the other types of the libraries are structs there. */
const opaqueNames = new Set(['net.IP', 'net.CIDR']);

function convert(declared: CelType): Type {
  switch (declared.kind) {
    case 'list':
      return listOf(typeFrom(declared.element));
    case 'map':
      return mapOf(typeFrom(declared.key), typeFrom(declared.value));
    case 'optional':
      return optionalOf(typeFrom(declared.of));
    case 'object':
      return { ...structNamed(declared.name), fields: declared.fields, declared };
    case 'opaque':
      return opaqueNames.has(declared.name) ? opaqueNamed(declared.name) : structNamed(declared.name);
    default:
      return types[declared.kind];
  }
}

/** The declared type for a result of the checker. */
export function typeTo(type: Type): CelType {
  if (type.declared !== undefined) return type.declared;
  switch (type.kind) {
    case 'list':
      return { kind: 'list', element: typeTo(type.params[0]!) };
    case 'map':
      return { kind: 'map', key: typeTo(type.params[0]!), value: typeTo(type.params[1]!) };
    case 'struct':
    case 'opaque':
      if (isOptional(type)) return { kind: 'optional', of: typeTo(type.params[0]!) };
      return type.open
        ? ({ kind: 'object', name: type.name, fields: new Map() } satisfies CelObjectType)
        : { kind: 'opaque', name: type.name };
    case 'param':
    case 'error':
      return { kind: 'dyn' };
    default:
      return { kind: type.kind } as CelType;
  }
}

/** How error texts print a type. */
export function formatType(type: Type): string {
  return type.params.length === 0 ? type.name : `${type.name}(${type.params.map(formatType).join(', ')})`;
}

export function sameType(a: Type, b: Type): boolean {
  if (a === b) return true;
  return (
    a.kind === b.kind &&
    a.name === b.name &&
    a.params.length === b.params.length &&
    a.params.every((type, i) => sameType(type, b.params[i]!))
  );
}
