import { apiVersionOf, groupResource } from '../../api/object.ts';
import type { ServedApis } from '../../api/served-apis.ts';
import type { ServerStorageVersion } from '../../api/types/apiserverinternal-v1alpha1.gen.ts';
import { resourceFor } from '../../resources/index.ts';

/** What a server says about a resource, and the name of the StorageVersion that it says it in. */
export interface Registration {
  readonly name: string;
  readonly entry: ServerStorageVersion;
}

/**
 * The versions in which a server stores, reads and serves its built-in resources, one entry for each that is stored.
 * Source: apiserver `storageversion` and `endpoints/installer.go`. As there, versions in other groups that lead to the same
 * objects are read, and only those of the resource's own group count as served; custom resources are not registered.
 */
export function registrationsOf(apis: ServedApis, apiServerID: string): Registration[] {
  const found = new Map<string, Registration>();
  for (const { group, version, resources } of apis.versions) {
    for (const { resource, storageVersion } of resources) {
      const rules = resourceFor(group, version, resource)!;
      const key = groupResource(rules);
      if (storageVersion === undefined || found.has(key)) continue;
      const encodingVersion = apiVersionOf(rules);
      const servedVersions = apis.versions
        .filter((gv) => gv.group === rules.group && gv.resources.some((r) => r.resource === rules.resource))
        .map(apiVersionOf);
      const decodableVersions = [...new Set([encodingVersion, ...Object.keys(rules.versions ?? {})])];
      found.set(key, {
        name: `${rules.group || 'core'}.${rules.resource}`,
        entry: { apiServerID, encodingVersion, decodableVersions, servedVersions },
      });
    }
  }
  return [...found.values()];
}
