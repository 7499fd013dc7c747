import { conform } from '../../api/conform.ts';
import { kindFacts } from '../../api/facts.ts';
import { parseJson } from '../../api/json.ts';
import type {
  APIGroupDiscoveryList,
  APIResourceDiscovery,
  APIVersionDiscovery,
} from '../../api/types/apidiscovery-v2.gen.ts';
import type { APIResource, APIResourceList } from '../../api/types/meta-v1.gen.ts';

/** What other servers say they serve. All throw an Error for what is no such document. */

const groupList = 'APIGroupDiscoveryList';

/** A body as a value of its kind, without what the kind does not have. */
function readAs<T>(body: Buffer, group: string, version: string, kind: string): T {
  return conform(kindFacts(group, version, kind)!, parseJson(body).value).value as T;
}

/** The versions of an aggregated document, by "GROUP/VERSION". `version` is the document's own: v2 or v2beta1. */
export function readVersions(body: Buffer, version: string): ReadonlyMap<string, APIVersionDiscovery> {
  const { items } = readAs<APIGroupDiscoveryList>(body, 'apidiscovery.k8s.io', version, groupList);
  return new Map(
    items.flatMap(({ metadata, versions = [] }) =>
      versions.map((found) => [`${metadata.name ?? ''}/${found.version}`, found] as const),
    ),
  );
}

/** The resources of a group version's own list, in the form of the aggregated document. */
export const readResources = (body: Buffer): readonly APIResourceDiscovery[] =>
  discoveredResources(readAs<APIResourceList>(body, '', 'v1', 'APIResourceList').resources);

const kindOf = ({ group = '', version = '', kind }: APIResource) => ({ group, version, kind });
const scopeOf = ({ namespaced }: APIResource) => (namespaced ? 'Namespaced' : 'Cluster');

/** Source: apiserver `endpoints/installer.go`, ConvertGroupVersionIntoToDiscovery. */
export function discoveredResources(list: readonly APIResource[]): readonly APIResourceDiscovery[] {
  const resources = new Map<string, APIResourceDiscovery>();
  for (const one of list.filter(({ name }) => !name.includes('/'))) {
    resources.set(one.name, {
      resource: one.name,
      responseKind: kindOf(one),
      scope: scopeOf(one),
      singularResource: one.singularName,
      verbs: one.verbs,
      ...(one.shortNames && { shortNames: one.shortNames }),
      ...(one.categories && { categories: one.categories }),
    });
  }
  for (const one of list.filter(({ name }) => name.includes('/'))) {
    const cut = one.name.indexOf('/');
    const [name, subresource] = [one.name.slice(0, cut), one.name.slice(cut + 1)];
    const scope = scopeOf(one);
    const parent = resources.get(name) ?? parentless(name, scope);
    if (parent.scope !== scope)
      throw new Error(
        `Error: Parent ${name} (scope: ${parent.scope}) and subresource ${subresource} (scope: ${scope}) scope do not match`,
      );
    const found = { subresource, responseKind: one.kind ? kindOf(one) : noKind, verbs: one.verbs };
    resources.set(name, { ...parent, subresources: [...(parent.subresources ?? []), found] });
  }
  return [...resources.values()];
}

const noKind = { group: '', version: '', kind: '' };

/** Where only subresources are served, as custom metrics are. */
const parentless = (resource: string, scope: string): APIResourceDiscovery => ({
  resource,
  responseKind: noKind,
  scope,
  singularResource: '',
  verbs: [],
});
