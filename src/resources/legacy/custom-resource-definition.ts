import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, Mutable } from '../../api/object.ts';
import type { CustomResourceDefinitionVersion, JSONSchemaProps } from '../../api/types/apiextensions-v1.gen.ts';
import { approvalAnnotation } from '../apiextensions/approval.ts';
import { defined, type Tree, without } from '../tree.ts';
import type { Differences } from './old-version.ts';
import { openSchema } from './open-schema.ts';

/**
 * apiextensions.k8s.io/v1beta1: one schema, one set of columns and subresources for all versions, and unknown fields kept
 * unless the definition says otherwise. v1 has all of it by version, and keeps unknown fields only where a schema says so:
 * a definition that keeps them is stored with an open schema (see `open-schema.ts`), and is shown as one that keeps them
 * as long as its schema is open.
 * Source: apiextensions-apiserver `apis/apiextensions/v1/conversion.go` and `v1beta1/defaults.go`.
 */

interface OldColumn extends Tree {
  JSONPath?: string;
}

/** What v1beta1 has once for all versions. */
interface Shared {
  validation?: { openAPIV3Schema?: JSONSchemaProps };
  subresources?: unknown;
  additionalPrinterColumns?: OldColumn[];
  selectableFields?: unknown;
}

interface OldVersion extends Omit<Shared, 'validation'> {
  name: string;
  served: boolean;
  storage: boolean;
  schema?: Shared['validation'];
}

interface OldSpec extends Shared {
  names?: { kind?: string; singular?: string; listKind?: string };
  scope?: string;
  version?: string;
  versions?: OldVersion[];
  conversion?: { strategy: string; webhookClientConfig?: unknown; conversionReviewVersions?: string[] };
  preserveUnknownFields?: boolean;
}

const specOf = (object: Mutable<KubeObject>) => (object['spec'] ??= {}) as OldSpec;

function defaults(object: Mutable<KubeObject>): void {
  const spec = specOf(object);
  spec.scope ||= 'Namespaced';
  if (!spec.versions?.length && spec.version) spec.versions = [{ name: spec.version, served: true, storage: true }];
  spec.conversion ??= { strategy: 'None' };
  if (spec.conversion.strategy === 'Webhook' && !spec.conversion.conversionReviewVersions?.length)
    spec.conversion.conversionReviewVersions = ['v1beta1'];
  spec.preserveUnknownFields ??= true;
}

const newColumn = ({ JSONPath, ...column }: OldColumn): Tree => ({ ...column, jsonPath: JSONPath });
const oldColumn = ({ jsonPath, ...column }: Tree): OldColumn => ({ ...column, JSONPath: jsonPath as string });

function newVersion(version: OldVersion, spec: OldSpec): Tree {
  const { name, served, storage, ...own } = version;
  const given = spec.validation ?? own.schema;
  const schema = spec.preserveUnknownFields ? { openAPIV3Schema: openSchema(given?.openAPIV3Schema) } : given;
  return defined({
    ...own,
    name,
    served,
    storage,
    schema,
    subresources: spec.subresources ?? own.subresources,
    selectableFields: spec.selectableFields ?? own.selectableFields,
    additionalPrinterColumns: (spec.additionalPrinterColumns ?? own.additionalPrinterColumns)?.map(newColumn),
  });
}

function newConversion(conversion: OldSpec['conversion']): Tree | undefined {
  if (!conversion) return undefined;
  const { strategy, webhookClientConfig: clientConfig, conversionReviewVersions } = conversion;
  if (!clientConfig && !conversionReviewVersions) return { strategy };
  return { strategy, webhook: defined({ clientConfig, conversionReviewVersions }) };
}

function oldConversion(conversion: Tree | undefined): Tree | undefined {
  if (!conversion) return undefined;
  const { strategy, webhook } = conversion;
  const { clientConfig, conversionReviewVersions } = (webhook ?? {}) as Tree;
  return defined({ strategy, webhookClientConfig: clientConfig, conversionReviewVersions });
}

/** Fields of the old spec that have no place in the new one. */
const onlyOld = ['version', 'validation', 'subresources', 'additionalPrinterColumns', 'selectableFields'];

function toStorage(object: Mutable<KubeObject>): void {
  const spec = specOf(object);
  object['spec'] = defined({
    ...without(spec as Tree, [...onlyOld, 'preserveUnknownFields']),
    versions: (spec.versions ?? []).map((version) => newVersion(version, spec)),
    conversion: newConversion(spec.conversion),
  });
}

type StoredVersion = Mutable<CustomResourceDefinitionVersion>;

/** Moves what is the same in all versions to the spec. */
function hoist(versions: StoredVersion[], field: keyof StoredVersion): unknown {
  const [first, ...others] = versions;
  const shared = first?.[field];
  if (shared === undefined || !others.every((version) => isDeepStrictEqual(version[field], shared))) return undefined;
  for (const version of versions) delete version[field];
  return shared;
}

const isOpen = ({ schema }: StoredVersion): boolean =>
  isDeepStrictEqual(openSchema(schema?.openAPIV3Schema), schema?.openAPIV3Schema);

function fromStorage(object: Mutable<KubeObject>): void {
  const spec = specOf(object) as Tree;
  const versions = (spec['versions'] ?? []) as StoredVersion[];
  const open = versions.every(isOpen);
  for (const version of versions as unknown as Tree[]) {
    const columns = version['additionalPrinterColumns'] as Tree[] | undefined;
    if (columns) version['additionalPrinterColumns'] = columns.map(oldColumn);
  }
  object['spec'] = defined({
    ...spec,
    version: versions[0]?.name,
    validation: hoist(versions, 'schema'),
    subresources: hoist(versions, 'subresources'),
    additionalPrinterColumns: hoist(versions, 'additionalPrinterColumns'),
    selectableFields: hoist(versions, 'selectableFields'),
    conversion: oldConversion(spec['conversion'] as Tree | undefined),
    preserveUnknownFields: open,
  });
}

export const v1beta1CustomResourceDefinition: Differences = {
  // Groups of the community were not asked for a word of approval.
  allows: ({ field }) => field === `metadata.annotations[${approvalAnnotation}]`,
  defaults,
  toStorage,
  fromStorage,
};
