import type { FieldFacts, TypeFacts } from './facts.ts';
import { type ErrorList, FieldPath } from './field-errors.ts';

/**
 * Checks that need no rules of a kind, for kinds that have none: required strings and structs are there, enums hold one
 * of their values. Status is the controllers' business and metadata has rules of its own, so both are left out.
 */

type Tree = Record<string, unknown>;
const skipped: ReadonlySet<string> = new Set(['status', 'metadata', 'kind', 'apiVersion']);

class Check {
  readonly #errors: ErrorList;
  readonly #path: (string | number)[] = [];

  constructor(errors: ErrorList) {
    this.#errors = errors;
  }

  struct(type: TypeFacts, tree: Tree, top: boolean): void {
    for (const field of type.fields.values()) {
      if (top && skipped.has(field.name)) continue;
      this.#path.push(field.name);
      const value = tree[field.name];
      if (value === undefined || value === null || value === '') this.#missing(field);
      else this.#value(field.type, value);
      this.#path.pop();
    }
  }

  #missing(field: FieldFacts): void {
    // Empty lists, maps and zeros are values; what Go cannot tell from nothing is not.
    const { shape } = field.type;
    if (!field.optional && (shape === 'string' || shape === 'struct' || field.pointer))
      this.#errors.required(this.#at());
  }

  #value(type: TypeFacts, value: unknown): void {
    switch (type.shape) {
      case 'string':
        if (type.enum?.length && !type.enum.includes(value as string))
          this.#errors.notSupported(this.#at(), value, type.enum);
        return;
      case 'struct':
        this.struct(type, value as Tree, false);
        return;
      case 'list':
        this.#list(type.element!, value as unknown[]);
        return;
      case 'map':
        if (type.element!.shape === 'struct') this.#map(type.element!, value as Tree);
    }
  }

  #list(element: TypeFacts, list: readonly unknown[]): void {
    if (element.shape !== 'struct' && !element.enum) return;
    list.forEach((item, i) => {
      this.#path.push(i);
      this.#value(element, item);
      this.#path.pop();
    });
  }

  #map(element: TypeFacts, map: Tree): void {
    for (const [key, item] of Object.entries(map)) {
      this.#path.push(`[${key}]`);
      this.#value(element, item);
      this.#path.pop();
    }
  }

  #at(): FieldPath {
    let path = FieldPath.of(String(this.#path[0]));
    for (const part of this.#path.slice(1)) {
      if (typeof part === 'number') path = path.index(part);
      else path = part.startsWith('[') ? path.key(part.slice(1, -1)) : path.child(part);
    }
    return path;
  }
}

/** Appends what is missing or not supported, in field order. */
export function validateFacts(type: TypeFacts, object: object, errors: ErrorList): void {
  new Check(errors).struct(type, object as Tree, true);
}
