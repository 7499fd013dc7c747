import { ErrorList, type FieldPath } from '../../api/field-errors.ts';
import { compileStructural } from '../../api/structural/structural.ts';
import type { CustomResourceValidation } from '../../api/types/apiextensions-v1.gen.ts';
import { validateDefaults } from './default-rules.ts';
import type { Leniency } from './leniency.ts';
import { CostAccount } from './rule-costs.ts';
import { SchemaRules } from './schema-rules.ts';
import { statusRootRules } from './status-root.ts';
import { conversionFailure, validateStructure } from './structural-rules.ts';

/** Everything about the schema of a version, or of all. */
export function validateSchema(
  errors: ErrorList,
  path: FieldPath,
  validation: CustomResourceValidation | undefined,
  status: boolean,
  leniency: Leniency,
  version: string,
): void {
  const schema = validation?.openAPIV3Schema;
  if (!schema) return;
  const found = new ErrorList();
  if (status) statusRootRules(found, path, schema);
  if (schema.nullable) found.forbidden(path.child('openAPIV3Schema.nullable'), 'nullable cannot be true at the root');
  const at = path.child('openAPIV3Schema');
  const failure = conversionFailure(schema);
  const structural = new ErrorList();
  if (!failure) {
    validateStructure(structural, at, schema);
    if (structural.empty) validateDefaults(structural, at, compileStructural(schema), leniency.requirePrunedDefaults);
    found.errors.push(...structural.errors);
  }
  const costs = new CostAccount();
  const compiled = !failure && structural.empty ? compileStructural(schema) : undefined;
  const rules = new SchemaRules({ ...leniency, allowCostlyExpressions: leniency.unchangedSchemas.has(version) }, costs);
  rules.check(found, at, schema, compiled);
  if (failure && found.empty) found.invalid(at, '', failure);
  costs.report(found, at);
  errors.errors.push(...found.errors);
}
