/**
 * A failed evaluation on its way: a value like any other, since `false && fault` is false. Functions throw it, steps
 * return it. Light, because a loop may make and drop thousands; `CelRuntimeError` is made of the one that gets out.
 */
export class Fault {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** Ends a function: its call yields this fault. */
export function fail(message: string): never {
  throw new Fault(message);
}

export const noSuchOverload = new Fault('no such overload');
