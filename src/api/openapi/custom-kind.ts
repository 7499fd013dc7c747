import { createHash } from 'node:crypto';
import type { SubresourceFacts } from '../discovery-facts.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../types/apiextensions-v1.gen.ts';
import { CustomSchemaWriter, customModelName } from './custom-schema.ts';
import { ParameterWriter } from './parameters.ts';
import { type PathItem, type PathResource, PathWriter, type References } from './paths.ts';
import type { Describe, Dialect, Schema } from './schema.ts';

/** What one version of a definition adds to documents. */
export interface CustomPart {
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly parameters: ReadonlyMap<string, Schema>;
  /** Built-in types it refers to, by facts name. */
  readonly refers: ReadonlySet<string>;
}

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const subresourceVerbs = ['get', 'patch', 'update'];

function subresourcesOf(kind: string, { subresources }: CustomResourceDefinitionVersion): SubresourceFacts[] {
  return [
    ...(subresources?.status ? [{ name: 'status', kind, verbs: subresourceVerbs }] : []),
    ...(subresources?.scale
      ? [{ name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: subresourceVerbs }]
      : []),
  ];
}

const scale = 'autoscaling/v1.Scale';
const metadata = ['meta/v1.ObjectMeta', 'meta/v1.ListMeta'];

/** Writes the paths and schemas of one version. `refer` tells how a document refers to a built-in type. */
export function customPart(
  crd: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  dialect: Dialect,
  describe: Describe,
  refer: (type: string) => Schema,
): CustomPart {
  const { group, scope, names } = crd.spec;
  const { kind, plural, listKind = `${kind}List` } = names;
  const refers = new Set(metadata);
  const place = dialect === 'v2' ? '#/definitions/' : '#/components/schemas/';
  const builtIn = (type: string) => {
    refers.add(type);
    return refer(type);
  };
  const references: References = {
    kind: (gvk) =>
      gvk.group === group ? { $ref: `${place}${customModelName(group, gvk.version, gvk.kind)}` } : builtIn(scale),
    meta: (name) => builtIn(`meta/v1.${name}`),
  };
  const resource: PathResource = {
    resource: plural,
    kind,
    listKind,
    namespaced: scope === 'Namespaced',
    verbs,
    subresources: subresourcesOf(kind, version),
  };
  const parameters = new ParameterWriter(dialect, describe);
  const gv = { group, version: version.name, resources: [resource], custom: true };
  const writer = new CustomSchemaWriter(dialect, describe);
  return {
    paths: new PathWriter(gv, dialect, references, parameters).paths(),
    schemas: {
      [customModelName(group, version.name, kind)]: writer.kind(crd, version),
      [customModelName(group, version.name, listKind)]: writer.list(crd, version),
    },
    parameters: parameters.shared,
    refers,
  };
}

const fingerprints = new WeakMap<CustomResourceDefinition, string>();

/** What tells one state of a definition from another, as far as documents show it. */
export function definitionFingerprint(crd: CustomResourceDefinition): string {
  let known = fingerprints.get(crd);
  if (!known) {
    known = createHash('sha256')
      .update(`${crd.metadata.name} ${JSON.stringify(crd.spec)}`)
      .digest('hex');
    fingerprints.set(crd, known);
  }
  return known;
}
