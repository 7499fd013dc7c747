import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
} from '../../api/types/apiextensions-v1.gen.ts';
import { compareVersions } from '../discovery/version-order.ts';

/** What every request to a deprecated version is warned of; undefined for others. Source: `defaultDeprecationWarning`. */
export function deprecationWarning(
  { spec }: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
): string | undefined {
  if (!version.deprecated) return undefined;
  if (version.deprecationWarning !== undefined) return version.deprecationWarning;
  const { group, names } = spec;
  const better = spec.versions
    .filter((v) => v.served && !v.deprecated && compareVersions(v.name, version.name) < 0)
    .map((v) => v.name)
    .sort(compareVersions)[0];
  const use = better === undefined ? '' : `; use ${group}/${better} ${names.kind}`;
  return `${group}/${version.name} ${names.kind} is deprecated${use}`;
}
