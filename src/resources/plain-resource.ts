import type { GroupVersionFacts, ResourceFacts } from '../api/discovery-facts.ts';
import { defaultColumns } from './columns.ts';
import type { Resource } from './resource.ts';

/** A resource that has nothing of its own: names from the facts, upstream's default columns, no rules. */
export function plainResource(served: GroupVersionFacts, facts: ResourceFacts): Resource {
  return {
    group: served.group,
    version: served.version,
    resource: facts.resource,
    kind: facts.kind,
    columns: defaultColumns,
  };
}
