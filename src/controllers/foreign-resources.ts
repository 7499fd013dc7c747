import type { APIResourceDiscovery } from '../api/types/apidiscovery-v2.gen.ts';
import type { CatalogEntry } from './catalog.ts';

/** A group version that another server serves, as discovery shows it. */
export interface ForeignGroupVersion {
  readonly group: string;
  readonly version: string;
  /** Of several versions of a group the one with the highest is preferred. */
  readonly versionPriority: number;
  readonly resources: readonly APIResourceDiscovery[];
  /** Stale when the server could not be asked last time. */
  readonly freshness: 'Current' | 'Stale';
}

/** The resources of other servers, each in its preferred version; those of servers that cannot be asked are not known. */
export function foreignResources(versions: readonly ForeignGroupVersion[]): readonly CatalogEntry[] {
  const entries = new Map<string, CatalogEntry>();
  const current = versions.filter(({ freshness }) => freshness === 'Current');
  for (const { group, version, resources } of current.toSorted((a, b) => b.versionPriority - a.versionPriority))
    for (const { resource, responseKind, scope, verbs } of resources) {
      const id = `${group}/${resource}`;
      if (entries.has(id)) continue;
      const kind = responseKind?.kind ?? '';
      entries.set(id, { group, version, resource, kind, namespaced: scope === 'Namespaced', verbs });
    }
  return [...entries.values()];
}

/** The group versions whose servers cannot be asked what they serve: "wardle.example.com/v1". */
export const undiscovered = (versions: readonly ForeignGroupVersion[]): string[] =>
  versions
    .filter(({ freshness }) => freshness === 'Stale')
    .map(({ group, version }) => (group ? `${group}/${version}` : version))
    .sort();

/** What client-go says of them. Source: client-go `discovery.ErrGroupDiscoveryFailed`. */
export const undiscoveredText = (groupVersions: readonly string[]): string =>
  `unable to retrieve the complete list of server APIs: ${groupVersions
    .map((gv) => `${gv}: stale GroupVersion discovery: ${gv}`)
    .join(', ')}`;
