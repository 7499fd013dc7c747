import { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { sameValue } from '../../api/object-meta.ts';
import { compileStructural } from '../../api/structural/structural.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
  JSONSchemaProps,
} from '../../api/types/apiextensions-v1.gen.ts';
import { type ConversionLeniency, conversionLeniency } from './conversion-rules.ts';
import { hasUnprunedDefaults } from './default-rules.ts';
import { hasAtomicSetItems, mapListRules } from './list-rules.ts';
import { openApiTypes, type SchemaLeniency } from './schema-rules.ts';
import { hasSchema } from './schema-walk.ts';
import { isStructural } from './structural-rules.ts';
import { maxSelectableFields } from './version-rules.ts';

/**
 * Rules came over time. A definition that broke one when it was stored may break it further, so that it can still be
 * updated. Source: ValidateCustomResourceDefinitionUpdate.
 */
export interface Leniency extends ConversionLeniency, Omit<SchemaLeniency, 'allowCostlyExpressions'> {
  readonly requireSchema: boolean;
  readonly requireStructural: boolean;
  readonly requirePrunedDefaults: boolean;
  /** Versions whose schema is as it was. */
  readonly unchangedSchemas: ReadonlySet<string>;
  /** Versions that had too many selectable fields, and have the same. */
  readonly manySelectableFields: ReadonlySet<string>;
}

const none: ReadonlySet<string> = new Set();

/** Of a new definition: all rules hold, but that the CA of its conversion webhook may come later. */
export const ofNew: Leniency = {
  requireSchema: true,
  requireStructural: true,
  requirePrunedDefaults: true,
  requireValidTypes: true,
  requireAtomicSetItems: true,
  requireSoundMapKeys: true,
  requireRecognizedReviewVersion: true,
  allowInvalidCaBundle: true,
  unchangedSchemas: none,
  manySelectableFields: none,
};

export const isEstablished = ({ status }: CustomResourceDefinition): boolean =>
  status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') ?? false;

const hasInvalidType = ({ type }: JSONSchemaProps): boolean => !!type && !openApiTypes.includes(type);

function hasUnsoundMapKeys(schema: JSONSchemaProps): boolean {
  const errors = new ErrorList();
  mapListRules(errors, FieldPath.of(), schema);
  return !errors.empty;
}

const allStructural = (spec: CustomResourceDefinitionSpec): boolean =>
  spec.versions.every(({ schema }) => !schema?.openAPIV3Schema || isStructural(schema.openAPIV3Schema, FieldPath.of()));

const extensions: readonly (keyof JSONSchemaProps)[] = [
  'default',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-list-type',
  'x-kubernetes-validations',
];

/** Whether a schema says what only structural ones can. */
const needsStructure = (spec: CustomResourceDefinitionSpec): boolean =>
  hasSchema(spec, (schema) => extensions.some((field) => schema[field] !== undefined));

function hasUnpruned(spec: CustomResourceDefinitionSpec): boolean {
  return spec.versions.some(({ schema }) => {
    const root = schema?.openAPIV3Schema;
    return root && isStructural(root, FieldPath.of()) && hasUnprunedDefaults(compileStructural(root));
  });
}

/** The names of the versions of which something holds for their new and their old state. */
function versionsOf(
  object: CustomResourceDefinition,
  old: CustomResourceDefinition,
  holds: (
    now: CustomResourceDefinitionSpec['versions'][number],
    before: CustomResourceDefinitionSpec['versions'][number],
  ) => boolean,
): ReadonlySet<string> {
  const pairs = (object.spec.versions ?? []).map(
    (now) => [now, old.spec.versions.find((v) => v.name === now.name)] as const,
  );
  return new Set(pairs.filter(([now, before]) => before && holds(now, before)).map(([now]) => now.name));
}

export function ofUpdate(object: CustomResourceDefinition, old: CustomResourceDefinition): Leniency {
  const { spec } = old;
  return {
    ...conversionLeniency(old, isEstablished(old)),
    requireStructural: !object.spec.preserveUnknownFields || allStructural(spec) || needsStructure(object.spec),
    requireSchema: spec.versions.every(({ schema }) => schema?.openAPIV3Schema !== undefined),
    requirePrunedDefaults: !hasUnpruned(spec),
    requireValidTypes: !hasSchema(spec, hasInvalidType),
    requireAtomicSetItems: !hasSchema(spec, (schema) => !hasAtomicSetItems(schema)),
    requireSoundMapKeys: !hasSchema(spec, hasUnsoundMapKeys),
    unchangedSchemas: versionsOf(object, old, (now, before) => sameValue(now.schema, before.schema)),
    manySelectableFields: versionsOf(
      object,
      old,
      (now, before) =>
        (before.selectableFields?.length ?? 0) > maxSelectableFields &&
        sameValue(now.selectableFields, before.selectableFields),
    ),
  };
}
