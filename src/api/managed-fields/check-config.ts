import type { Shape, TypeFacts } from '../facts.ts';
import { isBigInteger } from '../json-number.ts';
import { elementText } from './path-element.ts';
import {
  elementOf,
  elementPlace,
  fieldPlace,
  formOf,
  holdsAnything,
  isTree,
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

  #add(path: string, text: string): void {
    if (this.findings.length < maxFindings) this.findings.push(path ? `${path}: ${text}` : text);
  }

  value(place: Place, value: unknown, path: string): void {
    const { type } = place;
    const form = formOf(value);
    const scalar = type && scalars[type.shape];
    if (scalar) this.#scalar(scalar, value, path);
    else if (form === 'null') return;
    else if (type === undefined || holdsAnything(place)) this.#untyped(place, value, path);
    else if (maps.has(type.shape)) {
      if (form === 'map') this.map(place, value as Tree, path);
      else this.#add(path, `expected map, got ${goPointer(value)}`);
    } else if (form === 'list') this.#list(place, value as unknown[], path);
    else this.#add(path, `expected list, got ${goPointer(value)}`);
  }

  #untyped(place: Place, value: unknown, path: string): void {
    if (isTree(value)) this.map(place, value, path);
    else if (Array.isArray(value)) this.#list(place, value, path);
  }

  map(place: Place, tree: Tree, path: string): void {
    const { type } = place;
    const closed = type?.shape === 'struct' && !type.open;
    for (const key of Object.keys(tree)) {
      if (closed && !type.fields.has(key)) this.#add(`${path}.${key}`, 'field not declared in schema');
      else this.value(fieldPlace(type, key), tree[key], `${path}.${key}`);
    }
  }

  #list(place: Place, list: readonly unknown[], path: string): void {
    const item = elementPlace(place.type);
    if (place.listType === undefined || place.listType === 'atomic') {
      list.forEach((value, i) => {
        this.value(item, value, `${path}[${i}]`);
      });
      return;
    }
    const seen = new Set<string>();
    for (const [i, value] of list.entries()) {
      const wrong = place.listType === 'set' ? wrongMember(value) : wrongItem(place, value);
      if (wrong) {
        this.#add(path, `element ${i}: ${wrong}`);
        return;
      }
      const element = elementOf(place, value);
      const text = elementText(element);
      if (seen.has(element)) this.#add(path, `duplicate entries for key ${text}`);
      seen.add(element);
      this.value(item, value, path + text);
    }
  }

  #scalar(kind: ScalarKind, value: unknown, path: string): void {
    if (value === null) return;
    const number = typeof value === 'number' || isBigInteger(value);
    if (kind === 'numeric' && !number) this.#add(path, `expected numeric (int or float), got ${goType(value)}`);
    else if (kind === 'string' && typeof value !== 'string')
      this.#add(path, `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`);
    else if (kind === 'boolean' && typeof value !== 'boolean')
      this.#add(path, `expected boolean, got ${goPointer(value)}`);
    else if (kind === 'untyped' && formOf(value) !== 'scalar')
      this.#add(path, `expected any scalar, got ${goPointer(value)}`);
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

/** How Go prints a JSON value with %T, %v and %#v. */
function goType(value: unknown): string {
  if (isTree(value)) return 'map[string]interface {}';
  if (Array.isArray(value)) return '[]interface {}';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function goText(value: unknown): string {
  if (value === null) return '<nil>';
  if (isBigInteger(value)) return value.rawJSON;
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (!isTree(value)) return String(value);
  const parts = Object.keys(value)
    .sort()
    .map((key) => `${key}:${goText(value[key])}`);
  return `map[${parts.join(' ')}]`;
}

const goPointer = (value: unknown) => `&{${goText(value)}}`;

function goSyntax(value: unknown): string {
  if (value === null) return 'interface {}(nil)';
  if (typeof value === 'string') return JSON.stringify(value);
  if (isBigInteger(value)) return value.rawJSON;
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (!isTree(value)) return String(value);
  const parts = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${goSyntax(value[key])}`);
  return `map[string]interface {}{${parts.join(', ')}}`;
}

/** What is wrong with a configuration as upstream words it; undefined when nothing is. */
export function configErrors(type: TypeFacts, config: Tree): string | undefined {
  const check = new Check();
  check.map(rootPlace(type), config, '');
  const { findings } = check;
  if (findings.length === 0) return undefined;
  return findings.length === 1 ? findings[0] : ['errors:', ...findings.map((text) => `  ${text}`)].join('\n');
}
