import type { Shape, TypeFacts } from '../facts.ts';
import { goSyntax, goText, goType } from '../go-print.ts';
import { isBigInteger } from '../json-number.ts';
import { elementText } from './path-element.ts';
import {
  elementOf,
  elementPlace,
  fieldPlace,
  formOf,
  holdsAnything,
  isTree,
  mergesLists,
  type Place,
  rootPlace,
  type Tree,
} from './place.ts';

/**
 * Whether an applied configuration has the form of its type: declared fields only, values of the right kind, list items
 * that can be told apart. Source of the texts: structured-merge-diff `typed/validate.go` and `typed/helpers.go`.
 */

type ScalarKind = 'string' | 'numeric' | 'boolean' | 'untyped';

const scalars: Readonly<Partial<Record<Shape, ScalarKind>>> = {
  string: 'string',
  bytes: 'string',
  duration: 'string',
  bool: 'boolean',
  int32: 'numeric',
  int64: 'numeric',
  float: 'numeric',
  time: 'untyped',
  microTime: 'untyped',
  quantity: 'untyped',
  intOrString: 'untyped',
};

const maps: ReadonlySet<Shape> = new Set(['struct', 'map']);

/** Findings, at most this many: a hostile configuration gets no longer answer. */
const maxFindings = 100;

class Check {
  readonly findings: string[] = [];
  /** Path elements, or indexes of atomic lists; put into words only for a finding. */
  readonly #path: (string | number)[] = [];

  #add(text: string): void {
    if (this.findings.length >= maxFindings) return;
    const path = this.#path.map((part) => (typeof part === 'number' ? `[${part}]` : elementText(part))).join('');
    this.findings.push(path ? `${path}: ${text}` : text);
  }

  #at(part: string | number, place: Place, value: unknown): void {
    this.#path.push(part);
    this.#value(place, value);
    this.#path.pop();
  }

  #value(place: Place, value: unknown): void {
    const { type } = place;
    const scalar = type && scalars[type.shape];
    if (scalar) this.#scalar(scalar, value);
    else if (value === null) return;
    else if (type === undefined || holdsAnything(place)) this.#untyped(place, value);
    else if (maps.has(type.shape)) {
      if (isTree(value)) this.map(place, value);
      else this.#add(`expected map, got ${goPointer(value)}`);
    } else if (Array.isArray(value)) this.#list(place, value);
    else this.#add(`expected list, got ${goPointer(value)}`);
  }

  #untyped(place: Place, value: unknown): void {
    if (isTree(value)) this.map(place, value);
    else if (Array.isArray(value)) this.#list(place, value);
  }

  map(place: Place, tree: Tree): void {
    const { type } = place;
    const closed = type?.shape === 'struct' && !type.open;
    for (const key in tree) {
      if (!closed || type.fields.has(key)) this.#at(`f:${key}`, fieldPlace(type, key), tree[key]);
      else {
        this.#path.push(`f:${key}`);
        this.#add('field not declared in schema');
        this.#path.pop();
      }
    }
  }

  #list(place: Place, list: readonly unknown[]): void {
    const item = elementPlace(place.type);
    if (mergesLists(place)) this.#items(place, item, list);
    else for (let i = 0; i < list.length; i++) this.#at(i, item, list[i]);
  }

  #items(place: Place, item: Place, list: readonly unknown[]): void {
    const seen = new Set<string>();
    for (const [i, value] of list.entries()) {
      const wrong = place.listType === 'set' ? wrongMember(value) : wrongItem(place, value);
      if (wrong) {
        this.#add(`element ${i}: ${wrong}`);
        return;
      }
      const element = elementOf(place, value);
      if (seen.has(element)) this.#add(`duplicate entries for key ${elementText(element)}`);
      seen.add(element);
      this.#at(element, item, value);
    }
  }

  #scalar(kind: ScalarKind, value: unknown): void {
    if (value === null) return;
    const number = typeof value === 'number' || isBigInteger(value);
    if (kind === 'string') {
      if (typeof value !== 'string')
        this.#add(`expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`);
    } else if (kind === 'numeric') {
      if (!number) this.#add(`expected numeric (int or float), got ${goType(value)}`);
    } else if (kind === 'boolean') {
      if (typeof value !== 'boolean') this.#add(`expected boolean, got ${goPointer(value)}`);
    } else if (formOf(value) !== 'scalar') this.#add(`expected any scalar, got ${goPointer(value)}`);
  }
}

function wrongMember(value: unknown): string | undefined {
  if (isTree(value)) return "associative list without keys has an element that's a map type";
  if (Array.isArray(value)) return 'not supported: associative list with lists as elements';
  return value === null ? "associative list without keys has an element that's an explicit null" : undefined;
}

function wrongItem(place: Place, value: unknown): string | undefined {
  if (value === null) return 'associative list with keys may not have a null element';
  if (!isTree(value)) return 'associative list with keys may not have non-map elements';
  const named = place.listKeys.some(
    (key) => Object.hasOwn(value, key) || place.type?.element?.fields.get(key)?.default !== undefined,
  );
  if (named) return undefined;
  const keys = `[${place.listKeys.map((key) => JSON.stringify(key)).join(' ')}]`;
  return `associative list with keys has an element that omits all key fields ${keys} (and doesn't have default values for any key fields)`;
}

const goPointer = (value: unknown) => `&{${goText(value)}}`;

/** What is wrong with a configuration as upstream words it; undefined when nothing is. */
export function configErrors(type: TypeFacts, config: Tree): string | undefined {
  const check = new Check();
  check.map(rootPlace(type), config);
  const { findings } = check;
  if (findings.length === 0) return undefined;
  return findings.length === 1 ? findings[0] : ['errors:', ...findings.map((text) => `  ${text}`)].join('\n');
}
