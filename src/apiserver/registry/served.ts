import { deprecationWarning } from '../../api/deprecation.ts';
import type { GroupVersionFacts, ResourceFacts, SubresourceFacts } from '../../api/discovery-facts.ts';
import { kindFacts, type TypeFacts } from '../../api/facts.ts';
import { apiVersionOf, groupResource, type KubeObject, type Mutable } from '../../api/object.ts';
import { type ServedApis, servedApis } from '../../api/served-apis.ts';
import { once } from '../../base/once.ts';
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
  /** Shape of the served version: what patches, apply and managed fields go by. */
  readonly type: TypeFacts;
  /** Absent for the storage version, and for custom resources, which convert in ways of their own. */
  readonly conversion: VersionConversion | undefined;
  /** The resource in its storage version, where this is another one. */
  readonly stored?: Served | undefined;
  /** What the Warning header says to whoever asks for it, or for one of its subresources. */
  readonly deprecation?: (subresource: string) => string | undefined;
  /** Present for custom resources. */
  readonly custom: CustomVersion | undefined;
}

/**
 * What a version of a custom resource brings along. Its verbs work in the served version (schemas differ by version), where
 * those of built-in kinds work in the storage version; converting is asynchronous, since a webhook may have to be asked.
 */
export interface CustomVersion {
  /** The shape of a body before the schema is asked: typed metadata, anything else. */
  readonly bodyType: TypeFacts;
  /** Drops what the schema does not know, in place; returns the paths. */
  readonly prune: (tree: Record<string, unknown>) => readonly string[];
  /** Makes stored values ready for `shown`, all in one go; undefined when they are. Rejects with a Status. */
  readonly ready: (objects: readonly KubeObject[]) => Promise<void> | undefined;
  /** A stored value as this version shows it: the same pointer each time, itself where nothing differs. */
  readonly shown: (object: KubeObject) => KubeObject;
  /** A stored value as it would be stored today, in the version it is stored in: itself where nothing differs. */
  readonly settled: (object: KubeObject) => KubeObject;
  /** A finished private object of this version as it is to be stored. */
  readonly toStored: (object: Mutable<KubeObject>) => Mutable<KubeObject> | Promise<Mutable<KubeObject>>;
  /** From this revision on objects look as they do now: who watches from before must list first. */
  readonly since: number;
  /** Aborted when the definition is another: watches end, and what is still being written is refused. */
  readonly retired: AbortSignal;
  /** Whether the definition is being deleted, with all its objects. */
  readonly terminating: boolean;
  /** What every request to a deprecated version is warned of. */
  readonly warning: string | undefined;
}

function builtInType(group: string, version: string, kind: string): TypeFacts {
  const type = kindFacts(group, version, kind);
  if (!type) throw new Error(`no facts of ${kind} in ${group}/${version}`);
  return type;
}

/** The warnings of a resource and its subresources, each made when first asked for. */
function deprecationsOf(gv: GroupVersionFacts, facts: ResourceFacts): (subresource: string) => string | undefined {
  const texts = new Map<string, string | undefined>();
  return (subresource) => {
    if (!texts.has(subresource)) {
      const sub = subresource ? facts.subresources.find((s) => s.name === subresource) : undefined;
      const { group = gv.group, version = gv.version, kind } = sub ?? { kind: facts.kind };
      const known = kindFacts(group, version, kind)?.kind;
      texts.set(subresource, known && deprecationWarning(known));
    }
    return texts.get(subresource);
  };
}

/** All that is served, by (group, version, resource). Changes as custom resources come and go. */
export class ServedTable {
  readonly #byVersion = new Map<string, Map<string, Served>>();
  readonly #equivalents = new Map<string, readonly Served[]>();
  #equivalentsOf = 0;
  /** Grows with each change: what derived documents are cached by. */
  generation = 0;

  /** The built-in resources: the discovery facts joined with each kind's rules. */
  static builtIn(apis: ServedApis = servedApis()): ServedTable {
    const table = new ServedTable();
    for (const gv of apis.versions) {
      for (const facts of gv.resources) {
        const rules = resourceFor(gv.group, gv.version, facts.resource)!;
        const conversion = rules.versions?.[`${gv.group}/${gv.version}`];
        const type = once(() => builtInType(gv.group, gv.version, facts.kind));
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
          get type() {
            return type();
          },
          custom: undefined,
          conversion,
          get stored() {
            return conversion && table.find(rules.group, rules.version, rules.resource);
          },
          deprecation: deprecationsOf(gv, facts),
        });
      }
    }
    return table;
  }

  /** Adds a resource, or puts it in the place of its namesake. */
  add(served: Served): void {
    const key = served.apiVersion;
    let resources = this.#byVersion.get(key);
    if (!resources) this.#byVersion.set(key, (resources = new Map()));
    resources.set(served.resource, served);
    this.generation++;
  }

  remove(group: string, version: string, resource: string): void {
    const key = apiVersionOf({ group, version });
    const resources = this.#byVersion.get(key);
    if (!resources?.delete(resource)) return;
    if (resources.size === 0) this.#byVersion.delete(key);
    this.generation++;
  }

  /** Something that documents show has changed, such as the verbs of a kind that is going. */
  touch(): void {
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

  /**
   * All that serves the same objects as a resource, itself included: its other versions, in whatever group they are. In the
   * order in which they came. Source: apimachinery `runtime/mapper.go`, EquivalentResourceMapper.
   */
  equivalents({ storage, qualified }: Served): readonly Served[] {
    if (this.#equivalentsOf !== this.generation) this.#equivalents.clear();
    this.#equivalentsOf = this.generation;
    const identity = storage || qualified;
    let all = this.#equivalents.get(identity);
    if (!all) {
      all = [...this.all()].filter((other) => (other.storage || other.qualified) === identity);
      this.#equivalents.set(identity, all);
    }
    return all;
  }

  hasVersion(group: string, version: string): boolean {
    return this.#byVersion.has(group === '' ? version : `${group}/${version}`);
  }

  *all(): Iterable<Served> {
    for (const resources of this.#byVersion.values()) yield* resources.values();
  }
}
