import { groupFacts } from '../api/discovery-facts.ts';
import { customResourceDefinitions } from '../api/kinds.gen.ts';
import { groupToday, legacyGroupFacts } from '../api/legacy-facts.ts';
import type { KubeObject } from '../api/object.ts';
import type { ResourceRef } from '../api/resource-ref.ts';
import type { CustomResourceDefinition } from '../api/types/apiextensions-v1.gen.ts';
import type { Informer } from '../client/informer.ts';
import type { Informers } from '../client/informers.ts';

/** A served resource and what can be done with it. */
export interface CatalogEntry extends ResourceRef<KubeObject> {
  readonly verbs: readonly string[];
}

const crdVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** Every stored resource of the server in its preferred version: the built-in ones and those that CRDs define. */
export class Catalog {
  readonly #builtIn: readonly CatalogEntry[];
  readonly #crds: Informer<CustomResourceDefinition>;
  #now: readonly CatalogEntry[] | undefined;
  #byKind = new Map<string, CatalogEntry>();

  constructor(informers: Informers, builtIn: readonly CatalogEntry[] = builtInResources()) {
    this.#builtIn = builtIn;
    this.#crds = informers.of(customResourceDefinitions);
    this.onChange(() => {
      this.#now = undefined;
    });
  }

  whenSynced(signal: AbortSignal): Promise<void> {
    return this.#crds.whenSynced(signal);
  }

  /** The resources served now. */
  list(): readonly CatalogEntry[] {
    if (this.#now) return this.#now;
    const custom = [...this.#crds.values()].map(customEntry).filter((entry) => entry !== undefined);
    this.#now = [...this.#builtIn, ...custom];
    this.#byKind = new Map(this.#now.map((entry) => [`${entry.group}/${entry.kind}`, entry]));
    return this.#now;
  }

  /** The resource of a kind, whatever version or old group of it was asked for. */
  byKind(group: string, kind: string): CatalogEntry | undefined {
    this.list();
    return this.#byKind.get(`${groupToday(group, kind)}/${kind}`);
  }

  /** Calls `changed` whenever a custom resource comes, goes or changes. */
  onChange(changed: () => void): () => void {
    return this.#crds.on({ added: changed, updated: changed, deleted: changed });
  }
}

/** Old groups of which something is stored as it is. */
const storedAsOld = legacyGroupFacts.filter(({ versions }) =>
  versions.some(({ version, resources }) => resources.some((resource) => resource.storageVersion === version)),
);

/** The built-in resources that are stored, each group's preferred version only. Old versions are stored as current ones. */
export function builtInResources(legacyApis = true): CatalogEntry[] {
  const entries = new Map<string, CatalogEntry>();
  for (const group of legacyApis ? [...groupFacts, ...storedAsOld] : groupFacts) {
    for (const { group: name, version, resources } of group.versions) {
      for (const { resource, kind, namespaced, verbs, storageVersion } of resources) {
        const id = `${name}/${resource}`;
        if (storageVersion === undefined || entries.has(id) || !verbs.includes('list')) continue;
        entries.set(id, { group: name, version, resource, kind, namespaced, verbs });
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
  return { group: crd.spec.group, version: version.name, resource: plural, kind, namespaced, verbs: crdVerbs };
}
