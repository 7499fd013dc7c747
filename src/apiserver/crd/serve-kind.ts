import type { SubresourceFacts } from '../../api/discovery-facts.ts';
import { customKindFacts } from '../../api/facts.ts';
import type { KubeObject, Mutable } from '../../api/object.ts';
import { tooManyRequests } from '../../api/status.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
} from '../../api/types/apiextensions-v1.gen.ts';
import { once } from '../../base/once.ts';
import { sameTree } from '../registry/equality.ts';
import type { CustomVersion, Served } from '../registry/served.ts';
import { isTerminating, storageVersionOf } from './definition.ts';
import { deprecationWarning } from './deprecation.ts';
import { type Convert, Forms } from './forms.ts';
import { rulesOf, storageOf } from './rules.ts';
import { type SchemaVersion, schemaVersions } from './schema-version.ts';

const verbs: ReadonlySet<string> = new Set([
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
]);
const subresourceVerbs = ['get', 'patch', 'update'];

/** A definition as it is served: one value per state of it that matters to requests. */
export interface ServedKind {
  readonly served: readonly Served[];
  /** The stored version, whether clients may ask for it or not. */
  readonly stored: Served;
  readonly schemas: ReadonlyMap<string, SchemaVersion>;
  /** The newest state of the definition. */
  definition: CustomResourceDefinition;
  /** Ends the watches and refuses the writes that still go by this state. */
  retire(): void;
}

export interface ServeKindParts {
  /** How objects get from version to version; undefined where only the name of the version changes. */
  readonly convert: (crd: CustomResourceDefinition) => Convert | undefined;
  /** The definition's own revision: no object of a later one was written under a former state of it. */
  readonly revision: number;
  /** Resolves when no change of a definition is under way; undefined when none is. */
  readonly unchanging: (name: string) => Promise<void> | undefined;
  readonly former: ServedKind | undefined;
}

/** Whether two states of a definition are the same to requests, which know of its status by the accepted names only. */
export const servesTheSame = (a: CustomResourceDefinition, b: CustomResourceDefinition): boolean =>
  a.metadata.uid === b.metadata.uid &&
  sameTree(a.spec, b.spec) &&
  sameTree(a.status?.acceptedNames, b.status?.acceptedNames);

/** Works out how a definition is served. Its names must have been accepted, and one version must be the stored one. */
export function serveKind(
  crd: CustomResourceDefinition,
  { convert, revision, unchanging, former }: ServeKindParts,
): ServedKind {
  const sameKind = former?.definition.metadata.uid === crd.metadata.uid;
  const schemas = schemaVersions(crd, revision, sameKind ? former?.schemas : undefined);
  const storage = schemas.get(`${crd.spec.group}/${storageVersionOf(crd)!.name}`)!;
  const forms = new Forms(schemas, storage, convert(crd));
  const retired = new AbortController();
  // Who watched before must list anew when what objects look like has changed.
  const relist = sameKind && sameShapes(former!.definition, crd) ? former!.stored.custom?.since : undefined;
  /**
   * A write under a definition that is no longer so is not stored: it might not be what the new one wants. Clients come back
   * by themselves. Source of the answer: apiserver `storage/cacher`, while a changed definition's cache is not there yet.
   */
  const whileServed = (
    stored: Mutable<KubeObject> | Promise<Mutable<KubeObject>>,
  ): Mutable<KubeObject> | Promise<Mutable<KubeObject>> => {
    if (stored instanceof Promise) return stored.then(whileServed);
    if (retired.signal.aborted) throw tooManyRequests('storage is (re)initializing', 1);
    const changing = unchanging(crd.metadata.name!);
    return changing ? changing.then(() => whileServed(stored)) : stored;
  };
  const versionOf = (version: CustomResourceDefinitionVersion): Served => {
    const compiled = schemas.get(`${crd.spec.group}/${version.name}`)!;
    const bodyType = once(() => customKindFacts(crd.spec.group, version.name, crd.spec.names.kind));
    const custom: CustomVersion = {
      get bodyType() {
        return bodyType();
      },
      prune: compiled.prune,
      ready: (objects) => forms.ready(compiled, objects),
      shown: (object) => forms.shown(compiled, object),
      settled: (object) => forms.settled(object),
      toStored: (object) => whileServed(forms.toStored(compiled, object)),
      since: relist ?? revision,
      retired: retired.signal,
      get terminating() {
        return isTerminating(kind.definition);
      },
      warning: deprecationWarning(crd, version),
    };
    return servedVersion(crd, version, compiled, custom);
  };
  const served = crd.spec.versions.filter((version) => version.served);
  const versions = served.map(versionOf);
  const stored = storageVersionOf(crd)!;
  const kind: ServedKind = {
    schemas,
    definition: crd,
    retire: () => retired.abort(),
    served: versions,
    stored: versions[served.indexOf(stored)] ?? versionOf(stored),
  };
  return kind;
}

/** Whether the objects of two states of a definition look the same in every version. */
const sameShapes = (a: CustomResourceDefinition, b: CustomResourceDefinition): boolean =>
  shapesText(a) === shapesText(b);

const shapesText = ({ spec }: CustomResourceDefinition): string =>
  JSON.stringify([
    spec.conversion,
    spec.preserveUnknownFields,
    spec.versions.map((v) => [v.name, v.served, v.storage, v.schema, v.selectableFields]),
  ]);

function servedVersion(
  crd: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  compiled: SchemaVersion,
  custom: CustomVersion,
): Served {
  const { group, scope } = crd.spec;
  // The accepted names are those asked for, or the definition would not be served.
  const names = { ...crd.spec.names, ...crd.status?.acceptedNames };
  const rules = once(() => rulesOf(crd, version, compiled));
  return {
    group,
    version: version.name,
    resource: names.plural,
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    apiVersion: compiled.apiVersion,
    qualified: storageOf(crd),
    singular: names.singular ?? names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: scope === 'Namespaced',
    verbs,
    subresources: subresourcesOf(names.kind, version),
    storage: storageOf(crd),
    get rules() {
      return rules();
    },
    get type() {
      return compiled.type;
    },
    conversion: undefined,
    custom,
  };
}

function subresourcesOf(kind: string, { subresources }: CustomResourceDefinitionVersion) {
  const found = new Map<string, SubresourceFacts>();
  if (subresources?.status) found.set('status', { name: 'status', kind, verbs: subresourceVerbs });
  if (subresources?.scale)
    found.set('scale', { name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: subresourceVerbs });
  return found;
}
