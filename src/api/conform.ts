import { formatDuration, parseDuration } from './duration.ts';
import { type FieldFacts, type TypeFacts, typeFacts } from './facts.ts';
import { countKeys } from './json.ts';
import { integerOf, isBigInteger } from './json-number.ts';
import { pathText } from './json-parser.ts';
import { canonicalQuantity } from './quantity.ts';
import { canonicalMicroTime, canonicalTime } from './time.ts';

/**
 * Brings a private tree into the form a Go server would store: types checked, unknown fields dropped and named, zero
 * values of omitempty fields dropped, always-written structs, strings and lists there, quantities and times canonical.
 * One walk, about 10 µs for a pod.
 */

/** A value of the wrong type; the text is Go's. */
export class ConformError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConformError';
  }
}

/** A value whose JSON type is not that of its field. */
export class TypeMismatch extends ConformError {
  readonly type: TypeFacts;
  readonly value: unknown;

  constructor(message: string, type: TypeFacts, value: unknown) {
    super(message);
    this.type = type;
    this.value = value;
  }
}

export interface Conformed {
  readonly value: unknown;
  /** Paths of unknown fields, at most 100. */
  readonly unknown: readonly string[];
  /** Keys met, those of dropped fields included. */
  readonly keys: number;
}

type Tree = Record<string, unknown>;
const maxUnknown = 100;
const int32Max = 2 ** 31;
const int64Max = 2n ** 63n;

const isInt32 = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) < int32Max && (value as number) >= -int32Max;

const kindOfValue = (value: unknown): string => {
  if (Array.isArray(value)) return 'array';
  if (isBigInteger(value)) return 'number';
  return typeof value === 'object' ? 'object' : typeof value === 'boolean' ? 'bool' : typeof value;
};

const digitsOf = (value: unknown) => (isBigInteger(value) ? value.rawJSON : String(value));

const zeros: Readonly<Partial<Record<TypeFacts['shape'], unknown>>> = {
  string: '',
  bool: false,
  int32: 0,
  int64: 0,
  float: 0,
  intOrString: 0,
  quantity: '0',
  duration: '0s',
};

/** What Go holds where nothing was given, as JSON shows it. */
function zero(type: TypeFacts): unknown {
  if (type.shape === 'list') return [];
  if (type.shape === 'map') return {};
  if (type.shape === 'struct') return filled(type, {});
  return zeros[type.shape] ?? null;
}

function filled(type: TypeFacts, tree: Tree): Tree {
  for (const field of type.always) if (tree[field.name] === undefined) tree[field.name] = zero(field.type);
  return tree;
}

/** Whether Go would leave the value out. */
function isOmitted(field: FieldFacts, value: unknown): boolean {
  // Go leaves structs in, whatever they hold, and an IntOrString is one.
  if (field.pointer || !field.omitEmpty || field.type.shape === 'intOrString') return false;
  if (typeof value !== 'object') return value === '' || value === 0 || value === false;
  // An empty list of field managers asks to forget them all.
  if (Array.isArray(value)) return value.length === 0 && field.name !== 'managedFields';
  if (field.type.shape !== 'map') return false;
  for (const _ in value as object) return false;
  return true;
}

class Walk {
  readonly unknown: string[] = [];
  readonly #path: (string | number)[] = [];
  readonly #count: boolean;
  keys = 0;

  constructor(count: boolean) {
    this.#count = count;
  }

  struct(type: TypeFacts, tree: Tree): Tree {
    const { fields } = type;
    let dropped: string[] | undefined;
    for (const key in tree) {
      const value = tree[key];
      const field = fields.get(key);
      if (this.#count) this.keys++;
      if (field === undefined) {
        if (this.#count) this.keys += countKeys(value);
        if (type.open) continue;
        this.#unknownField(key);
        (dropped ??= []).push(key);
        continue;
      }
      if (value === null || value === undefined) {
        (dropped ??= []).push(key);
        continue;
      }
      this.#path.push(key);
      const now = this.value(field.type, value, type);
      this.#path.pop();
      if (now === null || isOmitted(field, now)) (dropped ??= []).push(key);
      else if (now !== value) tree[key] = now;
    }
    return filled(type, dropped ? without(tree, dropped) : tree);
  }

  value(type: TypeFacts, value: unknown, owner: TypeFacts): unknown {
    switch (type.shape) {
      case 'string':
        return typeof value === 'string' ? value : this.#mismatch(type, value, owner);
      case 'struct':
        return isTree(value) ? this.struct(type, value) : this.#mismatch(type, value, owner);
      case 'list':
        return Array.isArray(value) ? this.#list(type.element!, value, owner) : this.#mismatch(type, value, owner);
      case 'map':
        return isTree(value) ? this.#map(type.element!, value, owner) : this.#mismatch(type, value, owner);
      case 'bool':
        return typeof value === 'boolean' ? value : this.#mismatch(type, value, owner);
      case 'int32':
        return isInt32(value) ? value : this.#mismatch(type, value, owner, true);
      case 'int64':
        return this.#int64(type, value, owner);
      case 'float':
        return isBigInteger(value)
          ? Number(value.rawJSON)
          : typeof value === 'number'
            ? value
            : this.#mismatch(type, value, owner);
      case 'object':
      case 'any':
        if (this.#count) this.keys += countKeys(value);
        return value;
      case 'schemaOr':
        return this.#schemaOr(type, value, owner);
      default:
        return this.#special(type, value, owner);
    }
  }

  #list(element: TypeFacts, list: unknown[], owner: TypeFacts): unknown[] {
    for (let i = 0; i < list.length; i++) {
      const item = list[i];
      if (item === null) {
        list[i] = zero(element);
        continue;
      }
      this.#path.push(i);
      const now = this.value(element, item, owner);
      this.#path.pop();
      if (now !== item) list[i] = now;
    }
    return list;
  }

  #map(element: TypeFacts, map: Tree, owner: TypeFacts): Tree {
    for (const key in map) {
      if (this.#count) this.keys++;
      const item = map[key];
      if (item === null) {
        map[key] = zero(element);
        continue;
      }
      if (typeof item === 'string' && element.shape === 'string') continue;
      const now = this.value(element, item, owner);
      if (now !== item) map[key] = now;
    }
    return map;
  }

  #int64(type: TypeFacts, value: unknown, owner: TypeFacts): unknown {
    if (Number.isSafeInteger(value)) return value;
    const exact = integerOf(value);
    return exact !== undefined && exact < int64Max && exact >= -int64Max
      ? value
      : this.#mismatch(type, value, owner, true);
  }

  /** JSONSchemaProps, or what the type allows in its place. */
  #schemaOr(type: TypeFacts, value: unknown, owner: TypeFacts): unknown {
    const found = this.unknown.length;
    const now = this.#schemaOrOther(type, value, owner);
    // These types unmarshal themselves, and not strictly.
    this.unknown.length = found;
    return now;
  }

  #schemaOrOther(type: TypeFacts, value: unknown, owner: TypeFacts): unknown {
    if (isTree(value)) return this.struct(typeFacts(type.name.replace(/OrArray$|OrBool$|OrStringArray$/, '')), value);
    return this.value(type.element!, value, owner);
  }

  /** Types that unmarshal themselves: Go names no field when they fail. */
  #special(type: TypeFacts, value: unknown, owner: TypeFacts): unknown {
    switch (type.shape) {
      case 'intOrString':
        if (typeof value === 'string' || isInt32(value)) return value;
        throw new ConformError(`json: cannot unmarshal ${this.#shown(value, true)} into Go value of type int32`);
      case 'bytes':
        return typeof value === 'string' ? canonicalBase64(value) : this.#mismatch(type, value, owner);
    }
    if (type.shape === 'quantity' && typeof value === 'number') return own(() => canonicalQuantity(value));
    if (typeof value !== 'string')
      throw new ConformError(`json: cannot unmarshal ${this.#shown(value, false)} into Go value of type string`);
    switch (type.shape) {
      case 'quantity':
        return own(() => canonicalQuantity(value));
      case 'time':
        return present(own(() => canonicalTime(value)));
      case 'microTime':
        return present(own(() => canonicalMicroTime(value)));
      default:
        return own(() => formatDuration(parseDuration(value)));
    }
  }

  #unknownField(key: string): void {
    if (this.unknown.length < maxUnknown) this.unknown.push(pathText([...this.#path, key]));
  }

  #shown(value: unknown, withNumber: boolean): string {
    const kind = kindOfValue(value);
    return withNumber && kind === 'number' ? `number ${digitsOf(value)}` : kind;
  }

  #mismatch(type: TypeFacts, value: unknown, owner: TypeFacts, withNumber = false): never {
    const field = this.#path.filter((p) => typeof p === 'string').join('.');
    const struct = owner.name.slice(owner.name.lastIndexOf('.') + 1);
    const place = field ? `struct field ${struct}.${field}` : 'value';
    const text = `json: cannot unmarshal ${this.#shown(value, withNumber)} into Go ${place} of type ${type.goName}`;
    throw new TypeMismatch(text, type, value);
  }
}

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isBigInteger(value);

/** A new object rather than `delete`: deleted-from objects are slow for good. */
function without(tree: Tree, names: readonly string[]): Tree {
  const rest: Tree = {};
  for (const key in tree) if (!names.includes(key)) rest[key] = tree[key];
  return rest;
}

/** Go's zero time is none. */
const present = (time: string): string | null => (zeroTime.test(time) ? null : time);
const zeroTime = /^0001-01-01T00:00:00(?:\.000000)?Z$/;

function own(parse: () => string): string {
  try {
    return parse();
  } catch (error) {
    throw new ConformError((error as Error).message);
  }
}

function canonicalBase64(value: string): string {
  const text = value.includes('\n') || value.includes('\r') ? value.replace(/[\r\n]/g, '') : value;
  const good = /^[A-Za-z0-9+/]*={0,2}/.exec(text)![0].length;
  if (good !== text.length || text.length % 4 !== 0)
    throw new ConformError(
      `illegal base64 data at input byte ${good === text.length ? text.length - (text.length % 4) : good}`,
    );
  return text;
}

/** Conforms a tree in place. `count` asks for the number of keys. Throws `ConformError`. */
export function conform(type: TypeFacts, value: unknown, count = false): Conformed {
  const walk = new Walk(count);
  const result = walk.value(type, value, type);
  return { value: result, unknown: walk.unknown, keys: walk.keys };
}
