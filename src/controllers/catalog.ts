import { customResourceDefinitions } from '../api/kinds.gen.ts';
import { groupToday } from '../api/legacy-facts.ts';
import type { KubeObject } from '../api/object.ts';
import type { ResourceRef } from '../api/resource-ref.ts';
import { type ServedApis, servedApis } from '../api/served-apis.ts';
import type { CustomResourceDefinition } from '../api/types/apiextensions-v1.gen.ts';
import type { Informer } from '../client/informer.ts';
import type { Informers } from '../client/informers.ts';

/** A served resource and what can be done with it. */
export interface CatalogEntry extends ResourceRef<KubeObject> {
  readonly verbs: readonly string[];
  /** Whether it has the scale subresource. */
  readonly scalable?: boolean;
}

const crdVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** A custom resource came (no `before`), went (no `after`) or is served in another version. */
export type CatalogListener = (before: CatalogEntry | undefined, after: CatalogEntry | undefined) => void;

const kindKey = ({ group, kind }: { group: string; kind: string }): string => `${group}/${kind}`;

/**
 * Every stored resource of the server in its preferred version: the built-in ones and those that CRDs define. A changed CRD
 * costs the same however many there are.
 */
export class Catalog {
  readonly #builtIn: readonly CatalogEntry[];
  readonly #crds: Informer<CustomResourceDefinition>;
  /** By the name of the definition. */
  readonly #custom = new Map<string, CatalogEntry>();
  readonly #byKind = new Map<string, CatalogEntry>();
  readonly #listeners = new Set<CatalogListener>();
  #now: readonly CatalogEntry[] | undefined;

  constructor(informers: Informers, builtIn: readonly CatalogEntry[] = builtInResources()) {
    this.#builtIn = builtIn;
    for (const entry of builtIn) this.#byKind.set(kindKey(entry), entry);
    this.#crds = informers.of(customResourceDefinitions);
    this.#crds.on({
      added: (crd) => this.#note(crd, customEntry(crd)),
      updated: (_, crd) => this.#note(crd, customEntry(crd)),
      deleted: (crd) => this.#note(crd, undefined),
    });
  }

  whenSynced(signal: AbortSignal): Promise<void> {
    return this.#crds.whenSynced(signal);
  }

  /** The resources served now. */
  list(): readonly CatalogEntry[] {
    return (this.#now ??= [...this.#builtIn, ...this.#custom.values()]);
  }

  /** The resource of a kind, whatever version or old group of it was asked for. */
  byKind(group: string, kind: string): CatalogEntry | undefined {
    return this.#byKind.get(kindKey({ group: groupToday(group, kind), kind }));
  }

  /** Calls `changed` whenever a custom resource comes, goes or changes. Returns how to stop. */
  onChange(changed: CatalogListener): () => void {
    this.#listeners.add(changed);
    return () => void this.#listeners.delete(changed);
  }

  #note({ metadata }: CustomResourceDefinition, after: CatalogEntry | undefined): void {
    const name = metadata.name!;
    const before = this.#custom.get(name);
    if (sameEntry(before, after)) return;
    if (before) this.#byKind.delete(kindKey(before));
    if (after) {
      this.#custom.set(name, after);
      this.#byKind.set(kindKey(after), after);
    } else this.#custom.delete(name);
    this.#now = undefined;
    for (const listener of this.#listeners) listener(before, after);
  }
}

const sameEntry = (a: CatalogEntry | undefined, b: CatalogEntry | undefined): boolean =>
  a === b ||
  (a !== undefined &&
    b !== undefined &&
    a.version === b.version &&
    a.kind === b.kind &&
    a.namespaced === b.namespaced &&
    a.scalable === b.scalable);

/** The built-in resources that are stored, each group's preferred version only. Old versions are stored as current ones. */
export function builtInResources({ groups, legacy }: ServedApis = servedApis()): CatalogEntry[] {
  const entries = new Map<string, CatalogEntry>();
  // Of old groups nothing is listed but what is stored as it is.
  const storedAsOld = legacy.filter(({ versions }) =>
    versions.some(({ version, resources }) => resources.some((resource) => resource.storageVersion === version)),
  );
  for (const group of [...groups, ...storedAsOld]) {
    for (const { group: name, version, resources } of group.versions) {
      for (const { resource, kind, namespaced, verbs, storageVersion, subresources } of resources) {
        const id = `${name}/${resource}`;
        if (storageVersion === undefined || entries.has(id) || !verbs.includes('list')) continue;
        const scalable = subresources.some((subresource) => subresource.kind === 'Scale');
        entries.set(id, { group: name, version, resource, kind, namespaced, verbs, scalable });
      }
    }
  }
  return [...entries.values()];
}

function customEntry(crd: CustomResourceDefinition): CatalogEntry | undefined {
  if (!crd.status?.conditions?.some((c) => c.type === 'Established' && c.status === 'True')) return undefined;
  const version = crd.spec.versions.find((v) => v.served && v.storage) ?? crd.spec.versions.find((v) => v.served);
  if (!version) return undefined;
  const { plural, kind } = crd.spec.names;
  const namespaced = crd.spec.scope === 'Namespaced';
  const scalable = version.subresources?.scale !== undefined;
  return {
    group: crd.spec.group,
    version: version.name,
    resource: plural,
    kind,
    namespaced,
    verbs: crdVerbs,
    scalable,
  };
}
