import { groupFacts } from './discovery-facts.ts';
import type { GroupFacts, GroupVersionFacts, ResourceFacts } from './group-facts.ts';
import { legacyGroupFacts } from './legacy-facts.ts';
import { optionalGroupFacts } from './optional-facts.ts';
import { isSwitchedOn, type RuntimeConfig } from './runtime-config.ts';

/** What a cluster's maker may say about the API versions it serves. */
export interface ApiChoice {
  /** Whether old versions are served beside those of v1.36; true unless given. */
  readonly legacyApis?: boolean | undefined;
  /** What is switched on or off of v1.36's own; nothing unless given. */
  readonly runtimeConfig?: RuntimeConfig | undefined;
}

/** The built-in API versions that a cluster serves. */
export interface ServedApis {
  /** Those of v1.36, in the order of discovery. */
  readonly groups: readonly GroupFacts[];
  /** The same with the old ones, each version once: its own resources first. */
  readonly versions: readonly GroupVersionFacts[];
  /** The old ones as they are in the table of old versions; empty where they are not served. */
  readonly legacy: readonly GroupFacts[];
  /** Whether a resource is served in a version. */
  serves(resource: { readonly group: string; readonly version: string; readonly resource: string }): boolean;
}

/** Every group of v1.36, switched on or not, in the order of discovery; their versions in order of preference. */
export const everyGroup: readonly GroupFacts[] = [...groupedByName([...groupFacts, ...optionalGroupFacts])].sort(
  (a, b) => b.priority - a.priority,
);

export function servedApis({ legacyApis = true, runtimeConfig = {} }: ApiChoice = {}): ServedApis {
  const groups = [...chosen(groupFacts, runtimeConfig, true), ...chosen(optionalGroupFacts, runtimeConfig, false)];
  const named = groupedByName(groups).sort((a, b) => b.priority - a.priority);
  const legacy = legacyApis ? legacyGroupFacts : [];
  const versions = joined([...named, ...legacy].flatMap((facts) => facts.versions));
  const served = new Set(versions.flatMap((gv) => gv.resources.map((r) => `${gv.group}/${gv.version}/${r.resource}`)));
  return {
    groups: named,
    versions,
    legacy,
    serves: ({ group, version, resource }) => served.has(`${group}/${version}/${resource}`),
  };
}

/** What is on of these groups. */
function chosen(groups: readonly GroupFacts[], config: RuntimeConfig, onByDefault: boolean): GroupFacts[] {
  const isOn = (gv: GroupVersionFacts, { resource }: ResourceFacts) =>
    isSwitchedOn(config, { group: gv.group, version: gv.version, resource }, onByDefault);
  return groups
    .map((facts) => ({
      ...facts,
      versions: facts.versions
        .map((gv) => ({ ...gv, resources: gv.resources.filter((r) => isOn(gv, r)) }))
        .filter((gv) => gv.resources.length > 0),
    }))
    .filter((facts) => facts.versions.length > 0);
}

function groupedByName(groups: readonly GroupFacts[]): GroupFacts[] {
  const byName = new Map<string, GroupFacts>();
  for (const facts of groups) {
    const before = byName.get(facts.group);
    byName.set(facts.group, before ? { ...before, versions: [...before.versions, ...facts.versions] } : facts);
  }
  return [...byName.values()];
}

/** Versions that are listed twice become one, with each resource as it was listed first. */
function joined(versions: readonly GroupVersionFacts[]): GroupVersionFacts[] {
  const byName = new Map<string, GroupVersionFacts>();
  for (const gv of versions) {
    const key = `${gv.group}/${gv.version}`;
    const before = byName.get(key);
    const more = gv.resources.filter((r) => !before?.resources.some((b) => b.resource === r.resource));
    byName.set(key, before ? { ...before, resources: [...before.resources, ...more] } : gv);
  }
  return [...byName.values()];
}
