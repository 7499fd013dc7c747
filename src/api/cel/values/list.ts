import { checkListSize } from './large.ts';
import { CelList, type Value } from './value.ts';

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
