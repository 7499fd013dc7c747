import { noSuchOverload } from './fault.ts';
import { CelMap, Uint, type Value } from './value.ts';

/** Keys that are equal in CEL (1, 1u, 1.0) get the same text; undefined for what cannot be a key. */
export function keyText(key: Value): string | undefined {
  switch (typeof key) {
    case 'string':
      return `s${key}`;
    case 'bigint':
      return `n${key}`;
    case 'boolean':
      return `b${key}`;
    case 'number':
      return Number.isInteger(key) ? `n${BigInt(key)}` : undefined;
    default:
      return key instanceof Uint ? `n${key.value}` : undefined;
  }
}

/** A map made by an expression. */
export class ValueMap extends CelMap {
  readonly entries: Map<string, readonly [key: Value, value: Value]>;
  growing: boolean;

  constructor(entries: Map<string, readonly [Value, Value]> = new Map(), growing = false) {
    super();
    this.entries = entries;
    this.growing = growing;
  }

  static of(pairs: Iterable<readonly [Value, Value]>): ValueMap {
    const map = new ValueMap();
    for (const [key, value] of pairs) map.set(key, value);
    return map;
  }

  /** Only while the map is being made. */
  set(key: Value, value: Value): void {
    const text = keyText(key);
    if (text === undefined) throw noSuchOverload;
    this.entries.set(text, [key, value]);
  }

  get size(): number {
    return this.entries.size;
  }

  find(key: Value): Value | undefined {
    const text = keyText(key);
    return text === undefined ? undefined : this.entries.get(text)?.[1];
  }

  *keys(): Iterable<Value> {
    for (const [key] of this.entries.values()) yield key;
  }
}

/** A map that has a value for keys it does not list, too. Source: dynamic-resource-allocation `cel/compile.go` (mapper). */
export class DefaultMap extends CelMap {
  readonly #listed: CelMap;
  readonly #otherwise: Value;

  constructor(listed: CelMap, otherwise: Value) {
    super();
    this.#listed = listed;
    this.#otherwise = otherwise;
  }

  get size(): number {
    return this.#listed.size;
  }

  find(key: Value): Value {
    return this.#listed.find(key) ?? this.#otherwise;
  }

  override has(key: Value): boolean {
    return this.#listed.has(key);
  }

  keys(): Iterable<Value> {
    return this.#listed.keys();
  }
}

/** An object that an expression constructed: `Object.spec{replicas: 1}`. */
export class Constructed extends ValueMap {
  readonly #typeName: string;

  constructor(typeName: string) {
    super();
    this.#typeName = typeName;
  }

  override get typeName(): string {
    return this.#typeName;
  }
}
