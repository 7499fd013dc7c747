import { ErrorList, type FieldPath } from '../field-errors.ts';
import { Correlation } from './correlation.ts';
import { validateEmbeddedResources } from './embedded.ts';
import { validateListTypes } from './list-types.ts';
import { SchemaCheck } from './schema-check.ts';
import type { Structural } from './structural.ts';

/**
 * Validation of a value of a custom resource against its schema, in the words of kube-apiserver; CEL rules are apart
 * (`rules.ts`). Texts name fields from the checked value on: give the whole object and the root path, or the status and
 * the path of the status.
 */

/** Checks a new value: types and limits, embedded objects, sets and map lists. */
export function validateStructural(schema: Structural, value: unknown, errors: ErrorList, path: FieldPath): void {
  validateOpenApi(schema, value, errors, path);
  validateEmbeddedResources(schema, value, errors, path);
  validateListTypes(schema, value, errors, path);
}

/**
 * Checks a changed value. Parts that did not change may be as invalid as they were; repeated items are complained of only
 * if the old value had none anywhere. Embedded objects are checked as if they were new. Source: apiextensions-apiserver
 * `pkg/registry/customresource/strategy.go` (ValidateUpdate).
 */
export function validateStructuralUpdate(
  schema: Structural,
  value: unknown,
  old: unknown,
  errors: ErrorList,
  path: FieldPath,
): void {
  validateOpenApi(schema, value, errors, path, new Correlation(schema, value, old));
  validateEmbeddedResources(schema, value, errors, path);
  const before = new ErrorList();
  validateListTypes(schema, old, before, path);
  if (before.empty) validateListTypes(schema, value, errors, path);
}

/** The OpenAPI part alone: what defaults are checked with. */
export function validateOpenApi(
  schema: Structural,
  value: unknown,
  errors: ErrorList,
  path: FieldPath,
  correlation?: Correlation,
): void {
  for (const finding of new SchemaCheck(correlation).run(schema, value)) finding.report(errors, path);
}
