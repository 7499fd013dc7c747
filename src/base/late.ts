/** A module that is loaded when it is first needed, and from then on used without waiting. */
export class Late<T> {
  readonly #name: string;
  readonly #load: () => Promise<T>;
  #loading: Promise<void> | undefined;
  #loaded: T | undefined;

  /** `name` is for the error of whoever does not wait. */
  constructor(name: string, load: () => Promise<T>) {
    this.#name = name;
    this.#load = load;
  }

  /** Begins to load; undefined once it is loaded. */
  ready(): Promise<void> | undefined {
    if (this.#loaded) return undefined;
    return (this.#loading ??= this.#load().then((loaded) => void (this.#loaded = loaded)));
  }

  /** What was loaded. Throws before `ready` has resolved. */
  get value(): T {
    if (!this.#loaded) throw new Error(`${this.#name} is used before it is loaded`);
    return this.#loaded;
  }
}
