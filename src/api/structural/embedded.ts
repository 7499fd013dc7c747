import { ConformError, conform } from '../conform.ts';
import { typeFacts } from '../facts.ts';
import type { ErrorList, FieldPath } from '../field-errors.ts';
import { dns1035LabelErrors, nameIsPathSegment } from '../names.ts';
import { type ObjectMeta, thaw } from '../object.ts';
import { validateObjectMeta } from '../object-meta.ts';
import { fieldSchema, type Structural } from './structural.ts';
import { isTree, type Tree } from './value-kind.ts';

/**
 * Objects within objects (`x-kubernetes-embedded-resource`): their apiVersion, kind and metadata are what they are in every
 * object. Source: apiextensions-apiserver `pkg/apiserver/schema/objectmeta`.
 */

export const metaFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** Metadata as a server keeps it, and what of it nobody knows. Throws `ConformError`. */
export function coerceMetadata(metadata: unknown): { readonly value: unknown; readonly unknown: readonly string[] } {
  const { value, unknown } = conform(typeFacts('meta/v1.ObjectMeta'), metadata ?? {});
  const tree = value as Tree;
  // Go writes a creation time for nobody; an embedded object never had one.
  if (tree['creationTimestamp'] === null) delete tree['creationTimestamp'];
  return { value: tree, unknown };
}

/** The fields of metadata that can be kept, each by itself: what stored objects are read with. */
export function salvageMetadata(metadata: Tree): { readonly value: Tree; readonly unknown: readonly string[] } {
  const kept: Tree = {};
  const unknown: string[] = [];
  for (const key of Object.keys(metadata)) {
    try {
      const coerced = coerceMetadata({ [key]: metadata[key] });
      unknown.push(...coerced.unknown);
      Object.assign(kept, coerced.value);
    } catch (error) {
      if (!(error instanceof ConformError)) throw error;
    }
  }
  return { value: kept, unknown };
}

function validateApiVersion(value: unknown, errors: ErrorList, path: FieldPath): void {
  if (typeof value !== 'string') errors.invalid(path, value, 'must be a string');
  else if (value === '') errors.invalid(path, value, 'must not be empty');
  else if (value.split('/').length > 2) errors.invalid(path, value, `unexpected GroupVersion string: ${value}`);
}

function validateKind(value: unknown, errors: ErrorList, path: FieldPath): void {
  if (typeof value !== 'string') errors.invalid(path, value, 'must be a string');
  else if (value === '') errors.invalid(path, value, 'must not be empty');
  else {
    const texts = dns1035LabelErrors(value.toLowerCase());
    if (texts.length)
      errors.invalid(path, value, `may have mixed case, but should otherwise match: ${texts.join(',')}`);
  }
}

function validateMetadata(value: unknown, errors: ErrorList, path: FieldPath): void {
  try {
    const meta = conform(typeFacts('meta/v1.ObjectMeta'), thaw(value ?? {})).value as ObjectMeta;
    // The name is optional here.
    const named = { ...meta, name: meta.name || 'fakename' };
    validateObjectMeta(named, !!meta.namespace, nameIsPathSegment, errors, path);
  } catch (error) {
    if (!(error instanceof ConformError)) throw error;
    errors.invalid(path, value, error.message);
  }
}

function validateEmbedded(tree: Tree, errors: ErrorList, path: FieldPath): void {
  if (!Object.hasOwn(tree, 'apiVersion')) errors.required(path.child('apiVersion'));
  else validateApiVersion(tree['apiVersion'], errors, path.child('apiVersion'));
  if (!Object.hasOwn(tree, 'kind')) errors.required(path.child('kind'));
  else validateKind(tree['kind'], errors, path.child('kind'));
  if (Object.hasOwn(tree, 'metadata')) validateMetadata(tree['metadata'], errors, path.child('metadata'));
}

/** Checks every embedded object of a value; the value itself only if its own schema says that it is one. */
export function validateEmbeddedResources(
  schema: Structural,
  value: unknown,
  errors: ErrorList,
  path: FieldPath,
): void {
  if (!hasEmbedded(schema)) return;
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items)
      value.forEach((item, i) => {
        validateEmbeddedResources(items, item, errors, path.index(i));
      });
  } else if (isTree(value)) {
    if (schema.xEmbeddedResource) validateEmbedded(value, errors, path);
    for (const key in value) {
      const field = fieldSchema(schema, key);
      if (field)
        validateEmbeddedResources(
          field,
          value[key],
          errors,
          schema.properties.has(key) ? path.child(key) : path.key(key),
        );
    }
  }
}

const known = new WeakMap<Structural, boolean>();

/** Whether a schema, or one below it, is of an embedded object. */
export function hasEmbedded(schema: Structural): boolean {
  let has = known.get(schema);
  if (has === undefined) known.set(schema, (has = findEmbedded(schema)));
  return has;
}

function findEmbedded({ xEmbeddedResource, items, properties, additionalProperties: rest }: Structural): boolean {
  if (xEmbeddedResource || (items && hasEmbedded(items))) return true;
  return (typeof rest === 'object' && hasEmbedded(rest)) || [...properties.values()].some(hasEmbedded);
}
