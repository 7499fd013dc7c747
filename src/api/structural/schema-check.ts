import { equal } from '../patch/json-patch.ts';
import type { Correlation } from './correlation.ts';
import {
  type FieldName,
  type Finding,
  forbiddenField,
  invalid,
  missing,
  overall,
  tooLong,
  tooMany,
  unsupported,
  wrongType,
} from './finding.ts';
import { hasFormat } from './formats.ts';
import { isJsonInteger, numberComplaints, sameNumber } from './number-rules.ts';
import { patternOf } from './pattern.ts';
import type { Structural } from './structural.ts';
import { kindOf, numberOf, type Tree, type ValueKind } from './value-kind.ts';

/**
 * Checks a value against the OpenAPI part of its schema. Which branch of an `anyOf` or `oneOf` speaks for the others when
 * all fail is decided as kube-openapi does it, by counting what went well. Source: kube-openapi `pkg/validation/validate`.
 */

interface Outcome {
  readonly findings: readonly Finding[];
  readonly matches: number;
}

/** Formats a Go number has by itself, as messages about a wrong type name them. */
const ownFormats: Readonly<Partial<Record<ValueKind, string>>> = { integer: 'int64', number: 'float64' };

const isNumberType = (schema: Structural) => schema.types.includes('number') || schema.types.includes('integer');

/** What is said in place of the value when its type is wrong; undefined when it is right. */
function typeMismatch(
  schema: Structural,
  value: unknown,
  kind: ValueKind,
): { type: string; shown: string } | undefined {
  const { types, format } = schema;
  if (kind === 'null') return types.length && !schema.nullable ? { type: types.join(','), shown: 'null' } : undefined;
  const listed =
    types.includes(kind) ||
    (kind === 'integer' && types.includes('number')) ||
    (kind === 'number' && types.includes('integer') && isJsonInteger(Number(numberOf(value))));
  if (format) {
    const isText = kind === 'string' || kind === 'array';
    if (!isText && !listed && ownFormats[kind] !== format) return { type: format, shown: ownFormats[kind] ?? '' };
    if (isText && !isNumberType(schema)) return undefined;
  }
  return listed ? undefined : { type: types.join(','), shown: kind };
}

/** Unicode characters, without making them. */
function characters(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00 && i > 0) count--;
  return count;
}

export class SchemaCheck {
  readonly #path: (string | number)[] = [];
  #findings: Finding[] = [];
  #matches = 0;

  /** Every finding, each message once. */
  run(schema: Structural, value: unknown, correlation: Correlation | undefined): Finding[] {
    this.#value(schema, value, correlation);
    const seen = new Set<string>();
    return this.#findings.filter(({ message }) => !seen.has(message) && seen.add(message));
  }

  #name(): FieldName {
    let name = '';
    for (const part of this.#path) name += typeof part === 'number' ? `[${part}]` : name === '' ? part : `.${part}`;
    return name;
  }

  /** A value of the tree. What it was before may stay as wrong as it was. */
  #value(schema: Structural, value: unknown, correlation: Correlation | undefined): void {
    const before = this.#findings.length;
    this.#node(schema, value, correlation);
    if (this.#findings.length > before && correlation?.unchanged) this.#findings.length = before;
  }

  /** A value against one schema node, which may be a branch. */
  #node(schema: Structural, value: unknown, correlation: Correlation | undefined): void {
    const kind = kindOf(value);
    const typed = this.#type(schema, value, kind);
    if (kind === 'null') {
      this.#enum(schema, value);
      if (typed) this.#matches++;
      return;
    }
    if (schema.types.length || schema.format) this.#matches += typed ? 2 : 1;
    this.#branches(schema, value, correlation);
    if (kind === 'string') this.#string(schema, value as string);
    else if (kind === 'integer' || kind === 'number') this.#number(schema, value);
    else if (kind === 'array') this.#list(schema, value as unknown[], correlation);
    this.#enum(schema, value);
    if (kind === 'object') this.#object(schema, value as Tree, correlation);
    // Enum, branches and the node itself.
    this.#matches += 3;
  }

  #type(schema: Structural, value: unknown, kind: ValueKind): boolean {
    if (schema.types.length === 0 && !schema.format) return true;
    const mismatch = typeMismatch(schema, value, kind);
    if (mismatch) this.#findings.push(wrongType(this.#name(), mismatch.type, mismatch.shown));
    return mismatch === undefined;
  }

  #enum(schema: Structural, value: unknown): void {
    const allowed = schema.enum;
    if (allowed.length === 0 || (value !== null && allowed.some((v) => equal(v, value) || sameNumber(v, value))))
      return;
    this.#findings.push(unsupported(this.#name(), value, allowed));
  }

  #string(schema: Structural, value: string): void {
    const finding = this.#textFinding(schema, value);
    if (finding) this.#findings.push(finding);
    if (schema.format && !hasFormat(schema.format, value))
      this.#findings.push(wrongType(this.#name(), schema.format, value));
    this.#matches += schema.format ? 2 : 1;
  }

  #textFinding({ maxLength, minLength, pattern }: Structural, value: string): Finding | undefined {
    if (maxLength !== undefined && characters(value) > maxLength) return tooLong(this.#name(), maxLength);
    if (minLength !== undefined && characters(value) < minLength)
      return invalid(this.#name(), value, `should be at least ${minLength} chars long`);
    if (!pattern || patternOf(pattern).matches(value)) return undefined;
    const { error } = patternOf(pattern);
    return invalid(
      this.#name(),
      value,
      `should match '${error ? `${pattern}, but pattern is invalid: ${error}` : pattern}'`,
    );
  }

  #number(schema: Structural, value: unknown): void {
    for (const complaint of numberComplaints(schema, value)) this.#findings.push(complaint(this.#name()));
    this.#matches += 2;
  }

  #list(schema: Structural, list: readonly unknown[], correlation: Correlation | undefined): void {
    const { items, minItems, maxItems } = schema;
    if (items)
      for (let i = 0; i < list.length; i++) {
        this.#path.push(i);
        this.#value(items, list[i], correlation?.item(i));
        this.#path.pop();
      }
    if (minItems !== undefined && list.length < minItems)
      this.#findings.push(invalid(this.#name(), list.length, `should have at least ${minItems} items`));
    if (maxItems !== undefined && list.length > maxItems)
      this.#findings.push(tooMany(this.#name(), list.length, maxItems, 'items'));
    this.#matches += 2;
  }

  #object(schema: Structural, tree: Tree, correlation: Correlation | undefined): void {
    this.#matches++;
    this.#size(schema, tree);
    const { properties, additionalProperties: rest } = schema;
    if (rest !== undefined && rest !== true)
      for (const key in tree) {
        if (properties.has(key)) continue;
        if (rest) this.#field(key, rest, tree, correlation);
        else this.#findings.push(forbiddenField(this.#name(), key));
      }
    for (const [key, property] of properties)
      if (Object.hasOwn(tree, key)) this.#field(key, property, tree, correlation);
    for (const key of schema.required) if (!Object.hasOwn(tree, key)) this.#missing(key);
  }

  #size({ minProperties, maxProperties }: Structural, tree: Tree): void {
    if (minProperties === undefined && maxProperties === undefined) return;
    const size = Object.keys(tree).length;
    if (minProperties !== undefined && size < minProperties)
      this.#findings.push(invalid(this.#name(), size, `should have at least ${minProperties} properties`));
    if (maxProperties !== undefined && size > maxProperties)
      this.#findings.push(tooMany(this.#name(), size, maxProperties, 'properties'));
  }

  #field(key: string, schema: Structural, tree: Tree, correlation: Correlation | undefined): void {
    // The type of an object is what its endpoint says, whatever was stored.
    const isTypeMeta = this.#path.length === 0 && (key === 'kind' || key === 'apiVersion');
    this.#path.push(key);
    this.#value(schema, tree[key], isTypeMeta ? undefined : correlation?.field(key));
    this.#path.pop();
  }

  #missing(key: string): void {
    this.#path.push(key);
    this.#findings.push(missing(this.#name()));
    this.#path.pop();
  }

  #branches(schema: Structural, value: unknown, correlation: Correlation | undefined): void {
    if (schema.anyOf.length) this.#anyOf(schema.anyOf, value, correlation);
    if (schema.oneOf.length) this.#oneOf(schema.oneOf, value, correlation);
    if (schema.allOf.length) this.#allOf(schema.allOf, value, correlation);
    if (schema.not && this.#branch(schema.not, value, correlation).findings.length === 0)
      this.#findings.push(overall(`${this.#quoted()} must not validate the schema (not)`));
    this.#matches++;
  }

  #anyOf(schemas: readonly Structural[], value: unknown, correlation: Correlation | undefined): void {
    let best: Outcome | undefined;
    for (const schema of schemas) {
      const outcome = this.#branch(schema, value, correlation);
      if (outcome.findings.length === 0) {
        this.#take(outcome);
        return;
      }
      if (!best || outcome.matches > best.matches) best = outcome;
    }
    this.#findings.push(overall(`${this.#quoted()} must validate at least one schema (anyOf)`));
    this.#take(best!);
  }

  #oneOf(schemas: readonly Structural[], value: unknown, correlation: Correlation | undefined): void {
    const outcomes = schemas.map((schema) => this.#branch(schema, value, correlation));
    const valid = outcomes.filter(({ findings }) => findings.length === 0);
    if (valid.length === 1) {
      this.#take(valid[0]!);
      return;
    }
    const why = valid.length === 0 ? 'Found none valid' : `Found ${valid.length} valid alternatives`;
    this.#findings.push(overall(`${this.#quoted()} must validate one and only one schema (oneOf). ${why}`));
    if (valid.length === 0) this.#take(outcomes.reduce((best, o) => (o.matches > best.matches ? o : best)));
  }

  #allOf(schemas: readonly Structural[], value: unknown, correlation: Correlation | undefined): void {
    let valid = 0;
    for (const schema of schemas) {
      const outcome = this.#branch(schema, value, correlation);
      if (outcome.findings.length === 0) valid++;
      this.#take(outcome);
    }
    if (valid === schemas.length) return;
    const none = valid === 0 ? '. None validated' : '';
    this.#findings.push(overall(`${this.#quoted()} must validate all the schemas (allOf)${none}`));
  }

  /** Checks a branch apart. */
  #branch(schema: Structural, value: unknown, correlation: Correlation | undefined): Outcome {
    const [findings, matches] = [this.#findings, this.#matches];
    this.#findings = [];
    this.#matches = 0;
    this.#node(schema, value, correlation);
    const outcome = { findings: this.#findings, matches: this.#matches };
    this.#findings = findings;
    this.#matches = matches;
    return outcome;
  }

  #take(outcome: Outcome): void {
    for (const finding of outcome.findings) this.#findings.push(finding);
    this.#matches += outcome.matches;
  }

  #quoted(): string {
    return JSON.stringify(this.#name());
  }
}
