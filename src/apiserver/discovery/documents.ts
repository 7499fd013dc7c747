import { createHash } from 'node:crypto';
import type { SubresourceFacts } from '../../api/discovery-facts.ts';
import type { Served, ServedTable } from '../registry/served.ts';
import { type ForeignVersion, type Group, groupsOf, isForeign, type VersionContent } from './groups.ts';

/** A discovery document. */
export interface DiscoveryDocument {
  readonly value: { readonly kind: string; readonly apiVersion?: string; readonly [field: string]: unknown };
  readonly json: Buffer;
  readonly etag: string;
}

/** All discovery documents of one generation of the table, by path; aggregated ones by path and version. */
export interface Discovery {
  readonly legacy: ReadonlyMap<string, DiscoveryDocument>;
  readonly aggregated: ReadonlyMap<string, DiscoveryDocument>;
}

/** Verbs in the order upstream lists them. */
const sorted = (verbs: Iterable<string>) => [...verbs].sort();

/** Not said of a custom kind that is going, though updates are still served. */
const lastingVerbs: ReadonlySet<string> = new Set(['create', 'patch', 'update']);

const verbsOf = ({ verbs, custom }: Served): string[] =>
  sorted(custom?.terminating ? [...verbs].filter((verb) => !lastingVerbs.has(verb)) : verbs);

/** What tells clients that two resources are one in storage. Source: apiserver `discovery.StorageVersionHash`. */
const storageHash = ({ rules }: Served): string =>
  createHash('sha256')
    .update(`${rules.group}/${rules.version}/${rules.kind}`)
    .digest()
    .subarray(0, 8)
    .toString('base64');

const document = (value: DiscoveryDocument['value']): DiscoveryDocument => {
  const json = Buffer.from(JSON.stringify(value));
  return { value, json, etag: `"${createHash('sha512').update(json).digest('hex').toUpperCase()}"` };
};

/** Builds every document from what is served here and elsewhere. Lists of resources of elsewhere are not among them. */
export function buildDiscovery(table: ServedTable, foreign: readonly ForeignVersion[]): Discovery {
  const groups = groupsOf(table.all(), foreign);
  const core = groups.filter((g) => g.name === '');
  const named = groups.filter((g) => g.name !== '');
  const legacy = new Map<string, DiscoveryDocument>();
  legacy.set('/api', document(apiVersions(core)));
  legacy.set('/apis', document({ kind: 'APIGroupList', apiVersion: 'v1', groups: named.map(apiGroup) }));
  for (const group of named) {
    legacy.set(`/apis/${group.name}`, document({ kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group) }));
    for (const [version, resources] of group.versions) {
      if (isForeign(resources)) continue;
      const list = resourceList(`${group.name}/${version}`, resources);
      legacy.set(`/apis/${group.name}/${version}`, document({ apiVersion: 'v1', ...list }));
    }
  }
  for (const [version, resources] of core[0]?.versions ?? [])
    if (!isForeign(resources)) legacy.set(`/api/${version}`, document(resourceList(version, resources)));
  const aggregated = new Map<string, DiscoveryDocument>();
  for (const version of ['v2', 'v2beta1']) {
    aggregated.set(`/api ${version}`, document(discoveryList(version, core)));
    aggregated.set(`/apis ${version}`, document(discoveryList(version, named)));
  }
  return { legacy, aggregated };
}

/** What is older than the groups names no version of its own. Source: apiserver `discovery/util.go`, keepUnversioned. */
const apiVersions = (core: readonly Group[]) => ({
  kind: 'APIVersions',
  versions: [...(core[0]?.versions.keys() ?? [])],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '127.0.0.1' }],
});

function apiGroup({ name, versions }: Group) {
  const all = [...versions.keys()].map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: all, preferredVersion: all[0] };
}

function resourceList(groupVersion: string, resources: readonly Served[]) {
  return { kind: 'APIResourceList', groupVersion, resources: resources.flatMap(apiResources) };
}

function apiResources(served: Served): object[] {
  const { shortNames, categories } = served;
  const main = {
    name: served.resource,
    singularName: served.singular,
    namespaced: served.namespaced,
    kind: served.kind,
    verbs: verbsOf(served),
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(served.storage && { storageVersionHash: storageHash(served) }),
  };
  const subs = [...served.subresources.values()].map((sub) => ({
    name: `${served.resource}/${sub.name}`,
    singularName: '',
    namespaced: served.namespaced,
    ...(sub.group !== undefined && { group: sub.group }),
    ...(sub.version !== undefined && { version: sub.version }),
    kind: sub.kind,
    verbs: sorted(sub.verbs),
  }));
  return [main, ...subs];
}

function discoveryList(version: string, groups: readonly Group[]) {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: { ...(name && { name }) },
      versions: [...versions].map(([v, content]) => discoveredVersion(v, content)),
    })),
  };
}

const discoveredVersion = (version: string, content: VersionContent) => ({
  version,
  ...(isForeign(content)
    ? { ...(content.resources.length > 0 && { resources: content.resources }), freshness: content.freshness }
    : { resources: content.map(discoveredResource), freshness: 'Current' }),
});

function discoveredResource(served: Served) {
  const { shortNames, categories } = served;
  return {
    resource: served.resource,
    responseKind: responseKind(served, { kind: served.kind }),
    scope: served.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: served.singular,
    verbs: verbsOf(served),
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(served.subresources.size > 0 && {
      subresources: [...served.subresources.values()].map((sub) => discoveredSubresource(served, sub)),
    }),
  };
}

/** Of built-in kinds, the group and the version are said where they are not those of the document. */
function responseKind(served: Served, { group, version, kind }: Pick<SubresourceFacts, 'group' | 'version' | 'kind'>) {
  const own = served.custom ? served : { group: '', version: '' };
  return { group: group ?? own.group, version: version ?? own.version, kind };
}

const discoveredSubresource = (served: Served, sub: SubresourceFacts) => ({
  subresource: sub.name,
  responseKind: responseKind(served, sub),
  verbs: sorted(sub.verbs),
});
