import { ErrorList, type FieldPath } from '../../api/field-errors.ts';
import { FieldPathError, followPath } from '../../api/structural/field-path.ts';
import { compileStructural, type Structural } from '../../api/structural/structural.ts';
import type { JSONSchemaProps } from '../../api/types/apiextensions-v1.gen.ts';
import { listRules, mapListRules } from './list-rules.ts';
import type { CostAccount } from './rule-costs.ts';
import { timesBelow } from './rule-costs.ts';
import { compiledRuleRules, ruleFieldRules } from './rule-rules.ts';
import { isSchema } from './schema-walk.ts';
import { conversionFailure } from './structural-rules.ts';

/**
 * What each node of an OpenAPI schema may say. Source: apiextensions validation, ValidateCustomResourceDefinitionOpenAPISchema
 * and specStandardValidatorV3.
 */

/** Rules that old definitions may break, so that they can still be updated. */
export interface SchemaLeniency {
  readonly requireValidTypes: boolean;
  readonly requireAtomicSetItems: boolean;
  readonly requireSoundMapKeys: boolean;
  /** The schema is as it was: its expressions may cost what they cost. */
  readonly allowCostlyExpressions: boolean;
}

/** Where a node stands. */
interface Place {
  readonly path: FieldPath;
  readonly root: boolean;
  readonly insideMeta: boolean;
  /** Why there may be no default here; "" where there may be. */
  readonly noDefaults: string;
  /** The first node above whose old and new values cannot be matched: below it nothing can be compared. */
  readonly uncorrelatable: FieldPath | undefined;
  /** The compiled node, where CEL rules may be: not in branches, and not when the schema is not structural. */
  readonly compiled: Structural | undefined;
  /** How often values of the node can be there at most. */
  readonly times: number;
}

export const openApiTypes: readonly string[] = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const metaFields: ReadonlySet<string> = new Set(['metadata', 'kind', 'apiVersion']);
const noDefaultsText = 'must not be set';

const unsupported = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'] as const;

/** Checks a whole schema. CEL rules are looked at only where nothing else is wrong at or below their node. */
export class SchemaRules {
  readonly #schemaErrors = new ErrorList();
  readonly #ruleErrors = new ErrorList();
  readonly #leniency: SchemaLeniency;
  readonly #costs: CostAccount;

  constructor(leniency: SchemaLeniency, costs: CostAccount) {
    this.#leniency = leniency;
    this.#costs = costs;
  }

  /** Appends all findings: those of schemas first, then those of rules. */
  check(errors: ErrorList, path: FieldPath, schema: JSONSchemaProps, compiled: Structural | undefined): void {
    this.#node(schema, {
      path,
      root: true,
      insideMeta: false,
      noDefaults: '',
      uncorrelatable: undefined,
      compiled,
      times: 1,
    });
    errors.errors.push(...this.#schemaErrors.errors, ...this.#ruleErrors.errors);
  }

  #node(schema: JSONSchemaProps, place: Place): void {
    const before = this.#schemaErrors.errors.length;
    this.#standard(schema, place);
    this.#children(schema, place);
    this.#extensions(schema, place.path);
    const rules = schema['x-kubernetes-validations'] ?? [];
    if (rules.length === 0) return;
    const at = place.path.child('x-kubernetes-validations');
    const target = rules.some((rule) => rule.fieldPath) ? (place.compiled ?? compiledIfPossible(schema)) : undefined;
    for (const [i, rule] of rules.entries())
      ruleFieldRules(this.#schemaErrors, at.index(i), rule, (path) => !target || leadsSomewhere(target, path));
    if (this.#schemaErrors.errors.length > before || !place.compiled) return;
    compiledRuleRules(this.#ruleErrors, at, place.compiled, {
      root: place.root || place.compiled.xEmbeddedResource,
      times: place.times,
      uncorrelatable: place.uncorrelatable,
      costs: this.#costs,
      allowCostly: this.#leniency.allowCostlyExpressions,
    });
  }

  #standard(schema: JSONSchemaProps, { path, noDefaults, insideMeta }: Place): void {
    const errors = this.#schemaErrors;
    const { type } = schema;
    if (this.#leniency.requireValidTypes && type && !openApiTypes.includes(type))
      errors.notSupported(path.child('type'), type, openApiTypes);
    if (schema.default !== undefined && noDefaults)
      errors.forbidden(path.child('default'), `${noDefaultsText} ${noDefaults}`);
    for (const field of unsupported)
      if (schema[field] !== undefined) errors.forbidden(path.child(field), `${field} is not supported`);
    if (type === 'null')
      errors.forbidden(path.child('type'), 'type cannot be set to null, use nullable as an alternative');
    if (Array.isArray(schema.items) && schema.items.length > 0)
      errors.forbidden(path.child('items'), 'items must be a schema object and not an array');
    if (insideMeta && schema['x-kubernetes-embedded-resource'])
      errors.forbidden(path.child('x-kubernetes-embedded-resource'), 'must not be used inside of resource meta');
    if (schema.uniqueItems)
      errors.forbidden(
        path.child('uniqueItems'),
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      );
  }

  #children(schema: JSONSchemaProps, place: Place): void {
    const below: Place = { ...place, root: false, times: timesBelow(schema, place.times) };
    this.#rest(schema, below);
    for (const [name, property] of Object.entries(schema.properties ?? {}))
      this.#property(schema, name, property, place, below);
    this.#branches(schema, { ...below, compiled: undefined });
    this.#items(schema, below);
  }

  #rest(schema: JSONSchemaProps, below: Place): void {
    const rest = schema.additionalProperties;
    if (rest === undefined) return;
    const path = below.path.child('additionalProperties');
    if (Object.keys(schema.properties ?? {}).length > 0 && rest !== true)
      this.#schemaErrors.forbidden(path, 'additionalProperties and properties are mutual exclusive');
    if (!isSchema(rest)) return;
    const compiled = below.compiled?.additionalProperties;
    this.#node(rest, {
      ...below,
      path,
      // Pruning could not tell whose default it is.
      ...(below.insideMeta && { noDefaults: 'inside additionalProperties applying to object metadata' }),
      compiled: typeof compiled === 'object' ? compiled : undefined,
    });
  }

  #property(schema: JSONSchemaProps, name: string, property: JSONSchemaProps, place: Place, below: Place): void {
    const isMeta = (place.root || schema['x-kubernetes-embedded-resource']) && metaFields.has(name);
    const mapType = schema['x-kubernetes-map-type'];
    const correlatable = mapType === undefined || mapType === 'granular' || mapType === 'atomic';
    this.#node(property, {
      ...below,
      path: below.path.child('properties').key(name),
      insideMeta: below.insideMeta || !!isMeta,
      ...(isMeta && place.root && { noDefaults: `in top-level ${name}` }),
      ...(!correlatable && { uncorrelatable: below.uncorrelatable ?? below.path }),
      compiled: below.compiled?.properties.get(name),
    });
  }

  #branches(schema: JSONSchemaProps, below: Place): void {
    const { path } = below;
    if (schema.not) this.#node(schema.not, { ...below, path: path.child('not') });
    for (const field of ['allOf', 'oneOf', 'anyOf'] as const)
      for (const [i, child] of (schema[field] ?? []).entries())
        this.#node(child, { ...below, path: path.child(field).index(i) });
    for (const field of ['definitions', 'dependencies'] as const)
      for (const [name, child] of Object.entries(schema[field] ?? {}))
        if (isSchema(child)) this.#node(child, { ...below, path: path.child(field).key(name) });
  }

  #items(schema: JSONSchemaProps, below: Place): void {
    const isMap = schema['x-kubernetes-list-type'] === 'map';
    const inList: Place = isMap ? below : { ...below, uncorrelatable: below.uncorrelatable ?? below.path };
    const path = below.path.child('items');
    if (isSchema(schema.items)) this.#node(schema.items, { ...inList, path, compiled: below.compiled?.items });
    else
      for (const [i, item] of ((schema.items ?? []) as readonly JSONSchemaProps[]).entries())
        this.#node(item, { ...inList, path: path.index(i), compiled: undefined });
  }

  #extensions(schema: JSONSchemaProps, path: FieldPath): void {
    const errors = this.#schemaErrors;
    if (schema['x-kubernetes-preserve-unknown-fields'] === false)
      errors.invalid(path.child('x-kubernetes-preserve-unknown-fields'), false, 'must be true or undefined');
    listRules(errors, path, schema, this.#leniency.requireAtomicSetItems);
    if (this.#leniency.requireSoundMapKeys) mapListRules(errors, path, schema);
  }
}

/** A schema that has no structural form is complained of elsewhere. */
const compiledIfPossible = (schema: JSONSchemaProps): Structural | undefined =>
  conversionFailure(schema) ? undefined : compileStructural(schema);

/** Whether a path leads to a field of a schema. */
function leadsSomewhere(schema: Structural, path: string): boolean {
  try {
    followPath(path, schema, { brackets: true });
    return true;
  } catch (error) {
    if (!(error instanceof FieldPathError)) throw error;
    return false;
  }
}
