import type { CelField, CelType } from '../cel/cel-type.ts';
import { escapeField, reservedWords } from '../cel/escape.ts';
import { compileStructural, type Structural } from './structural.ts';

/**
 * Schemas as CEL types, with the size limits that costs are estimated from. Source: apiserver `pkg/cel/common/schemas.go`
 * and `pkg/cel/limits.go`.
 */

/** The largest request, in bytes: what bounds everything that has no limit of its own. */
export const maxRequestSize = 3 * 1024 * 1024;

export interface CelDeclaration {
  readonly type: CelType;
  /** Fewest bytes that a value takes in JSON. */
  readonly minSize: number;
}

const textSizes = { duration: { min: 3, max: 32 }, date: { min: 12, max: 12 }, 'date-time': { min: 21, max: 32 } };
const minString = 2;
const emptyPair = 2;
/** A character can take four bytes. */
const bytesOfCharacter = 4;

const notNegative = (limit: number) => Math.max(0, limit);
const scalar = (kind: 'bool' | 'int' | 'double', minSize: number): CelDeclaration => ({ type: { kind }, minSize });
const bool = scalar('bool', 4);
const int = scalar('int', 1);
const double = scalar('double', 1);

const textLimit = ({ maxLength }: Structural): number =>
  maxLength === undefined ? maxRequestSize - emptyPair : notNegative(maxLength) * bytesOfCharacter;

function longestOf(values: readonly unknown[]): number {
  return Math.max(0, ...values.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0)));
}

function stringDeclaration(schema: Structural): CelDeclaration {
  const { format, maxLength } = schema;
  if (format === 'byte') {
    const limit = maxLength === undefined ? maxRequestSize - emptyPair : notNegative(maxLength);
    return { type: { kind: 'bytes', maxLength: limit }, minSize: minString };
  }
  if (format === 'duration' || format === 'date' || format === 'date-time') {
    const { min, max } = textSizes[format];
    return { type: { kind: format === 'duration' ? 'duration' : 'timestamp', maxLength: max }, minSize: min };
  }
  const limit = maxLength === undefined && schema.enum.length > 0 ? longestOf(schema.enum) : textLimit(schema);
  return { type: { kind: 'string', maxLength: limit }, minSize: minString };
}

function listDeclaration(schema: Structural, name: string): CelDeclaration | undefined {
  const items = schema.items && declare(schema.items, schema.items.xEmbeddedResource, `${name}.@idx`);
  if (!items) return undefined;
  const fitting = Math.floor((maxRequestSize - emptyPair) / (items.minSize + 1));
  const type: CelType = {
    kind: 'list',
    element: items.type,
    maxElements: schema.maxItems === undefined ? fitting : notNegative(schema.maxItems),
    ...(schema.listType && { listType: schema.listType, listKeys: schema.listMapKeys }),
  };
  return { type, minSize: emptyPair };
}

function mapDeclaration(schema: Structural, rest: Structural, name: string): CelDeclaration | undefined {
  const values = declare(rest, rest.xEmbeddedResource, `${name}.@elem`);
  if (!values) return undefined;
  // A key of no characters with its quotes, the colon and a comma.
  const fitting = Math.floor((maxRequestSize - emptyPair) / (values.minSize + 6));
  const type: CelType = {
    kind: 'map',
    key: { kind: 'string' },
    value: values.type,
    maxElements: schema.maxProperties === undefined ? fitting : notNegative(schema.maxProperties),
  };
  return { type, minSize: emptyPair };
}

function objectDeclaration(schema: Structural, root: boolean, name: string): CelDeclaration {
  const fields = new Map<string, CelField>();
  const required = new Set(schema.required);
  let minSize = emptyPair;
  for (const [key, property] of root ? withMeta(schema.properties) : schema.properties) {
    const declaration = declare(property, property.xEmbeddedResource, `${name}.${key}`);
    if (!declaration) continue;
    const field = { name: key, type: declaration.type, required: required.has(key) };
    const escaped = escapeField(key);
    if (escaped) fields.set(escaped, field);
    // After a dot a keyword is a name like any other.
    if (reservedWords.has(key)) fields.set(key, field);
    // What has a default may be left away by a client.
    if (required.has(key) && property.default === undefined)
      minSize += Buffer.byteLength(key) + declaration.minSize + 4;
  }
  return { type: { kind: 'object', name, fields }, minSize };
}

/** What rules see of a schema; undefined for what they do not see: lists and fields of no known type. */
function build(schema: Structural, root: boolean, name: string): CelDeclaration | undefined {
  if (schema.xIntOrString) return { type: { kind: 'dyn', maxLength: textLimit(schema) }, minSize: 1 };
  switch (schema.type) {
    case 'array':
      return listDeclaration(schema, name);
    case 'object': {
      const rest = schema.additionalProperties;
      return typeof rest === 'object' ? mapDeclaration(schema, rest, name) : objectDeclaration(schema, root, name);
    }
    case 'string':
      return stringDeclaration(schema);
    case 'boolean':
      return bool;
    case 'number':
      return double;
    case 'integer':
      return int;
  }
  return undefined;
}

const roots = new WeakMap<Structural, CelDeclaration | undefined>();
const nodes = new WeakMap<Structural, CelDeclaration | undefined>();

function declare(schema: Structural, root: boolean, name: string): CelDeclaration | undefined {
  const known = root ? roots : nodes;
  if (!known.has(schema)) known.set(schema, build(schema, root, name));
  return known.get(schema);
}

/** The declaration of a schema node. `root`: of a whole object, custom or embedded, whose metadata rules may read. */
export const celDeclaration = (schema: Structural, root: boolean): CelDeclaration | undefined =>
  declare(schema, root, 'selfType');

/** The CEL type of a schema node, undefined where rules see none. */
export const celType = (schema: Structural, root = false): CelType | undefined => celDeclaration(schema, root)?.type;

const text = compileStructural({ type: 'string' });
const metadata = compileStructural({
  type: 'object',
  properties: { name: { type: 'string' }, generateName: { type: 'string' } },
});

/** The fields of an object: kind, apiVersion, and of metadata the names, are always there to read. */
function withMeta(properties: ReadonlyMap<string, Structural>): ReadonlyMap<string, Structural> {
  const meta = properties.get('metadata');
  const names = meta?.type === 'object' ? meta.properties : undefined;
  const isText = (schema: Structural | undefined) => schema?.type === 'string';
  const complete =
    isText(properties.get('kind')) &&
    isText(properties.get('apiVersion')) &&
    isText(names?.get('name')) &&
    isText(names?.get('generateName'));
  if (complete) return properties;
  return new Map([...properties, ['kind', text], ['apiVersion', text], ['metadata', metadata]]);
}
