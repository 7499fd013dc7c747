import { legacyGroupFacts } from '../../api/legacy-facts.ts';
import { builtInVersionPriority, customGroupPriority, customVersionPriority } from '../../api/priorities.ts';
import { everyGroup } from '../../api/served-apis.ts';
import type { APIResourceDiscovery } from '../../api/types/apidiscovery-v2.gen.ts';
import type { Served } from '../registry/served.ts';
import { compareVersions } from './version-order.ts';

/** A version that another server serves, as far as is known. */
export interface ForeignVersion {
  readonly group: string;
  readonly version: string;
  readonly groupPriority: number;
  readonly versionPriority: number;
  readonly resources: readonly APIResourceDiscovery[];
  /** Stale when the server could not be asked last time. */
  readonly freshness: 'Current' | 'Stale';
}

/** The versions that other servers serve. */
export interface ForeignVersions {
  /** Grows with each change. */
  readonly generation: number;
  versions(): readonly ForeignVersion[];
}

/** What is in a version: resources of this server, or another's. */
export type VersionContent = readonly Served[] | ForeignVersion;

export const isForeign = (content: VersionContent): content is ForeignVersion => !Array.isArray(content);

/** One group with its versions in order of preference. */
export interface Group {
  readonly name: string;
  readonly versions: ReadonlyMap<string, VersionContent>;
}

const groupPriorities: ReadonlyMap<string, number> = new Map(everyGroup.map((g) => [g.group, g.priority]));
const ranks: ReadonlyMap<string, number> = new Map(everyGroup.map((g, i) => [g.group, i]));

/** Those of old versions are not among them. */
const versionPriorities: ReadonlyMap<string, number> = new Map(
  everyGroup.flatMap(({ group, versions }) =>
    versions.map(
      ({ version }, i) => [`${group}/${version}`, builtInVersionPriority(group, versions.length - 1 - i)] as const,
    ),
  ),
);

/** Groups that hold nothing but old versions: last, so that no client prefers them. */
const oldGroups: ReadonlySet<string> = new Set(
  legacyGroupFacts.map((g) => g.group).filter((name) => !groupPriorities.has(name)),
);
const lastPriority = -1;

/**
 * Groups by the aggregator's priority, of one priority by name, those of old versions last; their versions by priority and by
 * what they promise. A version that another server serves is not this server's, whatever it has of the name.
 */
export function groupsOf(served: Iterable<Served>, foreign: readonly ForeignVersion[]): Group[] {
  const contents = new Map<string, Map<string, VersionContent>>();
  const versionsOf = (group: string) => {
    let versions = contents.get(group);
    if (!versions) contents.set(group, (versions = new Map()));
    return versions;
  };
  for (const one of served) {
    const versions = versionsOf(one.group);
    const list = versions.get(one.version) as Served[] | undefined;
    if (list) list.push(one);
    else versions.set(one.version, [one]);
  }
  for (const one of foreign) versionsOf(one.group).set(one.version, one);
  return [...contents]
    .map(([name, versions]) => ({ name, priority: priorityOf(name, versions), versions: inOrder(name, versions) }))
    .sort((a, b) => b.priority - a.priority || compareGroups(a.name, b.name))
    .map(({ name, versions }) => ({ name, versions }));
}

function priorityOf(name: string, versions: ReadonlyMap<string, VersionContent>): number {
  const own = groupPriorities.get(name) ?? (oldGroups.has(name) ? lastPriority : customGroupPriority);
  return Math.max(...[...versions.values()].map((content) => (isForeign(content) ? content.groupPriority : own)));
}

/** Of the same priority: built-in ones in the order of their table, others by name. */
function compareGroups(a: string, b: string): number {
  const [x, y] = [ranks.get(a), ranks.get(b)];
  if (x !== undefined && y !== undefined) return x - y;
  return a < b ? -1 : 1;
}

function inOrder(group: string, versions: ReadonlyMap<string, VersionContent>): ReadonlyMap<string, VersionContent> {
  const own = [...versions].sort(([a], [b]) => compareVersions(a, b));
  if (!own.some(([, content]) => isForeign(content))) return new Map(own);
  const ranked = own.map((entry, place) => ({ entry, place, priority: versionPriority(group, ...entry) }));
  ranked.sort((a, b) => b.priority - a.priority || a.place - b.place);
  return new Map(ranked.map(({ entry }) => entry));
}

function versionPriority(group: string, version: string, content: VersionContent): number {
  if (isForeign(content)) return content.versionPriority;
  if (content[0]?.custom) return customVersionPriority;
  return versionPriorities.get(`${group}/${version}`) ?? lastPriority;
}
