import type { GroupVersionResource, KubeObject, ListMeta } from '../api/object.ts';

/**
 * One API request as data, whatever carried it: HTTP or the in-process transport. Authorization, admission and
 * validation see the same call either way.
 */
export interface Call {
  readonly verb: Verb;
  readonly resource: GroupVersionResource;
  /** "" or absent for cluster scope and for all namespaces. */
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  /** The body of create, update and connect-like creates (binding, eviction, token). Ownership passes to the server, which changes and freezes it. */
  readonly object?: unknown;
  /** Ownership of its body passes, too. */
  readonly patch?: Patch;
  readonly options?: CallOptions;
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

export interface Patch {
  readonly type: 'json' | 'merge' | 'strategic' | 'apply';
  readonly body: unknown;
}

/** Query parameters and DeleteOptions, decoded. Durations are in seconds as on the wire. */
export interface CallOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Of custom.metrics.k8s.io: which of a metric's series are meant. */
  readonly metricLabelSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  readonly sendInitialEvents?: boolean;
  readonly allowWatchBookmarks?: boolean;
  readonly timeoutSeconds?: number;
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
  readonly force?: boolean;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly orphanDependents?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  /** In-process only: the write may wait up to a second to join a batch (leases, events, heartbeats). */
  readonly lazy?: boolean;
}

/** Who is asking. */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** A list as the in-process transport returns it: frozen, shared values. */
export interface ObjectList<T = KubeObject> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly T[];
}

/** A watch event. BOOKMARK objects carry only metadata.resourceVersion (and annotations). */
export type WatchEvent<T = KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: T }
  | { readonly type: 'ERROR'; readonly object: KubeObject };

/** Receives the events of one watch, in order, in batches. Must not block. */
export interface WatchHandler<T = KubeObject> {
  events(events: readonly WatchEvent<T>[]): void;
  /** The server ended the watch: timeout, shutdown, or an error Status. */
  end(error?: Error): void;
}

/**
 * Carries calls to an API server as one identity. The in-process transport hands over frozen shared values; the HTTPS
 * transport parses its own. Failures are `StatusError`s either way.
 */
export interface Transport {
  /** Every verb but watch. Lists resolve with an `ObjectList`; delete with the object or a Status. */
  call(call: Call, signal?: AbortSignal): Promise<KubeObject>;
  /** Resolves once the watch stands; aborting the signal ends it without `end` being called. */
  watch(call: Call, handler: WatchHandler, signal: AbortSignal): Promise<void>;
  /** The same server as another identity (in-process), or with impersonation headers (HTTPS). */
  as(user: UserInfo): Transport;
}
