import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors } from '../../api/names.ts';
import { compileStructural } from '../../api/structural/structural.ts';
import type {
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  JSONSchemaProps,
  SelectableField,
} from '../../api/types/apiextensions-v1.gen.ts';
import { oneOf } from '../rules/check.ts';
import { specPath } from '../rules/workloads.ts';
import { validateConversion } from './conversion-rules.ts';
import { type InternalForm, internalForm } from './internal-form.ts';
import type { Leniency } from './leniency.ts';
import { validateNames, validateRequiredNames } from './names-rules.ts';
import { validateSchema } from './openapi-rules.ts';
import { hasSchema } from './schema-walk.ts';
import { conversionFailure } from './structural-rules.ts';
import {
  validateColumn,
  validateDeprecation,
  validateSelectableFields,
  validateSubresources,
} from './version-rules.ts';

/** The spec of a definition: its group, names, versions and conversion. Source: validateCustomResourceDefinitionSpec. */

const scopes = ['Cluster', 'Namespaced'];

const hasStatus = (subresources: CustomResourceSubresources | undefined): boolean => subresources?.status !== undefined;

function validateGroup(errors: ErrorList, path: FieldPath, group: string | undefined): void {
  const texts = group ? dns1123SubdomainErrors(group) : [];
  if (!group) errors.required(path);
  else if (texts.length) errors.invalid(path, group, texts.join(','));
  else if (!group.includes('.')) errors.invalid(path, group, 'should be a domain with at least one dot');
}

/** Checks a spec by upstream's internal form of it. */
export function validateSpec(errors: ErrorList, spec: CustomResourceDefinitionSpec, leniency: Leniency): void {
  const form = internalForm(spec);
  validateGroup(errors, specPath.child('group'), spec.group);
  oneOf(errors, specPath.child('scope'), spec.scope, scopes);
  requireSchemas(errors, form, leniency, spec.preserveUnknownFields ?? false);
  if (spec.preserveUnknownFields && hasSchema(spec, (schema) => schema.default !== undefined))
    errors.invalid(
      specPath.child('preserveUnknownFields'),
      true,
      'must be false in order to use defaults in the schema',
    );
  validateVersions(errors, spec, form, leniency);
  const names = specPath.child('names');
  validateRequiredNames(errors, names, spec.names);
  validateNames(errors, names, spec.names);
  validateShared(errors, spec, form, leniency);
  const conversion = specPath.child('conversion');
  if (spec.preserveUnknownFields && spec.conversion && spec.conversion.strategy !== 'None')
    errors.invalid(
      conversion.child('strategy'),
      spec.conversion.strategy,
      'must be None if spec.preserveUnknownFields is true',
    );
  validateConversion(errors, conversion, spec.conversion, leniency);
}

function requireSchemas(errors: ErrorList, form: InternalForm, leniency: Leniency, keepsUnknown: boolean): void {
  if (form.validation?.openAPIV3Schema) return;
  for (const [i, version] of form.versions.entries()) {
    if (version.schema?.openAPIV3Schema) continue;
    const path = specPath.child('versions').index(i).child('schema', 'openAPIV3Schema');
    if (leniency.requireSchema) errors.required(path);
    else if (version.served && !keepsUnknown) errors.required(path, 'because otherwise all fields are pruned');
  }
}

/** Versions, with what is not the same in all of them. */
function validateVersions(
  errors: ErrorList,
  spec: CustomResourceDefinitionSpec,
  form: InternalForm,
  leniency: Leniency,
): void {
  const path = specPath.child('versions');
  for (const [i, version] of form.versions.entries()) {
    const texts = dns1035LabelErrors(version.name ?? '');
    if (texts.length) errors.invalid(path.index(i).child('name'), version.name ?? '', texts.join(','));
    const status = hasStatus(form.subresources) || hasStatus(version.subresources);
    validateVersion(errors, path.index(i), version, status, leniency);
  }
  const names = form.versions.map(({ name }) => name);
  if (new Set(names).size < names.length) errors.invalid(path, spec.versions, 'must contain unique version names');
  if (form.versions.filter(({ storage }) => storage).length !== 1)
    errors.invalid(path, spec.versions ?? null, 'must have exactly one version marked as storage version');
}

function validateVersion(
  errors: ErrorList,
  path: FieldPath,
  version: CustomResourceDefinitionVersion,
  status: boolean,
  leniency: Leniency,
): void {
  validateDeprecation(errors, path.child('deprecationWarning'), version);
  validateSchema(errors, path.child('schema'), version.schema, status, leniency, version.name);
  validateSubresources(errors, path.child('subresources'), version.subresources);
  for (const [i, column] of (version.additionalPrinterColumns ?? []).entries())
    validateColumn(errors, path.child('additionalPrinterColumns').index(i), column);
  const fields = version.selectableFields ?? [];
  if (fields.length === 0) return;
  const schema = version.schema?.openAPIV3Schema;
  if (schema) selectable(errors, path, fields, schema, leniency, version.name);
  else
    errors.invalid(
      path.child('selectableFields'),
      '',
      'may only be set when `version.schema.openAPIV3Schema` is not included',
    );
}

/** What all versions have in common. */
function validateShared(
  errors: ErrorList,
  spec: CustomResourceDefinitionSpec,
  form: InternalForm,
  leniency: Leniency,
): void {
  const first = form.versions[0]?.name ?? '';
  const status = hasStatus(form.subresources) || form.versions.some(({ subresources }) => hasStatus(subresources));
  validateSchema(errors, specPath.child('validation'), form.validation, status, leniency, first);
  validateSubresources(errors, specPath.child('subresources'), form.subresources);
  for (const [i, column] of form.columns.entries())
    validateColumn(errors, specPath.child('additionalPrinterColumns').index(i), column);
  if (form.selectableFields.length === 0) return;
  const schema = form.validation?.openAPIV3Schema ?? spec.versions[0]?.schema?.openAPIV3Schema;
  if (form.validation && schema) selectable(errors, specPath, form.selectableFields, schema, leniency, first);
  else errors.invalid(specPath.child('selectableFields'), '', 'may only be set when validations.schema is included');
}

function selectable(
  errors: ErrorList,
  path: FieldPath,
  fields: readonly SelectableField[],
  schema: JSONSchemaProps,
  leniency: Leniency,
  version: string,
): void {
  const failure = conversionFailure(schema);
  if (failure) errors.invalid(path.child('schema.openAPIV3Schema'), '', failure);
  else
    validateSelectableFields(
      errors,
      path.child('selectableFields'),
      fields,
      compileStructural(schema),
      leniency.manySelectableFields.has(version),
    );
}
