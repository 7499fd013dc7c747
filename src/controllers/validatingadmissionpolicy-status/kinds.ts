import type { CelType } from '../../api/cel/cel-type.ts';
import { celTypeOf } from '../../api/cel/type-of-facts.ts';
import { resourceFacts } from '../../api/discovery-facts.ts';
import { kindFacts } from '../../api/facts.ts';
import { parseApiVersion } from '../../api/object.ts';
import { celType } from '../../api/structural/cel-types.ts';
import { compileStructural } from '../../api/structural/structural.ts';
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.gen.ts';
import type { CheckedKind, FindKind } from './plan.ts';

/** Finds kinds among the built-in ones and those of these definitions. */
export function kindFinder(definition: (name: string) => CustomResourceDefinition | undefined): FindKind {
  return (group, version, resource) => {
    const facts = resourceFacts(group, version, resource);
    if (facts) return builtIn(group, version, facts.kind);
    const crd = definition(`${resource}.${group}`);
    const type = crd && customType(crd, version);
    return type && { group, version, kind: crd.spec.names.kind, type };
  };
}

/** The type of the parameters of a kind; undefined where it is not known. */
export function paramType(
  { apiVersion, kind }: { readonly apiVersion?: string; readonly kind?: string },
  definitions: Iterable<CustomResourceDefinition>,
): CelType | undefined {
  const parsed = parseApiVersion(apiVersion ?? '');
  if (!parsed || !kind) return undefined;
  const known = builtIn(parsed.group, parsed.version, kind);
  if (known) return known.type;
  for (const crd of definitions)
    if (crd.spec.group === parsed.group && crd.spec.names.kind === kind) return customType(crd, parsed.version);
  return undefined;
}

function builtIn(group: string, version: string, kind: string): CheckedKind | undefined {
  const facts = kindFacts(group, version, kind);
  return facts && { group, version, kind, type: celTypeOf(facts) };
}

function customType(crd: CustomResourceDefinition, version: string): CelType | undefined {
  const schema = crd.spec.versions.find(({ name, served }) => name === version && served)?.schema?.openAPIV3Schema;
  return schema && celType(compileStructural(schema), true);
}
