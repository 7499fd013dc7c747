import { createHash } from 'node:crypto';
import { parseJson } from '../../api/json.ts';
import { encodeOpenApiV2 } from '../../api/openapi/gnostic.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { UserInfo } from '../../client/call.ts';
import { type ReconcileResult, Reconciler, type Runnable } from '../../client/reconciler.ts';
import type { ForeignApi } from './foreign-api.ts';
import type { ForeignApis } from './foreign-apis.ts';
import type { ForeignAnswer, ForeignClient } from './foreign-client.ts';
import { type OpenApiParts, partsBelow } from './openapi-parts.ts';
import { RetryDelays } from './retry-delays.ts';
import { userHeaders } from './user-headers.ts';

export interface ForeignOpenApiOptions {
  readonly apis: ForeignApis;
  readonly client: ForeignClient;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The documents of a group version, as its server described it last. */
export interface ForeignDocuments {
  /** Path and query of the v3 document; undefined where there is none. */
  readonly v3: string | undefined;
  /** Its part of the v2 document. */
  readonly v2: OpenApiParts | undefined;
}

interface Fetched {
  readonly etag: string | undefined;
  /** Of the body: not every server has entity tags. */
  readonly hash: string;
}

const aggregatorUser: UserInfo = { name: 'system:aggregator', groups: [] };

/** How long documents hold, unless their APIService changes. */
const refreshEvery = 60_000;
/** Milliseconds that a server has for one. */
const timeout = 60_000;

const none: ForeignDocuments = { v3: undefined, v2: undefined };

/**
 * The OpenAPI documents of other servers: asked for when a server turns out to be available, and every minute. Those of a server
 * that cannot be asked stay as they were. Source: kube-aggregator `controllers/openapi` and `openapiv3`.
 */
export class ForeignOpenApi implements Runnable {
  readonly #options: ForeignOpenApiOptions;
  readonly #reconciler: Reconciler;
  readonly #delays = new RetryDelays();
  readonly #documents = new Map<string, ForeignDocuments>();
  /** By the name of the APIService and the path. */
  readonly #fetched = new Map<string, Fetched>();
  /** Grows with each change. */
  generation = 0;

  constructor(options: ForeignOpenApiOptions) {
    const { apis, clock, log } = options;
    this.#options = options;
    this.#reconciler = new Reconciler({
      name: 'foreign-openapi',
      clock,
      log,
      reconcile: ({ key }) => this.#refresh(key),
    });
    apis.onChange((before, after) => {
      if (!after) this.#drop(before!.name);
      this.generation++;
      if (after) this.#reconciler.add(after.name);
    });
    for (const { name } of apis.all()) this.#reconciler.add(name);
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#reconciler.run(signal);
  }

  /** All group versions of other servers with their documents, in the order of their names. */
  all(): (readonly [ForeignApi, ForeignDocuments])[] {
    return [...this.#options.apis.all()]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((api) => [api, this.documentsOf(api)]);
  }

  /** Of a group version that another server serves. */
  documentsOf({ name }: ForeignApi): ForeignDocuments {
    return this.#documents.get(name) ?? none;
  }

  get isEmpty(): boolean {
    return this.#options.apis.size === 0;
  }

  #drop(name: string): void {
    this.#documents.delete(name);
    this.#delays.forget(name);
    for (const path of ['/openapi/v3', '/openapi/v2']) this.#fetched.delete(`${name} ${path}`);
  }

  async #refresh(name: string): Promise<ReconcileResult> {
    const api = this.#options.apis.named(name);
    // One that is not available is heard of when it is.
    if (!api?.available) return {};
    try {
      await this.#update(api, '/openapi/v3', (body) => ({ v3: body && v3Path(body, api) }));
      await this.#update(api, '/openapi/v2', (body) => ({ v2: body && v2Parts(body, api) }));
      this.#delays.forget(name);
      return { after: refreshEvery };
    } catch (error) {
      this.#options.log.debug('the OpenAPI documents of an aggregated server could not be had', { name, error });
      return { after: this.#delays.next(name) };
    }
  }

  /** Asks for a document; `read` makes of it, or of its absence, what is known of the group version. */
  async #update(
    api: ForeignApi,
    path: string,
    read: (body: Buffer | undefined) => Partial<ForeignDocuments>,
  ): Promise<void> {
    const key = `${api.name} ${path}`;
    const known = this.#fetched.get(key);
    const answer = await this.#ask(api, path, known?.etag);
    if (answer.code === 304 && known) return;
    if (answer.code !== 200 && answer.code !== 404)
      throw new Error(`failed to retrieve openAPI spec, http error: ${answer.code}`);
    const body = answer.code === 200 ? answer.body : undefined;
    const hash = createHash('sha256')
      .update(body ?? '')
      .digest('base64');
    if (hash === known?.hash) return;
    const documents = { ...(this.#documents.get(api.name) ?? none), ...read(body) };
    if (!this.#options.apis.named(api.name)) return;
    this.#fetched.set(key, { etag: body && answer.headers.etag, hash });
    this.#documents.set(api.name, documents);
    this.generation++;
  }

  #ask(api: ForeignApi, path: string, etag: string | undefined): Promise<ForeignAnswer> {
    const headers = {
      accept: 'application/json',
      ...(etag && { 'if-none-match': etag }),
      ...userHeaders(aggregatorUser),
    };
    return this.#options.client.ask(api, { path, headers }, timeout);
  }
}

/** Where the index of a server has the document of the group version. */
function v3Path(body: Buffer, { path }: ForeignApi): string | undefined {
  const { paths } = parseJson(body).value as { readonly paths?: Readonly<Record<string, unknown>> };
  const entry = paths?.[path.slice(1)] as { readonly serverRelativeURL?: unknown } | undefined;
  const url = entry?.serverRelativeURL;
  // Anything else would lead clients elsewhere.
  return typeof url === 'string' && url.startsWith(`/openapi/v3${path}`) ? url : undefined;
}

/** Throws for a document that cannot be written again. */
function v2Parts(body: Buffer, { path }: ForeignApi): OpenApiParts {
  const parts = partsBelow(parseJson(body).value, `${path}/`);
  encodeOpenApiV2({ ...parts });
  return parts;
}
