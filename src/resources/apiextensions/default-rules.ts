import { requestBudget } from '../../api/cel/budgets.ts';
import { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { thaw } from '../../api/object.ts';
import { equal } from '../../api/patch/json-patch.ts';
import { metaFields, validateEmbeddedResources } from '../../api/structural/embedded.ts';
import { MalformedMetadata, pruneValue } from '../../api/structural/prune.ts';
import { compileRuleSet, validateRules } from '../../api/structural/rules.ts';
import type { Structural } from '../../api/structural/structural.ts';
import { validateOpenApi } from '../../api/structural/validate.ts';

/**
 * Defaults of a schema must be what a client could have written: known fields only, valid, and allowed by the CEL rules.
 * Source: apiextensions-apiserver `pkg/apiserver/schema/defaulting/validation.go`.
 */

/** Builds the object that a value stands in: what metadata within it must look like depends on all of it. */
type Surround = (value: unknown) => unknown;

const typeMeta = { apiVersion: 'validation/v1', kind: 'Validation' };
const objectAround: Surround = (value) => ({ ...typeMeta, ...(value as object) });

interface Place {
  readonly path: FieldPath;
  /** The object, custom or embedded, whose schema this is part of. */
  readonly object: Structural;
  readonly insideMeta: boolean;
  readonly surround: Surround;
}

class DefaultRules {
  readonly #errors: ErrorList;
  readonly #requirePruned: boolean;
  #budget = requestBudget;

  constructor(errors: ErrorList, requirePruned: boolean) {
    this.#errors = errors;
    this.#requirePruned = requirePruned;
  }

  node(schema: Structural, given: Place): void {
    const place = schema.xEmbeddedResource
      ? { ...given, object: schema, insideMeta: false, surround: objectAround }
      : given;
    if (schema.default !== undefined) this.#default(schema, place);
    if (this.#budget < 0) return;
    const { path, surround } = place;
    if (schema.items)
      this.node(schema.items, { ...place, path: path.child('items'), surround: (value) => surround([value]) });
    for (const [name, property] of schema.properties)
      this.node(property, {
        ...place,
        path: path.child('properties').key(name),
        insideMeta: place.insideMeta || (schema === place.object && metaFields.has(name)),
        surround: (value) => surround({ [name]: value }),
      });
  }

  #default(schema: Structural, place: Place): void {
    const path = place.path.child('default');
    const value = thaw(schema.default);
    const metadata = place.insideMeta
      ? this.#insideMetadata(path, value, place)
      : this.#embeddedMetadata(path, schema, value);
    if (metadata) return;
    const found = new ErrorList();
    validateOpenApi(schema, value, found, path);
    if (found.empty) this.#rules(found, path, schema, value, schema === place.object);
    this.#errors.errors.push(...found.errors);
  }

  /** Returns whether something is wrong with the metadata that the default is part of. */
  #insideMetadata(path: FieldPath, value: unknown, { object, surround }: Place): boolean {
    const failure = metadataFailure(object, surround(thaw(value)));
    if (failure) this.#errors.invalid(path, value, `must result in valid metadata: ${failure}`);
    return failure !== '';
  }

  /** Returns whether something is wrong with metadata within the default. Unknown fields are told of besides. */
  #embeddedMetadata(path: FieldPath, schema: Structural, value: unknown): boolean {
    if (this.#requirePruned && !equal(pruneValue(schema, thaw(value), { keepMetadata: true }), value))
      this.#errors.invalid(path, value, 'must not have unknown fields');
    try {
      pruneValue(schema, thaw(value));
    } catch (error) {
      if (!(error instanceof MalformedMetadata)) throw error;
      this.#errors.invalid(path.child(error.path), error.value, error.detail);
      return true;
    }
    const before = this.#errors.errors.length;
    validateEmbeddedResources(schema, value, this.#errors, path);
    return this.#errors.errors.length > before;
  }

  /** A default must be allowed both as it stays and as it first comes. */
  #rules(errors: ErrorList, path: FieldPath, schema: Structural, value: unknown, root: boolean): void {
    const rules = compileRuleSet(schema, root);
    const budget = this.#budget;
    const kept = validateRules(rules, value, errors, path, { old: value, ratchet: false, budget });
    const fresh = errors.empty ? validateRules(rules, value, errors, path, { budget }) : kept;
    this.#budget = Math.min(kept, fresh);
  }
}

/** What is wrong with an object's own metadata; "" when nothing is. */
function metadataFailure(schema: Structural, object: unknown): string {
  const embedded: Structural = { ...schema, xEmbeddedResource: true };
  try {
    pruneValue(embedded, thaw(object));
  } catch (error) {
    if (!(error instanceof MalformedMetadata)) throw error;
    return error.message;
  }
  const errors = new ErrorList();
  validateEmbeddedResources(embedded, object, errors, FieldPath.of());
  const texts = errors.errors.map(({ text }) => text);
  return texts.length > 1 ? `[${texts.join(', ')}]` : (texts[0] ?? '');
}

/** Checks every default of a custom resource's schema. `requirePruned`: whether they may have no unknown fields. */
export function validateDefaults(errors: ErrorList, path: FieldPath, schema: Structural, requirePruned: boolean): void {
  const rules = new DefaultRules(errors, requirePruned);
  rules.node(schema, { path, object: schema, insideMeta: false, surround: objectAround });
}

/** Whether some default holds fields that nobody knows. */
export function hasUnprunedDefaults(schema: Structural): boolean {
  const { items, properties, additionalProperties: rest } = schema;
  const value = schema.default;
  if (value !== undefined && !equal(pruneValue(schema, thaw(value), { malformed: 'drop' }), value)) return true;
  const below = [items, rest, ...properties.values()];
  return below.some((child) => typeof child === 'object' && hasUnprunedDefaults(child));
}
