import { ConformError } from '../conform.ts';
import { FieldPath } from '../field-errors.ts';
import { coerceMetadata, hasEmbedded, metaFields, salvageMetadata } from './embedded.ts';
import { fieldSchema, type Structural } from './structural.ts';
import { isTree, type Tree } from './value-kind.ts';

/**
 * Drops what a schema does not know. Source: apiextensions-apiserver `pkg/apiserver/schema/pruning` and, for the metadata
 * of embedded objects, `objectmeta/coerce.go`.
 */
export interface PruneOptions {
  /** The tree is a custom resource: its apiVersion, kind and metadata are the registry's business. */
  readonly root?: boolean;
  /** What to do with embedded metadata of a wrong type: refuse it (requests), or drop the field (what was stored). */
  readonly malformed?: 'refuse' | 'drop';
  /** Whether embedded metadata is left alone. */
  readonly keepMetadata?: boolean;
}

const maxUnknown = 100;

/** Embedded metadata of a wrong type. */
export class MalformedMetadata extends ConformError {
  /** From the pruned value on. */
  readonly path: string;
  readonly value: unknown;
  readonly detail: string;

  constructor(path: string, value: unknown, detail: string) {
    super(`${path}: Invalid value: ${JSON.stringify(value)}: ${detail}`);
    this.path = path;
    this.value = value;
    this.detail = detail;
  }
}

/** Fields an object loses, if any; only then is it made anew. */
type Dropped = Set<string> | undefined;

class Pruning {
  readonly unknown: string[] = [];
  readonly #path: (string | number)[] = [];
  readonly #dropMalformed: boolean;
  readonly #keepMetadata: boolean;

  constructor({ malformed, keepMetadata = false }: PruneOptions) {
    this.#dropMalformed = malformed === 'drop';
    this.#keepMetadata = keepMetadata;
  }

  /** The value without what its schema does not know: itself, or a new object. */
  value(schema: Structural | undefined, value: unknown): unknown {
    if (Array.isArray(value)) return this.#list(schema, value);
    if (!isTree(value)) return value;
    const dropped = this.fields(schema, value, false);
    return dropped ? without(value, dropped) : value;
  }

  #list(schema: Structural | undefined, list: unknown[]): unknown[] {
    const items = schema?.xPreserveUnknownFields ? schema.items && keeping(schema.items) : schema?.items;
    if (items === undefined && schema?.xPreserveUnknownFields) return list;
    for (let i = 0; i < list.length; i++) {
      const item = list[i];
      if (typeof item !== 'object' || item === null) continue;
      this.#path.push(i);
      const now = this.value(items, item);
      this.#path.pop();
      if (now !== item) list[i] = now;
    }
    return list;
  }

  /** Prunes the fields of an object in place; returns those to drop. */
  fields(schema: Structural | undefined, tree: Tree, root: boolean): Dropped {
    let dropped: Dropped;
    const embedded = root || (schema?.xEmbeddedResource ?? false);
    for (const key in tree) {
      if (embedded && metaFields.has(key)) {
        if (!root && !this.#keepMetadata && this.#meta(tree, key)) (dropped ??= new Set()).add(key);
        continue;
      }
      const rest = schema?.additionalProperties;
      if (schema?.properties.has(key) || rest !== undefined) this.#known(fieldSchema(schema, key), tree, key);
      else if (!schema?.xPreserveUnknownFields) {
        // Upstream drops them silently here.
        if (this.#path.length > 0 || !metaFields.has(key)) this.#note(key);
        (dropped ??= new Set()).add(key);
      }
    }
    return dropped;
  }

  #known(schema: Structural | undefined, tree: Tree, key: string): void {
    const value = tree[key];
    if (typeof value !== 'object' || value === null) return;
    this.#path.push(key);
    const now = this.value(schema, value);
    this.#path.pop();
    if (now !== value) tree[key] = now;
  }

  /** Coerces apiVersion, kind or metadata of an embedded object. Returns whether it must go. */
  #meta(tree: Tree, key: string): boolean {
    const value = tree[key];
    if (key !== 'metadata') {
      if (typeof value === 'string') return false;
      if (!this.#dropMalformed) this.#refuse(key, value, 'must be a string');
      return true;
    }
    try {
      this.#takeMetadata(tree, coerceMetadata(value));
    } catch (error) {
      if (!(error instanceof ConformError)) throw error;
      if (!this.#dropMalformed) this.#refuse(key, value, error.message);
      if (isTree(value)) this.#takeMetadata(tree, salvageMetadata(value));
    }
    return false;
  }

  #takeMetadata(tree: Tree, coerced: { readonly value: unknown; readonly unknown: readonly string[] }): void {
    tree['metadata'] = coerced.value;
    for (const path of coerced.unknown) this.#note(`metadata.${path}`);
  }

  #note(field: string): void {
    if (this.unknown.length < maxUnknown) this.unknown.push(this.#at().child(field).toString());
  }

  #at(): FieldPath {
    let path = FieldPath.of();
    for (const part of this.#path) path = typeof part === 'number' ? path.index(part) : path.child(part);
    return path;
  }

  #refuse(key: string, value: unknown, text: string): never {
    throw new MalformedMetadata(this.#at().child(key).toString(), value, text);
  }
}

/** The schema of an item where the list keeps unknown fields: its items keep theirs too. */
const keeping = (schema: Structural): Structural =>
  schema.xPreserveUnknownFields ? schema : { ...schema, xPreserveUnknownFields: true };

/** A new object rather than `delete`: deleted-from objects are slow for good. */
function without(tree: Tree, dropped: ReadonlySet<string>): Tree {
  const rest: Tree = {};
  for (const key in tree) if (!dropped.has(key)) rest[key] = tree[key];
  return rest;
}

/** Whether nothing below a schema is ever dropped: it keeps unknown fields and says nothing about known ones. */
const keepsAll = (schema: Structural): boolean =>
  schema.xPreserveUnknownFields &&
  schema.properties.size === 0 &&
  schema.additionalProperties === undefined &&
  !hasEmbedded(schema);

/**
 * Drops unknown fields from a private tree, in place, and returns their paths sorted (`spec.foo`, at most 100): strict
 * validation names them. Embedded objects keep apiVersion, kind and what ObjectMeta knows of metadata. Throws
 * `MalformedMetadata` where embedded metadata is of a wrong type, unless it is to be dropped.
 */
export function prune(schema: Structural, tree: Record<string, unknown>, options: PruneOptions = {}): string[] {
  const pruning = new Pruning(options);
  if (!keepsAll(schema)) for (const key of pruning.fields(schema, tree, options.root ?? false) ?? []) delete tree[key];
  return pruning.unknown.sort();
}

/** Prunes a value that need not be an object, as a default is. Returns what is left of it. Throws `MalformedMetadata`. */
export function pruneValue(schema: Structural, value: unknown, options: PruneOptions = {}): unknown {
  return new Pruning(options).value(schema, value);
}
