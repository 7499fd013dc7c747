import type { ErrorList, FieldPath } from '../field-errors.ts';
import { fieldSchema, type Structural } from './structural.ts';
import { isTree, type Tree } from './value-kind.ts';

/**
 * Items of a set, and keys of the items of a map list, are there once. Source: apiextensions-apiserver
 * `pkg/apiserver/schema/listtype/validation.go`.
 */

/** Equal values have equal texts: object keys are sorted. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, v) =>
    isTree(v) ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1))) : v,
  );
}

/** What tells a value from others: scalars themselves, and texts of the rest. */
interface Seen {
  readonly scalars: Map<unknown, number>;
  readonly texts: Map<string, number>;
}

/** How often a value has been seen before. */
function count(seen: Seen, value: unknown): number {
  const isCompound = typeof value === 'object' && value !== null;
  const times = (isCompound ? seen.texts : seen.scalars) as Map<unknown, number>;
  const key = isCompound ? textOf(value) : value;
  const before = times.get(key) ?? 0;
  times.set(key, before + 1);
  return before;
}

/** Where a value is met for the second time; the third and later are no news. */
function repeated(values: readonly unknown[]): number[] {
  const seen: Seen = { scalars: new Map(), texts: new Map() };
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) if (count(seen, values[i]) === 1) found.push(i);
  return found;
}

function keysOf(names: readonly string[], item: unknown): Tree {
  const keys: Tree = {};
  if (isTree(item)) for (const name of names) if (Object.hasOwn(item, name)) keys[name] = item[name];
  return keys;
}

/** The keys of an item as repeated ones are found by: most lists have one key, a scalar. */
function keyOf(names: readonly string[], item: unknown): unknown {
  if (names.length > 1) return keysOf(names, item);
  return isTree(item) && Object.hasOwn(item, names[0]!) ? item[names[0]!] : undefined;
}

function checkMap(schema: Structural, list: readonly unknown[], errors: ErrorList, path: FieldPath): void {
  const wrong = list.findIndex((item) => item !== null && !isTree(item));
  if (wrong >= 0) {
    errors.invalid(path.index(wrong), list[wrong], 'must be an object for an array of list-type map');
    return;
  }
  const names = schema.listMapKeys;
  const keys = list.map((item) => keyOf(names, item));
  for (const i of repeated(keys)) errors.duplicate(path.index(i), keysOf(names, list[i]));
}

/** Checks every set and map list of a value. */
export function validateListTypes(schema: Structural, value: unknown, errors: ErrorList, path: FieldPath): void {
  if (!hasListTypes(schema)) return;
  if (Array.isArray(value)) {
    if (schema.listType === 'set') for (const i of repeated(value)) errors.duplicate(path.index(i), value[i]);
    else if (schema.listType === 'map') checkMap(schema, value, errors, path);
    const { items } = schema;
    if (items && hasListTypes(items))
      value.forEach((item, i) => {
        validateListTypes(items, item, errors, path.index(i));
      });
  } else if (isTree(value)) validateFields(schema, value, errors, path);
}

function validateFields(schema: Structural, tree: Tree, errors: ErrorList, path: FieldPath): void {
  for (const key in tree) {
    const field = fieldSchema(schema, key);
    if (field && hasListTypes(field))
      validateListTypes(field, tree[key], errors, schema.properties.has(key) ? path.child(key) : path.key(key));
  }
}

const known = new WeakMap<Structural, boolean>();

/** Whether a schema, or one below it, has sets or map lists: most have none, and then nothing is walked. */
function hasListTypes(schema: Structural): boolean {
  let has = known.get(schema);
  if (has === undefined) known.set(schema, (has = findListTypes(schema)));
  return has;
}

function findListTypes({ listType, items, properties, additionalProperties: rest }: Structural): boolean {
  if (listType === 'set' || listType === 'map') return true;
  if (items && hasListTypes(items)) return true;
  if (typeof rest === 'object' && hasListTypes(rest)) return true;
  return [...properties.values()].some(hasListTypes);
}
