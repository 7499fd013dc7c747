import type { KubeObject, Mutable } from '../api/object.ts';
import { badRequest, unknownPath } from '../api/status.ts';
import { atTurnsEnd } from '../base/turns-end.ts';
import type { Call, CallOptions, ObjectList, Transport, UserInfo, WatchEvent, WatchHandler } from '../client/call.ts';
import type { Aggregator } from './aggregation/aggregator.ts';
import type { ForeignApi } from './aggregation/foreign-api.ts';
import type { Authorizer } from './authz/authorizer.ts';
import { authorize } from './authz/authorizer.ts';
import { selectedName } from './authz/selected-name.ts';
import { conformObject } from './encoding/request-body.ts';
import { statusOf } from './errors.ts';
import { decodeTarget } from './registry/decode-target.ts';
import { own } from './registry/equality.ts';
import { type Answer, execute, type VirtualHandlers } from './registry/execute.ts';
import type { Operation, Registry } from './registry/operation.ts';
import type { Served } from './registry/served.ts';
import { answered, inVersion, whenEntriesReady } from './registry/versions.ts';
import { type RawEvent, watch } from './registry/watch.ts';

/** What in-process calls share with requests over HTTP. */
export interface Pipeline {
  readonly registry: Registry;
  readonly authorizer: Authorizer;
  readonly virtual: VirtualHandlers;
  /** Serves what is other servers'. */
  readonly aggregator: Aggregator;
}

const noOptions: CallOptions = {};
const ignore = () => {};

/** Calls by function call: authorization, admission and validation as for anyone, but no HTTP and no JSON. */
export class InProcessTransport implements Transport {
  readonly #pipeline: Pipeline;
  readonly #user: UserInfo;
  /** The last part of the user's name: "deployment-controller", "node-1". */
  readonly #manager: string;

  constructor(pipeline: Pipeline, user: UserInfo) {
    this.#pipeline = pipeline;
    this.#user = user;
    this.#manager = user.name.slice(user.name.lastIndexOf(':') + 1);
  }

  as(user: UserInfo): Transport {
    return new InProcessTransport(this.#pipeline, user);
  }

  async call(call: Call, signal?: AbortSignal): Promise<KubeObject> {
    signal?.throwIfAborted();
    const foreign = this.#foreign(call);
    if (foreign) return this.#pipeline.aggregator.call(foreign, this.#user, call, signal);
    const op = this.#authorized(call, signal);
    try {
      return await asObject(op.served, await execute(this.#pipeline.registry, this.#pipeline.virtual, call.verb, op));
    } catch (error) {
      throw statusOf(error);
    }
  }

  async watch(call: Call, handler: WatchHandler, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const foreign = this.#foreign({ ...call, verb: 'watch' });
    if (foreign) return this.#pipeline.aggregator.watch(foreign, this.#user, call, handler, signal);
    const op = this.#authorized({ ...call, verb: 'watch' }, signal);
    let running: { close(): void } | undefined;
    const onAbort = () => running?.close();
    try {
      // Whoever made a change has the answer before those who follow it do their part.
      running = watch(this.#pipeline.registry, op, {
        events: (events) =>
          atTurnsEnd(() => {
            if (!signal.aborted) handler.events(events.map((event) => watchEvent(op.served, event)));
          }),
        end: (error) =>
          atTurnsEnd(() => {
            signal.removeEventListener('abort', onAbort);
            handler.end(error && statusOf(error));
          }),
      });
    } catch (error) {
      throw statusOf(error);
    }
    signal.addEventListener('abort', onAbort, { once: true });
  }

  /** Whose a call is, when it is another server's and the user may make it. */
  #foreign(call: Call): ForeignApi | undefined {
    const { group, version } = call.resource;
    const foreign = this.#pipeline.aggregator.find(group, version);
    if (foreign) this.#authorize(call, call.namespace ?? '');
    return foreign;
  }

  #authorize({ verb, resource, subresource = '', name = '', options }: Call, namespace: string): void {
    const asked = { verb, group: resource.group, resource: resource.resource, subresource, namespace, name };
    const fieldSelector = options?.fieldSelector;
    const selecting = fieldSelector && { ...asked, name: name || selectedName(verb, fieldSelector), fieldSelector };
    authorize(this.#pipeline.authorizer, this.#user, selecting || asked);
  }

  #authorized(call: Call, signal: AbortSignal | undefined): Operation {
    const { group, version, resource } = call.resource;
    const served = this.#pipeline.registry.served.find(group, version, resource);
    if (!served) throw unknownPath();
    const namespace = served.namespaced ? (call.namespace ?? '') : '';
    if (served.namespaced && !namespace && !wide.has(call.verb))
      throw badRequest(`an empty namespace may not be set when a resource name is provided`);
    this.#authorize(call, resource === 'namespaces' ? (call.name ?? '') : namespace);
    return {
      user: this.#user,
      manager: this.#manager,
      served,
      namespace,
      name: call.name ?? '',
      subresource: call.subresource ?? '',
      options: call.options ?? noOptions,
      object: bodyOf(served, call),
      patch: call.patch,
      warn: ignore,
      signal: () => signal,
    };
  }
}

/** Verbs that make sense over all namespaces. */
const wide: ReadonlySet<string> = new Set(['list', 'watch', 'deletecollection']);

/** The caller's object, private from here on and in canonical form; parts it shares with a cache are copied. */
function bodyOf(served: Served, call: Call): Mutable<KubeObject> | undefined {
  if (call.object === undefined) return undefined;
  return conformObject(own(call.object), decodeTarget(served, call.subresource ?? ''), 'Ignore', ignore);
}

function asObject(served: Served, answer: Answer): KubeObject | Promise<KubeObject> {
  if (answer.as === 'object') return answered(served, answer.object);
  if (answer.as === 'list') return whenEntriesReady(served, answer.entries, () => asList(served, answer));
  return whenEntriesReady(served, [answer.entry], () => inVersion(served, answer.entry.object));
}

function asList(served: Served, answer: Answer & { as: 'list' }): KubeObject {
  const list: ObjectList = {
    apiVersion: served.apiVersion,
    kind: served.listKind,
    metadata: answer.metadata,
    items: answer.entries.map((entry) => inVersion(served, entry.object)),
  };
  return list as unknown as KubeObject;
}

function watchEvent(served: Served, event: RawEvent): WatchEvent {
  const object = event.entry ? event.entry.object : event.object;
  return { type: event.type, object: event.type === 'BOOKMARK' ? object : inVersion(served, object) };
}
