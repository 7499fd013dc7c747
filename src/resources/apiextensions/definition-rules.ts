import { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors } from '../../api/names.ts';
import { compileStructural } from '../../api/structural/structural.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  CustomResourceValidation,
  JSONSchemaProps,
  SelectableField,
} from '../../api/types/apiextensions-v1.gen.ts';
import { oneOf, unchanged } from '../rules/check.ts';
import { specPath, statusPath } from '../rules/workloads.ts';
import { validateApproval } from './approval.ts';
import { validateConversion } from './conversion-rules.ts';
import { validateDefaults } from './default-rules.ts';
import { type InternalForm, internalForm } from './internal-form.ts';
import { isEstablished, type Leniency, ofNew, ofUpdate } from './leniency.ts';
import { validateNames, validateRequiredNames } from './names-rules.ts';
import { CostAccount } from './rule-costs.ts';
import { SchemaRules } from './schema-rules.ts';
import { hasSchema } from './schema-walk.ts';
import { statusRootRules } from './status-root.ts';
import { conversionFailure, validateStructure } from './structural-rules.ts';
import {
  validateColumn,
  validateDeprecation,
  validateSelectableFields,
  validateSubresources,
} from './version-rules.ts';

/** Rules of CustomResourceDefinitions. Source: apiextensions-apiserver `pkg/apis/apiextensions/validation/validation.go`. */

const scopes = ['Cluster', 'Namespaced'];

const hasStatus = (subresources: CustomResourceSubresources | undefined): boolean => subresources?.status !== undefined;

export function validateNewDefinition(object: CustomResourceDefinition, errors: ErrorList): void {
  const { name = '' } = object.metadata;
  if (name !== `${object.spec.names?.plural ?? ''}.${object.spec.group ?? ''}`)
    errors.invalid(FieldPath.of('metadata', 'name'), name, 'must be spec.names.plural+"."+spec.group');
  validateSpec(errors, object.spec, ofNew);
  validateRest(errors, object, undefined);
}

export function validateDefinitionUpdate(
  object: CustomResourceDefinition,
  old: CustomResourceDefinition,
  errors: ErrorList,
): void {
  const { spec } = object;
  validateSpec(errors, spec, ofUpdate(object, old));
  // What the names of stored objects hang on; the plural and the group are in the definition's own name too.
  if (isEstablished(old)) {
    unchanged(errors, specPath.child('scope'), spec.scope, old.spec.scope);
    unchanged(errors, specPath.child('names', 'kind'), spec.names.kind, old.spec.names.kind);
  }
  unchanged(errors, specPath.child('group'), spec.group, old.spec.group);
  unchanged(errors, specPath.child('names', 'plural'), spec.names.plural, old.spec.names.plural);
  validateRest(errors, object, old);
}

/** Rules of the status, which are all that an update of the status must keep. */
export function validateDefinitionStatus(object: CustomResourceDefinition, errors: ErrorList): void {
  const names = object.status?.acceptedNames;
  if (names) validateNames(errors, statusPath.child('acceptedNames'), names);
}

function validateRest(
  errors: ErrorList,
  object: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
): void {
  validateDefinitionStatus(object, errors);
  validateStoredVersions(errors, object);
  validateApproval(errors, object, old);
  if (object.spec.preserveUnknownFields && !old?.spec.preserveUnknownFields)
    errors.invalid(
      specPath.child('preserveUnknownFields'),
      true,
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    );
}

/** Versions that objects may be stored in must stay, and the one they are stored in must be told of. */
function validateStoredVersions(errors: ErrorList, { spec, status }: CustomResourceDefinition): void {
  const path = statusPath.child('storedVersions');
  const stored = status?.storedVersions ?? [];
  if (stored.length === 0) {
    errors.invalid(path, stored, 'must have at least one stored version');
    return;
  }
  for (const { name, storage } of spec.versions ?? [])
    if (storage && !stored.includes(name)) errors.invalid(path, stored, `must have the storage version ${name}`);
  for (const [i, name] of stored.entries())
    if (!spec.versions?.some((version) => version.name === name))
      errors.invalid(
        path.index(i),
        name,
        `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
      );
}

function validateGroup(errors: ErrorList, path: FieldPath, group: string | undefined): void {
  const texts = group ? dns1123SubdomainErrors(group) : [];
  if (!group) errors.required(path);
  else if (texts.length) errors.invalid(path, group, texts.join(','));
  else if (!group.includes('.')) errors.invalid(path, group, 'should be a domain with at least one dot');
}

function validateSpec(errors: ErrorList, spec: CustomResourceDefinitionSpec, leniency: Leniency): void {
  const form = internalForm(spec);
  validateGroup(errors, specPath.child('group'), spec.group);
  oneOf(errors, specPath.child('scope'), spec.scope, scopes);
  requireSchemas(errors, form, leniency);
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

function requireSchemas(errors: ErrorList, form: InternalForm, leniency: Leniency): void {
  if (form.validation?.openAPIV3Schema) return;
  for (const [i, version] of form.versions.entries()) {
    if (version.schema?.openAPIV3Schema) continue;
    const path = specPath.child('versions').index(i).child('schema', 'openAPIV3Schema');
    if (leniency.requireSchema) errors.required(path);
    else if (version.served) errors.required(path, 'because otherwise all fields are pruned');
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

/** Everything about the schema of a version, or of all. */
function validateSchema(
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
