import { FieldPath } from '../field-errors.ts';
import type { Structural } from './structural.ts';

/**
 * Simple JSON paths (`.spec.x`, `.labels['a.b']`) that must lead somewhere in a schema: the fieldPath of a CEL rule, and
 * selectable fields. Source: apiextensions-apiserver `pkg/apiserver/schema/cel/validation.go` (ValidFieldPath).
 */

/** The path leads nowhere; the text is upstream's. */
export class FieldPathError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FieldPathError';
  }
}

export interface FoundField {
  /** The path as errors print it: `spec.x`, `labels[a.b]`. */
  readonly path: string;
  /** The first name of the path. */
  readonly root: string;
  readonly schema: Structural;
}

const token = /'(?:[^'\\]|\\.)*'|'.*|[.[\]]|[^.[\]']+[^.[\]]*/gs;
const nowhere = 'does not refer to a valid field';

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  "'": "'",
  '\\': '\\',
};

function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith("'") || !text.endsWith("'"))
    throw new FieldPathError(`expected single quoted string but got ${text}`);
  return text.slice(1, -1).replace(/\\./gs, (written) => {
    const character = escapes[written[1]!];
    if (character === undefined) throw new FieldPathError(`invalid string literal: invalid escape char ${written}`);
    return character;
  });
}

function isNamed(schema: Structural): boolean {
  if (schema.properties.size > 0) return true;
  if (schema.additionalProperties !== undefined) return false;
  throw new FieldPathError(nowhere);
}

function step(schema: Structural, path: FieldPath, name: string): { schema: Structural; path: FieldPath } {
  const named = isNamed(schema);
  const next = named ? schema.properties.get(name) : schema.additionalProperties;
  if (typeof next !== 'object') throw new FieldPathError(nowhere);
  return { schema: next, path: named ? path.child(name) : path.key(name) };
}

/** Follows a path. Throws `FieldPathError`. `brackets`: whether `['name']` may stand for `.name`. */
export function followPath(jsonPath: string, from: Structural, options: { readonly brackets: boolean }): FoundField {
  const tokens = jsonPath.match(token) ?? [];
  let at = { schema: from, path: FieldPath.of() };
  let root = '';
  let i = 0;
  const next = (): string => {
    const found = tokens[i++];
    if (found === undefined) throw new FieldPathError('unexpected end of JSON path');
    return found;
  };
  while (i < tokens.length) {
    const opener = next();
    if (opener === '[') {
      if (!options.brackets) throw new FieldPathError('array notation is not allowed');
      at = step(at.schema, at.path, unquote(next()));
      const closer = next();
      if (closer !== ']') throw new FieldPathError(`expected ] but got ${closer}`);
    } else if (opener === '.') at = step(at.schema, at.path, next());
    else throw new FieldPathError(`expected [ or . but got: ${opener}`);
    root ||= at.path.toString();
  }
  return { path: at.path.toString(), root, schema: at.schema };
}
