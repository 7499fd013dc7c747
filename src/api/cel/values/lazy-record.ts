import { CelRuntimeError } from '../environment.ts';
import { Fault } from './fault.ts';
import { type Bound, CelMap, type Value } from './value.ts';

/**
 * A map whose values are computed when they are first asked for, and kept. Source: apiserver `pkg/cel/lazy`.
 */
export class LazyRecord extends CelMap {
  readonly #names: readonly string[];
  readonly #compute: (name: string) => unknown;
  readonly #known = new Map<string, Value | Fault>();

  /** `compute` gives what `evaluateVariable` gave, or throws `CelRuntimeError`: then so does whoever asks. */
  constructor(names: readonly string[], compute: (name: string) => unknown) {
    super();
    this.#names = names;
    this.#compute = compute;
  }

  get size(): number {
    return this.#names.length;
  }

  find(key: Value): Value | undefined {
    if (typeof key !== 'string' || !this.has(key)) return undefined;
    let value = this.#known.get(key);
    if (value === undefined) this.#known.set(key, (value = this.#computed(key)));
    if (value instanceof Fault) throw value;
    return value;
  }

  override has(key: Value): boolean {
    return this.#names.includes(key as string);
  }

  keys(): Iterable<Value> {
    return this.#names;
  }

  #computed(name: string): Value | Fault {
    try {
      return (this.#compute(name) as Bound).value;
    } catch (error) {
      if (error instanceof CelRuntimeError) return new Fault(error.message);
      throw error;
    }
  }
}
