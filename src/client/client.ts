import type { AnyKind, KubeObject, Mutable } from '../api/object.ts';
import { apiVersionOf, thaw } from '../api/object.ts';
import type { ResourceRef } from '../api/resource-ref.ts';
import type { Status } from '../api/status.ts';
import type { Call, CallOptions, ObjectList, Patch, Transport, UserInfo, WatchHandler } from './call.ts';
import type { Informers } from './informers.ts';
import type { ObjectKey } from './object-key.ts';

/** Options of one request, and the signal that gives it up. */
export type RequestOptions = CallOptions & { readonly signal?: AbortSignal };

/** An object to send: typed, or private and still changeable. It is copied, so it stays the caller's. */
export type Body<T> = T | Mutable<T>;

/** Typed requests as one identity. */
export interface Client {
  readonly transport: Transport;
  resource<T extends AnyKind>(ref: ResourceRef<T>): ResourceClient<T>;
  /** The same client as another identity. */
  as(user: UserInfo): Client;
}

/**
 * A client over a transport. With `informers`, every write that is not lazy resolves only when the shared informer of
 * its resource (if there is one) has seen it: the next reconcile reads its own writes. A deletion that the server answers
 * with a bare Status (over HTTPS) names no revision and is not waited for. `fieldManager` is the name under which writes
 * appear in managedFields.
 */
export function createClient(transport: Transport, informers?: Informers, fieldManager?: string): Client {
  return {
    transport,
    resource: (ref) => new ResourceClient(transport, ref, informers, fieldManager),
    as: (user) => createClient(transport.as(user), informers, fieldManager),
  };
}

/** Requests for one resource. Failures are `StatusError`s. */
export class ResourceClient<T extends AnyKind> {
  readonly ref: ResourceRef<T>;
  readonly #transport: Transport;
  readonly #informers: Informers | undefined;
  readonly #fieldManager: string | undefined;

  constructor(transport: Transport, ref: ResourceRef<T>, informers?: Informers, fieldManager?: string) {
    this.#transport = transport;
    this.ref = ref;
    this.#informers = informers;
    this.#fieldManager = fieldManager;
  }

  get(key: ObjectKey, options: RequestOptions & { subresource?: string } = {}): Promise<T> {
    return this.#call('get', key, options);
  }

  /** One page, or everything when no limit is given. */
  async list(options: RequestOptions & { namespace?: string } = {}): Promise<ObjectList<T>> {
    const { namespace, ...rest } = options;
    return (await this.#call('list', { ...(namespace && { namespace }) }, rest)) as unknown as ObjectList<T>;
  }

  /** The namespace is the object's own. */
  async create(object: Body<T>, options: RequestOptions = {}): Promise<T> {
    const namespace = object.metadata?.namespace;
    return this.#written(
      await this.#call('create', { ...(namespace && { namespace }) }, options, this.#typed(object)),
      options,
    );
  }

  /** Creates at a subresource: binding, eviction, token. The answer is of the subresource's kind. */
  async createSubresource(
    key: ObjectKey,
    subresource: string,
    object: unknown,
    options: RequestOptions = {},
  ): Promise<KubeObject> {
    return (await this.#call('create', key, { ...options, subresource }, object)) as unknown as KubeObject;
  }

  /** Replaces the object; its resourceVersion, if set, is the precondition. */
  async update(object: Body<T>, options: RequestOptions = {}): Promise<T> {
    return this.#written(await this.#call('update', nameOf(object), options, this.#typed(object)), options);
  }

  async updateStatus(object: Body<T>, options: RequestOptions = {}): Promise<T> {
    const sent = { ...options, subresource: 'status' };
    return this.#written(await this.#call('update', nameOf(object), sent, this.#typed(object)), options);
  }

  /** Replaces a subresource whose body may be of another kind (scale, finalize). */
  async updateSubresource(
    key: ObjectKey,
    subresource: string,
    object: unknown,
    options: RequestOptions = {},
  ): Promise<KubeObject> {
    return (await this.#call('update', key, { ...options, subresource }, object)) as unknown as KubeObject;
  }

  async patch(key: ObjectKey, patch: Patch, options: RequestOptions & { subresource?: string } = {}): Promise<T> {
    return this.#written(await this.#call('patch', key, options, undefined, patch), options);
  }

  /** A merge patch, the everyday one. */
  mergePatch(key: ObjectKey, body: unknown, options: RequestOptions & { subresource?: string } = {}): Promise<T> {
    return this.patch(key, { type: 'merge', body }, options);
  }

  /** Resolves with the object's last or terminating state, or with a Status. */
  async delete(key: ObjectKey, options: RequestOptions = {}): Promise<T | Status> {
    return this.#written(await this.#call('delete', key, options), options);
  }

  async deleteCollection(options: RequestOptions & { namespace?: string } = {}): Promise<void> {
    const { namespace, ...rest } = options;
    await this.#call('deletecollection', { ...(namespace && { namespace }) }, rest);
  }

  /** Resolves once the watch stands; aborting the signal ends it without `end` being called. */
  watch(
    options: CallOptions & { namespace?: string; name?: string },
    handler: WatchHandler<T>,
    signal: AbortSignal,
  ): Promise<void> {
    const { namespace, name, ...rest } = options;
    const call = this.#describe('watch', { ...(namespace && { namespace }), ...(name && { name }) }, rest);
    return this.#transport.watch(call, handler as unknown as WatchHandler, signal);
  }

  #describe(verb: Call['verb'], key: Partial<ObjectKey>, options: CallOptions & { subresource?: string }): Call {
    const { subresource, ...rest } = options;
    const { group, version, resource } = this.ref;
    const fieldManager = managed.has(verb) ? this.#fieldManager : undefined;
    return {
      verb,
      resource: { group, version, resource },
      ...(key.namespace && { namespace: key.namespace }),
      ...(key.name && { name: key.name }),
      ...(subresource && { subresource }),
      options: fieldManager ? { fieldManager, ...rest } : rest,
    };
  }

  async #call(
    verb: Call['verb'],
    key: Partial<ObjectKey>,
    options: RequestOptions & { subresource?: string },
    object?: unknown,
    patch?: Patch,
  ): Promise<T> {
    const { signal, ...rest } = options;
    const call = this.#describe(verb, key, rest);
    // In-process the server would change and freeze the very object: it gets a copy, so that callers keep theirs.
    const full = { ...call, ...(object !== undefined && { object: thaw(object) }), ...(patch && { patch }) };
    return (await this.#transport.call(full, signal)) as unknown as T;
  }

  /** Objects may leave their type to the client. */
  #typed(object: Body<T>): unknown {
    if (object.apiVersion && object.kind) return object;
    return { apiVersion: apiVersionOf(this.ref), kind: this.ref.kind, ...object };
  }

  async #written(result: T, options: RequestOptions): Promise<T> {
    const informer = options.lazy || options.dryRun ? undefined : this.#informers?.existing(this.ref);
    const revision = result.metadata?.resourceVersion;
    if (informer?.synced && revision) await informer.seen(revision, options.signal ?? never);
    return result;
  }
}

/** Verbs whose writes are recorded in managedFields. */
const managed: ReadonlySet<Call['verb']> = new Set(['create', 'update', 'patch']);

const never = new AbortController().signal;

function nameOf(object: AnyKind): ObjectKey {
  const { namespace, name } = object.metadata ?? {};
  return { ...(namespace && { namespace }), name: name ?? '' };
}
