import { cel } from '../../api/cel/cel.ts';
import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { groupResource, type KubeObject, type Mutable } from '../../api/object.ts';
import { validateRules } from '../../api/structural/rules.ts';
import { validateStructural, validateStructuralUpdate } from '../../api/structural/validate.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
} from '../../api/types/apiextensions-v1.gen.ts';
import type { Resource, UpdateRules } from '../../resources/resource.ts';
import { keepMetadata } from '../../resources/rules/status.ts';
import { columnsOf, selectableFieldsOf } from './columns.ts';
import { storageVersionOf } from './definition.ts';
import { finalizerWarnings } from './finalizer-names.ts';
import { checkScaleSpec, checkScaleStatus, scalePathsOf } from './scale.ts';
import type { SchemaVersion } from './schema-version.ts';

/**
 * The rules of one version of a custom kind, as the registry knows those of every kind.
 * Source: apiextensions `registry/customresource/{strategy,status_strategy}.go`.
 */
export function rulesOf(
  crd: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  compiled: SchemaVersion,
): Resource {
  const { group, names } = crd.spec;
  const { status, scale } = version.subresources ?? {};
  const root = FieldPath.of();

  const validateCreate = (object: KubeObject, errors: ErrorList) => {
    if (compiled.schema) validateStructural(compiled.schema, object, errors, root);
    if (scale) checkScaleSpec(scale, object, errors);
    if (scale) checkScaleStatus(scale, object, errors);
    validateRules(compiled.rules(), object, errors, root);
  };

  const validateUpdate = (object: KubeObject, old: KubeObject, errors: ErrorList) => {
    if (compiled.schema) validateStructuralUpdate(compiled.schema, object, old, errors, root);
    if (scale) checkScaleSpec(scale, object, errors);
    if (scale) checkScaleStatus(scale, object, errors);
    validateRules(compiled.rules(), object, errors, root, { old });
  };

  const statusRules: UpdateRules = {
    prepareUpdate: keepMetadata,
    validateUpdate: (object, old, errors) => {
      const inner = compiled.schema?.properties.get('status');
      const now = object['status'];
      if (inner && now !== undefined)
        validateStructuralUpdate(inner, now, old['status'], errors, FieldPath.of('status'));
      if (scale) checkScaleStatus(scale, object, errors);
      validateRules(compiled.rules(), object, errors, root, { old });
    },
  };

  return {
    group,
    version: storageVersionOf(crd)!.name,
    resource: names.plural,
    kind: names.kind,
    // A field may be called so too; then it is loaded for nothing.
    loads: () => (compiled.text.includes('x-kubernetes-validations') ? cel.ready() : undefined),
    defaults: compiled.defaults,
    ...(status && { prepareCreate: dropStatus }),
    validateCreate,
    validateUpdate,
    warnings: finalizerWarnings,
    unconditionalUpdate: false,
    // Without an endpoint of its own, status is a field like any other.
    generation: status ? true : 'all',
    columns: columnsOf(version.additionalPrinterColumns),
    selectableFields: selectableFieldsOf(version.selectableFields),
    ...(status && { status: statusRules }),
    ...(scale && { scale: scalePathsOf(scale) }),
  };
}

function dropStatus(object: Mutable<KubeObject>): void {
  delete object['status'];
}

/** Where the store keeps the objects of a definition, whatever their version. */
export const storageOf = ({ spec }: CustomResourceDefinition): string =>
  groupResource({ group: spec.group, resource: spec.names.plural });
