import { isJsonInteger } from './number-rules.ts';
import type { Structural } from './structural.ts';
import { numberOf, type ValueKind } from './value-kind.ts';

/** Whether a value is of the type that its schema wants. Source: kube-openapi `pkg/validation/validate` (typeValidator). */

/** Formats a Go number has by itself, as messages about a wrong type name them. */
const ownFormats: Readonly<Partial<Record<ValueKind, string>>> = { integer: 'int64', number: 'float64' };

const isNumberType = (schema: Structural) => schema.types.includes('number') || schema.types.includes('integer');

/** What is said in place of the value when its type is wrong; undefined when it is right. */
export function typeMismatch(
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
