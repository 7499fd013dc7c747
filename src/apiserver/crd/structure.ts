import { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.gen.ts';
import { conversionFailure, validateStructure } from '../../resources/apiextensions/structural-rules.ts';
import type { Condition } from './definition.ts';

const finding = (status: string, reason: string, message: string): Condition => ({
  type: 'NonStructuralSchema',
  status,
  reason,
  message,
});

/**
 * What keeps the schemas of a definition from being structural; undefined where nothing does. Only definitions that keep
 * unknown fields, as one could ask for in v1beta1, have been accepted with such schemas.
 * Source: apiextensions `controller/nonstructuralschema`.
 */
export function structureCondition({ spec }: CustomResourceDefinition): Condition | undefined {
  if (!spec.preserveUnknownFields) return undefined;
  const errors = new ErrorList();
  errors.invalid(FieldPath.of('spec', 'preserveUnknownFields'), true, 'must be false');
  for (const [i, { name, schema }] of (spec.versions ?? []).entries()) {
    const source = schema?.openAPIV3Schema;
    if (!source) continue;
    const failure = conversionFailure(source);
    if (failure)
      return finding('Unknown', 'StructuralError', `failed to check validation schema for version ${name}: ${failure}`);
    validateStructure(errors, FieldPath.of('spec', 'versions').index(i).child('schema', 'openAPIV3Schema'), source);
  }
  const texts = [...new Set(errors.errors.map((error) => error.text))];
  return finding('True', 'Violations', texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`);
}
