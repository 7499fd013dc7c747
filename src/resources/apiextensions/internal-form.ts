import { sameValue } from '../../api/object-meta.ts';
import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  CustomResourceValidation,
  SelectableField,
} from '../../api/types/apiextensions-v1.gen.ts';

/**
 * The spec of a definition as upstream validates it: what all versions have in common stands at the top, and errors name
 * it there (`spec.validation.openAPIV3Schema…`). Source: apiextensions `v1/conversion.go`.
 */
export interface InternalForm {
  readonly versions: readonly CustomResourceDefinitionVersion[];
  readonly validation: CustomResourceValidation | undefined;
  readonly subresources: CustomResourceSubresources | undefined;
  readonly columns: readonly CustomResourceColumnDefinition[];
  readonly selectableFields: readonly SelectableField[];
}

const shared = ['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'] as const;

export function internalForm(spec: CustomResourceDefinitionSpec): InternalForm {
  const versions = spec.versions ?? [];
  const [first] = versions;
  const common = shared.filter((field) => versions.every((version) => sameValue(version[field], first?.[field])));
  const top = <F extends (typeof shared)[number]>(field: F): CustomResourceDefinitionVersion[F] | undefined =>
    common.includes(field) ? first?.[field] : undefined;
  const own = versions.map(
    (version) =>
      Object.fromEntries(
        Object.entries(version).filter(([key]) => !common.includes(key as never)),
      ) as unknown as CustomResourceDefinitionVersion,
  );
  return {
    versions: own,
    validation: top('schema'),
    subresources: top('subresources'),
    columns: top('additionalPrinterColumns') ?? [],
    selectableFields: top('selectableFields') ?? [],
  };
}
