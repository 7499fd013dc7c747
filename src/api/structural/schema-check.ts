import { equal } from '../patch/json-patch.ts';
import type { Correlation } from './correlation.ts';
import {
  type Complaint,
  type FieldName,
  type Finding,
  forbiddenField,
  invalid,
  missing,
  overall,
  tooMany,
  unsupported,
  wrongType,
} from './finding.ts';
import { hasFormat } from './formats.ts';
import { numberComplaints, sameNumber } from './number-rules.ts';
import type { Structural } from './structural.ts';
import { textComplaint } from './text-rules.ts';
import { typeMismatch } from './type-rules.ts';
import { kindOf, type Tree, type ValueKind } from './value-kind.ts';

/**
 * Checks a value against the OpenAPI part of its schema. Which branch of an `anyOf` or `oneOf` speaks for the others when
 * all fail is decided as kube-openapi does it, by counting what went well. Source: kube-openapi `pkg/validation/validate`.
 */

/** More than anybody reads: a hostile object could have one for every byte. */
const maxFindings = 1000;

/** How a branch did. */
interface Outcome {
  readonly failures: number;
  /** How much went well. */
  readonly matches: number;
}

export class SchemaCheck {
  readonly #root: Correlation | undefined;
  readonly #path: (string | number)[] = [];
  readonly #findings: Finding[] = [];
  #failures = 0;
  #matches = 0;
  /** Whether failures are counted only: a branch that fails may not matter, and names cost. */
  #quiet = false;

  /** `correlation`: the checked value and the one it replaces, if it replaces one. */
  constructor(correlation: Correlation | undefined) {
    this.#root = correlation;
  }

  /** Every finding, each message once. */
  run(schema: Structural, value: unknown): Finding[] {
    this.#value(schema, value);
    const seen = new Set<string>();
    return this.#findings.filter(({ message }) => !seen.has(message) && seen.add(message));
  }

  /** Whether the value at the path is what it was before. Looked up when something is wrong with it, which is rare. */
  #isUnchanged(): boolean {
    let at = this.#root;
    for (const [depth, part] of this.#path.entries()) {
      // The type of an object is what its endpoint says, whatever was stored.
      if (depth === 0 && (part === 'kind' || part === 'apiVersion')) return false;
      at = typeof part === 'number' ? at?.item(part) : at?.field(part);
      if (!at) return false;
    }
    return at?.unchanged ?? false;
  }

  #complain(complaint: Complaint): void {
    this.#failures++;
    if (!this.#quiet && this.#findings.length < maxFindings) this.#findings.push(complaint(this.#name()));
  }

  #name(): FieldName {
    let name = '';
    for (const part of this.#path) name += typeof part === 'number' ? `[${part}]` : name === '' ? part : `.${part}`;
    return name;
  }

  /** A value of the tree. What it was before may stay as wrong as it was. */
  #value(schema: Structural, value: unknown): void {
    const [failures, findings] = [this.#failures, this.#findings.length];
    this.#node(schema, value);
    if (this.#failures === failures || !this.#isUnchanged()) return;
    this.#failures = failures;
    this.#findings.length = findings;
  }

  /** A value against one schema node, which may be a branch. */
  #node(schema: Structural, value: unknown): void {
    const kind = kindOf(value);
    const typed = this.#type(schema, value, kind);
    if (kind === 'null') {
      this.#enum(schema, value);
      if (typed) this.#matches++;
      return;
    }
    if (schema.types.length || schema.format) this.#matches += typed ? 2 : 1;
    this.#branches(schema, value);
    if (kind === 'string') this.#string(schema, value as string);
    else if (kind === 'integer' || kind === 'number') this.#number(schema, value);
    else if (kind === 'array') this.#list(schema, value as unknown[]);
    this.#enum(schema, value);
    if (kind === 'object') this.#object(schema, value as Tree);
    // Enum, branches and the node itself.
    this.#matches += 3;
  }

  #type(schema: Structural, value: unknown, kind: ValueKind): boolean {
    if (schema.types.length === 0 && !schema.format) return true;
    const mismatch = typeMismatch(schema, value, kind);
    if (mismatch) this.#complain((name) => wrongType(name, mismatch.type, mismatch.shown));
    return mismatch === undefined;
  }

  #enum(schema: Structural, value: unknown): void {
    const allowed = schema.enum;
    if (allowed.length === 0 || (value !== null && allowed.some((v) => equal(v, value) || sameNumber(v, value))))
      return;
    this.#complain((name) => unsupported(name, value, allowed));
  }

  #string(schema: Structural, value: string): void {
    const complaint = textComplaint(schema, value);
    if (complaint) this.#complain(complaint);
    const { format } = schema;
    if (format && !hasFormat(format, value)) this.#complain((name) => wrongType(name, format, value));
    this.#matches += format ? 2 : 1;
  }

  #number(schema: Structural, value: unknown): void {
    for (const complaint of numberComplaints(schema, value)) this.#complain(complaint);
    this.#matches += 2;
  }

  #list(schema: Structural, list: readonly unknown[]): void {
    const { items, minItems, maxItems } = schema;
    if (items)
      for (let i = 0; i < list.length; i++) {
        this.#path.push(i);
        this.#value(items, list[i]);
        this.#path.pop();
      }
    if (minItems !== undefined && list.length < minItems)
      this.#complain((name) => invalid(name, list.length, `should have at least ${minItems} items`));
    if (maxItems !== undefined && list.length > maxItems)
      this.#complain((name) => tooMany(name, list.length, maxItems, 'items'));
    this.#matches += 2;
  }

  #object(schema: Structural, tree: Tree): void {
    this.#matches++;
    this.#size(schema, tree);
    const { properties, additionalProperties: rest } = schema;
    for (const key in tree) {
      const field = properties.get(key) ?? rest;
      if (typeof field === 'object') this.#field(key, field, tree);
      else if (field === false) this.#complain((name) => forbiddenField(name, key));
    }
    for (const key of schema.required) if (!Object.hasOwn(tree, key)) this.#missing(key);
  }

  #size({ minProperties, maxProperties }: Structural, tree: Tree): void {
    if (minProperties === undefined && maxProperties === undefined) return;
    const size = Object.keys(tree).length;
    if (minProperties !== undefined && size < minProperties)
      this.#complain((name) => invalid(name, size, `should have at least ${minProperties} properties`));
    if (maxProperties !== undefined && size > maxProperties)
      this.#complain((name) => tooMany(name, size, maxProperties, 'properties'));
  }

  #field(key: string, schema: Structural, tree: Tree): void {
    this.#path.push(key);
    this.#value(schema, tree[key]);
    this.#path.pop();
  }

  #missing(key: string): void {
    this.#path.push(key);
    this.#complain(missing);
    this.#path.pop();
  }

  #branches(schema: Structural, value: unknown): void {
    if (schema.anyOf.length) this.#anyOf(schema.anyOf, value);
    if (schema.oneOf.length) this.#oneOf(schema.oneOf, value);
    if (schema.allOf.length) this.#allOf(schema.allOf, value);
    if (schema.not && this.#branch(schema.not, value).failures === 0)
      this.#complain((name) => overall(`${JSON.stringify(name)} must not validate the schema (not)`));
    this.#matches++;
  }

  #anyOf(schemas: readonly Structural[], value: unknown): void {
    const outcomes: Outcome[] = [];
    for (const schema of schemas) {
      const outcome = this.#branch(schema, value);
      if (outcome.failures === 0) {
        this.#matches += outcome.matches;
        return;
      }
      outcomes.push(outcome);
    }
    this.#complain((name) => overall(`${JSON.stringify(name)} must validate at least one schema (anyOf)`));
    this.#speakForAll(schemas, outcomes, value);
  }

  #oneOf(schemas: readonly Structural[], value: unknown): void {
    const outcomes = schemas.map((schema) => this.#branch(schema, value));
    const valid = outcomes.filter(({ failures }) => failures === 0);
    if (valid.length === 1) {
      this.#matches += valid[0]!.matches;
      return;
    }
    const why = valid.length === 0 ? 'Found none valid' : `Found ${valid.length} valid alternatives`;
    this.#complain((name) => overall(`${JSON.stringify(name)} must validate one and only one schema (oneOf). ${why}`));
    if (valid.length === 0) this.#speakForAll(schemas, outcomes, value);
  }

  /** All branches failed: the first of those of which most went well says why. */
  #speakForAll(schemas: readonly Structural[], outcomes: readonly Outcome[], value: unknown): void {
    const best = outcomes.reduce((best, outcome) => (outcome.matches > best.matches ? outcome : best));
    if (!this.#quiet) {
      this.#node(schemas[outcomes.indexOf(best)]!, value);
      return;
    }
    this.#failures += best.failures;
    this.#matches += best.matches;
  }

  #allOf(schemas: readonly Structural[], value: unknown): void {
    let valid = 0;
    for (const schema of schemas) {
      const before = this.#failures;
      this.#node(schema, value);
      if (this.#failures === before) valid++;
    }
    if (valid === schemas.length) return;
    const none = valid === 0 ? '. None validated' : '';
    this.#complain((name) => overall(`${JSON.stringify(name)} must validate all the schemas (allOf)${none}`));
  }

  /** Tries a branch. */
  #branch(schema: Structural, value: unknown): Outcome {
    const [failures, matches, quiet] = [this.#failures, this.#matches, this.#quiet];
    this.#failures = 0;
    this.#matches = 0;
    this.#quiet = true;
    this.#node(schema, value);
    const outcome = { failures: this.#failures, matches: this.#matches };
    this.#failures = failures;
    this.#matches = matches;
    this.#quiet = quiet;
    return outcome;
  }
}
