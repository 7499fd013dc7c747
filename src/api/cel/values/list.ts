import { integerOf } from '../../json-number.ts';
import type { CelListType, CelType } from '../cel-type.ts';
import { checkListSize } from './large.ts';
import { readJson } from './read.ts';
import type { Value } from './value.ts';

/** A list of CEL values. */
export abstract class CelList {
  abstract readonly size: number;
  /** The element at `index`, which must be within the list. */
  abstract at(index: number): Value;

  *[Symbol.iterator](): Iterator<Value> {
    for (let i = 0; i < this.size; i++) yield this.at(i);
  }
}

/** A list made by an expression. The accumulator of a macro is one that grows in place until the macro is done. */
export class ValueList extends CelList {
  readonly values: Value[];
  growing: boolean;

  constructor(values: Value[], growing = false) {
    super();
    this.values = values;
    this.growing = growing;
  }

  get size(): number {
    return this.values.length;
  }

  at(index: number): Value {
    return this.values[index]!;
  }

  override [Symbol.iterator](): Iterator<Value> {
    return this.values[Symbol.iterator]();
  }
}

/** Two lists one after the other; neither is copied. */
export class JoinedList extends CelList {
  readonly size: number;
  readonly #first: CelList;
  readonly #second: CelList;

  constructor(first: CelList, second: CelList) {
    super();
    this.size = first.size + second.size;
    checkListSize(this.size);
    this.#first = first;
    this.#second = second;
  }

  at(index: number): Value {
    return index < this.#first.size ? this.#first.at(index) : this.#second.at(index - this.#first.size);
  }
}

const dyn: CelType = { kind: 'dyn' };

/** A JSON array, whose elements are read as they are asked for. */
export class JsonList extends CelList {
  readonly raw: readonly unknown[];
  readonly element: CelType;
  readonly type: CelListType | undefined;
  #index: Map<string, unknown> | undefined;

  constructor(raw: readonly unknown[], type: CelListType | undefined) {
    super();
    this.raw = raw;
    this.type = type;
    this.element = type?.element ?? dyn;
  }

  get size(): number {
    return this.raw.length;
  }

  at(index: number): Value {
    return readJson(this.raw[index], this.element);
  }

  /** The raw elements by what tells them apart: the whole scalar of a set, the keys of a map list's element. */
  get index(): ReadonlyMap<string, unknown> {
    if (this.#index === undefined) {
      this.#index = new Map();
      for (const raw of this.raw) this.#index.set(this.identityOf(raw), raw);
    }
    return this.#index;
  }

  /** What makes a raw element of a set or map list the same as another. */
  identityOf(raw: unknown): string {
    if (this.type?.listType !== 'map') return scalarIdentity(raw);
    const element = (raw ?? {}) as Record<string, unknown>;
    return (this.type.listKeys ?? []).map((key) => scalarIdentity(element[key])).join('\0');
  }
}

function scalarIdentity(raw: unknown): string {
  const integer = integerOf(raw);
  if (integer !== undefined) return `n${integer}`;
  return typeof raw === 'object' ? `j${JSON.stringify(raw)}` : `${typeof raw}${raw}`;
}
