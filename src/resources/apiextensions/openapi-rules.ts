import { ErrorList, type FieldPath } from '../../api/field-errors.ts';
import { compileStructural, type Structural } from '../../api/structural/structural.ts';
import type { CustomResourceValidation, JSONSchemaProps } from '../../api/types/apiextensions-v1.gen.ts';
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
  const failure = leniency.requireStructural ? conversionFailure(schema) : '';
  const compiled = leniency.requireStructural && !failure ? structuralForm(found, at, schema, leniency) : undefined;
  const costs = new CostAccount();
  const rules = new SchemaRules({ ...leniency, allowCostlyExpressions: leniency.unchangedSchemas.has(version) }, costs);
  rules.check(found, at, schema, compiled);
  if (failure && found.empty) found.invalid(at, '', failure);
  costs.report(found, at);
  errors.errors.push(...found.errors);
}

/** The compiled schema; undefined, and said why, when it is not structural or has defaults that it does not allow. */
function structuralForm(
  errors: ErrorList,
  path: FieldPath,
  schema: JSONSchemaProps,
  leniency: Leniency,
): Structural | undefined {
  const found = new ErrorList();
  validateStructure(found, path, schema);
  const compiled = found.empty ? compileStructural(schema) : undefined;
  if (compiled) validateDefaults(found, path, compiled, leniency.requirePrunedDefaults);
  errors.errors.push(...found.errors);
  return found.empty ? compiled : undefined;
}
