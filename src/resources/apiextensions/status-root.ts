import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { JSONSchemaProps } from '../../api/types/apiextensions-v1.gen.ts';

/**
 * With a status subresource the status is validated by itself, so the root of the schema may say nothing that would be lost.
 * Source: validateCustomResourceDefinitionValidation, allowedFieldsAtRootSchema.
 */

/** As upstream names them, in its order. */
const allowed: Readonly<Record<string, string>> = {
  description: 'Description',
  type: 'Type',
  format: 'Format',
  title: 'Title',
  maximum: 'Maximum',
  exclusiveMaximum: 'ExclusiveMaximum',
  minimum: 'Minimum',
  exclusiveMinimum: 'ExclusiveMinimum',
  maxLength: 'MaxLength',
  minLength: 'MinLength',
  pattern: 'Pattern',
  maxItems: 'MaxItems',
  minItems: 'MinItems',
  uniqueItems: 'UniqueItems',
  multipleOf: 'MultipleOf',
  required: 'Required',
  items: 'Items',
  properties: 'Properties',
  externalDocs: 'ExternalDocs',
  example: 'Example',
  'x-kubernetes-preserve-unknown-fields': 'XPreserveUnknownFields',
  'x-kubernetes-validations': 'XValidations',
};

/** Fields that come before the type where upstream looks at one after the other. */
const beforeType = ['id', '$schema', '$ref'];

export function statusRootRules(errors: ErrorList, path: FieldPath, schema: JSONSchemaProps): void {
  const fields = Object.keys(schema);
  const wrongType = !!schema.type && schema.type !== 'object';
  if (wrongType && !fields.some((field) => beforeType.includes(field))) {
    errors.invalid(
      path.child('openAPIV3Schema.type'),
      schema.type,
      'only "object" is allowed as the type at the root of the schema if the status subresource is enabled',
    );
    return;
  }
  if (fields.every((field) => Object.hasOwn(allowed, field))) return;
  const names = Object.values(allowed).join(' ');
  errors.invalid(
    path.child('openAPIV3Schema'),
    schema,
    `only [${names}] fields are allowed at the root of the schema if the status subresource is enabled`,
  );
}
