import { parse } from 'yaml';
import { ErrorList, FieldPath } from '../../../../src/api/field-errors.ts';
import { compileStructural, type Structural } from '../../../../src/api/structural/structural.ts';
import { validateStructural, validateStructuralUpdate } from '../../../../src/api/structural/validate.ts';
import type { JSONSchemaProps } from '../../../../src/api/types/apiextensions-v1.gen.ts';

/** A schema written as YAML. */
export const schemaOf = (yaml: string): Structural => compileStructural(parse(yaml) as JSONSchemaProps);

/** An object schema with one property, `field`. */
export const fieldOf = (yaml: string): Structural =>
  compileStructural({ type: 'object', properties: { field: parse(yaml) as JSONSchemaProps } });

/** All that validation says about a value, line by line. */
export function complaints(schema: Structural, value: unknown, path = FieldPath.of()): string[] {
  const errors = new ErrorList();
  validateStructural(schema, value, errors, path);
  return errors.errors.map(({ text }) => text);
}

/** All that validation says about a change. */
export function updateComplaints(schema: Structural, value: unknown, old: unknown): string[] {
  const errors = new ErrorList();
  validateStructuralUpdate(schema, value, old, errors, FieldPath.of());
  return errors.errors.map(({ text }) => text);
}
