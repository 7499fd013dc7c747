import { isOptional, sameType, type Type, types, withParams } from './type.ts';

/**
 * What type parameters stand for, learned as expressions are checked. Source of the rules: cel-go `checker/types.go`.
 */
export class Substitutions {
  readonly #known = new Map<string, Type>();
  /** Changes since a trial began, to take them back. */
  #trail: (readonly [name: string, before: Type | undefined])[] = [];

  /** Whether a value of type `from` can be used as `to`. What is learned stays only if it can. */
  assignable(to: Type, from: Type): boolean {
    return this.#trial(() => this.#assignable(to, from));
  }

  allAssignable(to: readonly Type[], from: readonly Type[]): boolean {
    return this.#trial(() => this.#allAssignable(to, from));
  }

  #trial(attempt: () => boolean): boolean {
    this.#trail = [];
    if (attempt()) return true;
    for (const [name, before] of this.#trail.toReversed()) {
      if (before) this.#known.set(name, before);
      else this.#known.delete(name);
    }
    return false;
  }

  #learn(parameter: Type, type: Type): void {
    this.#trail.push([parameter.name, this.#known.get(parameter.name)]);
    this.#known.set(parameter.name, type);
  }

  #find(type: Type): Type | undefined {
    return type.kind === 'param' ? this.#known.get(type.name) : undefined;
  }

  #allAssignable(to: readonly Type[], from: readonly Type[]): boolean {
    return to.length === from.length && to.every((type, i) => this.#assignable(type, from[i]!));
  }

  #assignable(a: Type, b: Type): boolean {
    if (b.kind === 'param') {
      const { valid, known } = this.#substitutes(a, b);
      if (valid) return true;
      if (known) return false;
    }
    if (a.kind === 'param') return this.#substitutes(b, a).valid;
    if (isDynamic(a) || isDynamic(b)) return true;
    if (a.kind === 'null') return nullable(b);
    if (b.kind === 'null') return nullable(a);
    if (a.kind !== b.kind) return false;
    switch (a.kind) {
      case 'type':
        return true;
      case 'list':
      case 'map':
      case 'opaque':
        return a.name === b.name && this.#allAssignable(a.params, b.params);
      default:
        return a.name === b.name;
    }
  }

  /** Whether `type` can stand for the parameter. */
  #substitutes(type: Type, parameter: Type): { valid: boolean; known: boolean } {
    if (sameType(type, parameter)) return { valid: true, known: true };
    const found = this.#find(parameter);
    if (found === undefined) {
      if (!this.#apart(parameter, type)) return { valid: false, known: false };
      this.#learn(parameter, type);
      return { valid: true, known: false };
    }
    if (sameType(type, found)) return { valid: true, known: true };
    if (!this.#assignable(type, found)) return { valid: false, known: true };
    const general = mostGeneral(type, found);
    if (this.#apart(parameter, general)) this.#learn(parameter, general);
    return { valid: true, known: true };
  }

  /** Whether the parameter does not occur in the type. */
  #apart(parameter: Type, within: Type): boolean {
    if (sameType(parameter, within)) return false;
    const found = this.#find(within);
    if (found) return this.#apart(parameter, found);
    return within.params.every((type) => this.#apart(parameter, type));
  }

  /** The type with what its parameters stand for; with `toDyn` unknown ones become dyn. */
  apply(type: Type, toDyn: boolean): Type {
    const found = this.#find(type);
    if (found) return this.apply(found, toDyn);
    if (type.kind === 'param') return toDyn ? types.dyn : type;
    if (type.params.length === 0) return type;
    const params = type.params.map((param) => this.apply(param, toDyn));
    return params.every((param, i) => param === type.params[i]) ? type : withParams(type, params);
  }
}

/** The type with other names for its parameters. */
export function renamed(type: Type, names: ReadonlyMap<string, Type>): Type {
  if (type.kind === 'param') return names.get(type.name) ?? type;
  return type.params.length === 0
    ? type
    : withParams(
        type,
        type.params.map((param) => renamed(param, names)),
      );
}

const isDynamic = (type: Type) => type.kind === 'dyn' || type.kind === 'error';

const nullables = new Set(['opaque', 'struct', 'duration', 'timestamp', 'null']);
const nullable = (type: Type) => nullables.has(type.kind);

/** The more general of two types that go together. */
export const mostGeneral = (a: Type, b: Type): Type => (lessSpecific(a, b) ? a : b);

function lessSpecific(a: Type, b: Type): boolean {
  if (a.kind === 'dyn' || a.kind === 'param') return true;
  if (b.kind === 'dyn' || b.kind === 'param') return false;
  if (a.kind !== b.kind) return false;
  if (a.kind === 'type') return true;
  if (a.kind !== 'list' && a.kind !== 'map' && a.kind !== 'opaque') return sameType(a, b);
  return (
    a.name === b.name &&
    a.params.length === b.params.length &&
    a.params.every((type, i) => lessSpecific(type, b.params[i]!))
  );
}

/** The type within an optional, and whether it was one. */
export const unwrapOptional = (type: Type): [type: Type, optional: boolean] =>
  isOptional(type) ? [type.params[0]!, true] : [type, false];
