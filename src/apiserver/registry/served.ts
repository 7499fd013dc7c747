import { groupVersionFacts, type SubresourceFacts } from '../../api/discovery-facts.ts';
import { apiVersionOf, groupResource } from '../../api/object.ts';
import { resourceFor } from '../../resources/index.ts';
import type { Resource, VersionConversion } from '../../resources/resource.ts';

/** A resource in one version, as requests address it. */
export interface Served {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly listKind: string;
  readonly apiVersion: string;
  /** "deployments.apps", as RBAC and error texts write it. */
  readonly qualified: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: ReadonlySet<string>;
  readonly subresources: ReadonlyMap<string, SubresourceFacts>;
  /** The store's name for it; the same for all versions, and for events of both groups. "" when never stored. */
  readonly storage: string;
  readonly rules: Resource;
  /** Absent for the storage version. */
  readonly conversion: VersionConversion | undefined;
}

/** All that is served, by (group, version, resource). Changes as custom resources come and go. */
export class ServedTable {
  readonly #byVersion = new Map<string, Map<string, Served>>();
  /** Grows with each change: what derived documents are cached by. */
  generation = 0;

  /** The built-in resources: the discovery facts joined with each kind's rules. */
  static builtIn(): ServedTable {
    const table = new ServedTable();
    for (const gv of groupVersionFacts) {
      for (const facts of gv.resources) {
        const rules = resourceFor(gv.group, gv.version, facts.resource)!;
        table.add({
          group: gv.group,
          version: gv.version,
          resource: facts.resource,
          kind: facts.kind,
          listKind: `${facts.kind}List`,
          apiVersion: apiVersionOf(gv),
          qualified: groupResource({ group: gv.group, resource: facts.resource }),
          singular: facts.singular,
          shortNames: facts.shortNames,
          categories: facts.categories,
          namespaced: facts.namespaced,
          verbs: new Set(facts.verbs),
          subresources: new Map(facts.subresources.map((s) => [s.name, s])),
          storage: facts.storageVersion === undefined ? '' : groupResource(rules),
          rules,
          conversion: rules.versions?.[`${gv.group}/${gv.version}`],
        });
      }
    }
    return table;
  }

  add(served: Served): void {
    const key = served.apiVersion;
    let resources = this.#byVersion.get(key);
    if (!resources) this.#byVersion.set(key, (resources = new Map()));
    resources.set(served.resource, served);
    this.generation++;
  }

  remove(group: string, version: string, resource: string): void {
    this.#byVersion.get(apiVersionOf({ group, version }))?.delete(resource);
    this.generation++;
  }

  find(group: string, version: string, resource: string): Served | undefined {
    return this.#byVersion.get(group === '' ? version : `${group}/${version}`)?.get(resource);
  }

  /** The resource that serves a kind, for owner references and scale targets. */
  findKind(apiVersion: string, kind: string): Served | undefined {
    for (const served of this.#byVersion.get(apiVersion)?.values() ?? []) if (served.kind === kind) return served;
    return undefined;
  }

  hasVersion(group: string, version: string): boolean {
    return this.#byVersion.has(group === '' ? version : `${group}/${version}`);
  }

  *all(): Iterable<Served> {
    for (const resources of this.#byVersion.values()) yield* resources.values();
  }
}
