import { thaw } from '../object.ts';
import { fieldSchema, type Structural } from './structural.ts';
import { isTree, type Tree } from './value-kind.ts';

/**
 * Defaults of a schema. A null that the schema does not allow counts as absent. Source: apiextensions-apiserver
 * `pkg/apiserver/schema/defaulting` (algorithm.go, prunenulls.go).
 */

const isDefault = (schema: Structural | undefined): schema is Structural => schema?.default !== undefined;

/** Whether a null is not allowed where it is. */
const isStray = (schema: Structural | undefined, value: unknown): schema is Structural =>
  value === null && schema !== undefined && !schema.nullable;

const known = new WeakMap<Structural, readonly (readonly [string, Structural])[]>();

/** The properties that have defaults: mostly few of many. */
function defaultedFields(schema: Structural): readonly (readonly [string, Structural])[] {
  let fields = known.get(schema);
  if (!fields) known.set(schema, (fields = [...schema.properties].filter(([, property]) => isDefault(property))));
  return fields;
}

function visit(schema: Structural | undefined, value: unknown): unknown {
  if (schema === undefined || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) visitItems(schema.items, value);
  else if (isTree(value)) {
    const stray = visitFields(schema, value);
    return stray ? without(value, stray) : value;
  }
  return value;
}

function visitItems(schema: Structural | undefined, list: unknown[]): void {
  if (schema === undefined) return;
  for (let i = 0; i < list.length; i++) {
    if (isStray(schema, list[i]) && isDefault(schema)) list[i] = thaw(schema.default);
    const now = visit(schema, list[i]);
    if (now !== list[i]) list[i] = now;
  }
}

/** Fills in the defaults of an object; returns the fields whose null must go. */
function visitFields(schema: Structural, tree: Tree): Set<string> | undefined {
  let stray: Set<string> | undefined;
  for (const [key, property] of defaultedFields(schema))
    if (!Object.hasOwn(tree, key) || isStray(property, tree[key])) tree[key] = thaw(property.default);
  for (const key in tree) {
    const field = fieldSchema(schema, key);
    const value = tree[key];
    if (!isStray(field, value)) {
      const now = visit(field, value);
      if (now !== value) tree[key] = now;
    } else if (isDefault(field)) tree[key] = visit(field, thaw(field.default));
    else (stray ??= new Set()).add(key);
  }
  return stray;
}

/** A new object rather than `delete`: deleted-from objects are slow for good. */
function without(tree: Tree, stray: ReadonlySet<string>): Tree {
  const rest: Tree = {};
  for (const key in tree) if (!stray.has(key)) rest[key] = tree[key];
  return rest;
}

/** Fills in defaults all the way down a private tree, in place, and drops nulls that are neither allowed nor defaulted. */
export function applySchemaDefaults(schema: Structural, tree: Record<string, unknown>): void {
  for (const key of visitFields(schema, tree) ?? []) delete tree[key];
}
