import { sameValue } from '../../api/object-meta.ts';
import type { APIVersionDiscovery } from '../../api/types/apidiscovery-v2.gen.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { type ReconcileResult, Reconciler, type Runnable } from '../../client/reconciler.ts';
import type { ForeignVersion, ForeignVersions } from '../discovery/groups.ts';
import { parseClause } from '../encoding/negotiate.ts';
import type { ForeignApi, ServiceReference } from './foreign-api.ts';
import type { ForeignApis } from './foreign-apis.ts';
import type { ForeignAnswer, ForeignClient } from './foreign-client.ts';
import { aggregatorUser } from './probe.ts';
import { readResources, readVersions } from './read-discovery.ts';
import { RetryDelays } from './retry-delays.ts';
import { userHeaders } from './user-headers.ts';

export interface ForeignDiscoveryOptions {
  readonly apis: ForeignApis;
  readonly client: ForeignClient;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The document of one server, by "GROUP/VERSION", with its entity tag where it has one. */
interface Document {
  readonly versions: ReadonlyMap<string, APIVersionDiscovery>;
  readonly etag: string | undefined;
}

/** How long a document holds, unless its APIService changes. */
const refreshEvery = 60_000;
/** Milliseconds that a server has for it. */
const timeout = 5_000;

const accepted = (version: string) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;

/**
 * What is known of the versions that other servers serve: asked for when an APIService comes, or turns out to be available, and
 * every minute. A version whose server cannot be asked keeps what it had, and is stale. Source: kube-aggregator
 * `handler_discovery.go`.
 */
export class ForeignDiscovery implements ForeignVersions, Runnable {
  readonly #options: ForeignDiscoveryOptions;
  readonly #reconciler: Reconciler;
  readonly #delays = new RetryDelays();
  readonly #versions = new Map<string, ForeignVersion>();
  /** By server: one may have several group versions. */
  readonly #documents = new Map<string, Document>();
  generation = 0;

  constructor(options: ForeignDiscoveryOptions) {
    const { apis, clock, log } = options;
    this.#options = options;
    this.#reconciler = new Reconciler({
      name: 'foreign-discovery',
      clock,
      log,
      reconcile: ({ key }) => this.#refresh(key),
    });
    apis.onChange((before, after) => {
      if (after) this.#note(after);
      else this.#drop(before!);
    });
    for (const api of apis.all()) this.#note(api);
  }

  versions(): readonly ForeignVersion[] {
    return [...this.#versions.values()];
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#reconciler.run(signal);
  }

  /** A version is shown from the first on, so that who looks for it sees that its server is missing. */
  #note(api: ForeignApi): void {
    const known = this.#versions.get(api.name);
    this.#set(api, known?.resources ?? [], known?.freshness ?? 'Stale');
    this.#reconciler.add(api.name);
  }

  #drop(api: ForeignApi): void {
    this.#versions.delete(api.name);
    this.#delays.forget(api.name);
    const key = serverKey(api.service);
    if (![...this.#options.apis.all()].some(({ service }) => serverKey(service) === key)) this.#documents.delete(key);
    this.generation++;
  }

  #set(api: ForeignApi, resources: ForeignVersion['resources'], freshness: ForeignVersion['freshness']): void {
    const { name, group, version, groupPriority, versionPriority } = api;
    const next = { group, version, groupPriority, versionPriority, resources, freshness };
    if (sameValue(this.#versions.get(name), next)) return;
    this.#versions.set(name, next);
    this.generation++;
  }

  async #refresh(name: string): Promise<ReconcileResult> {
    const api = this.#options.apis.named(name);
    if (!api) return {};
    try {
      if (!api.available) throw new Error('service unavailable');
      const resources = await this.#resourcesOf(api);
      // It may have become another meanwhile, which is looked at next.
      if (this.#options.apis.named(name) === api) this.#set(api, resources, 'Current');
      this.#delays.forget(name);
      return { after: refreshEvery };
    } catch (error) {
      this.#options.log.debug('an aggregated server could not be asked what it serves', { name, error });
      const now = this.#options.apis.named(name);
      if (now) this.#set(now, this.#versions.get(name)?.resources ?? [], 'Stale');
      // One that is not available is heard of when it is.
      return { after: api.available ? this.#delays.next(name) : refreshEvery };
    }
  }

  async #resourcesOf(api: ForeignApi): Promise<ForeignVersion['resources']> {
    const key = serverKey(api.service);
    const known = this.#documents.get(key);
    const accept = `${accepted('v2')},${accepted('v2beta1')}`;
    const root = api.group === '' ? '/api' : '/apis';
    const answer = await this.#ask(api, root, { accept, ...(known?.etag && { 'if-none-match': known.etag }) });
    if (answer.code === 304 && known) return known.versions.get(`${api.group}/${api.version}`)?.resources ?? [];
    if (answer.code === 503) throw new Error(`service ${key} returned non-success response code: 503`);
    const version = answer.code === 200 ? documentVersion(answer) : undefined;
    if (!version) return this.#resourceList(api);
    const document = { versions: readVersions(answer.body, version), etag: answer.headers.etag };
    this.#documents.set(key, document);
    return document.versions.get(`${api.group}/${api.version}`)?.resources ?? [];
  }

  /** Of a server that has no document of all it serves. */
  async #resourceList(api: ForeignApi): Promise<ForeignVersion['resources']> {
    const { code, body } = await this.#ask(api, api.path, { accept: 'application/json' });
    if (code !== 200) throw new Error(`failed to download legacy discovery for ${api.path}: ${code}`);
    return readResources(body);
  }

  #ask(api: ForeignApi, path: string, headers: Record<string, string>): Promise<ForeignAnswer> {
    return this.#options.client.ask(api, { path, headers: { ...headers, ...userHeaders(aggregatorUser) } }, timeout);
  }
}

const serverKey = ({ namespace, name, port }: ServiceReference): string => `${namespace}/${name}:${port}`;

/** The version of an aggregated document; undefined for any other answer. */
function documentVersion({ headers }: ForeignAnswer): string | undefined {
  const { type, params } = parseClause(headers['content-type'] ?? '');
  const version = params.get('v') ?? '';
  const isDocument =
    type === 'application/json' &&
    params.get('g') === 'apidiscovery.k8s.io' &&
    params.get('as') === 'APIGroupDiscoveryList' &&
    ['v2', 'v2beta1'].includes(version);
  return isDocument ? version : undefined;
}
