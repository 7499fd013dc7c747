import { groupResource, type KubeObject } from '../../api/object.ts';
import { isStatus } from '../../api/status.ts';
import type { Transport, WatchEvent } from '../../client/call.ts';
import { type Mirror, Reflector, type ReflectorEnvironment } from '../../client/reflector.ts';
import type { Catalog, CatalogEntry } from '../catalog.ts';
import type { OwnerGraph } from './graph.ts';

/** Resources whose objects come and go by themselves and own nothing. */
const ignored = new Set(['events', 'events.events.k8s.io']);

/** One watch per resource that can be collected, kept in step with the catalogue, all feeding the graph. */
export class Monitors {
  readonly #transport: Transport;
  readonly #catalog: Catalog;
  readonly #graph: OwnerGraph;
  readonly #env: ReflectorEnvironment;
  readonly #running = new Map<string, { stop: AbortController; entry: CatalogEntry; ended: Promise<void> }>();
  readonly #unsynced = new Set<string>();
  #waiters: Array<() => void> = [];

  constructor(transport: Transport, catalog: Catalog, graph: OwnerGraph, env: ReflectorEnvironment) {
    this.#transport = transport;
    this.#catalog = catalog;
    this.#graph = graph;
    this.#env = env;
  }

  /** Starts what is missing and stops what is no longer served. */
  update(): void {
    const wanted = new Map<string, CatalogEntry>();
    for (const entry of this.#catalog.list()) {
      const id = groupResource(entry);
      if (!ignored.has(id) && entry.verbs.includes('watch') && entry.verbs.includes('delete')) wanted.set(id, entry);
    }
    for (const [id, { stop, entry }] of this.#running) {
      if (wanted.get(id)?.version === entry.version) continue;
      stop.abort();
      this.#running.delete(id);
      this.#mark(id);
      if (!wanted.has(id)) for (const uid of this.#graph.uidsOf(entry)) this.#graph.remove(uid, 'unseen');
    }
    for (const [id, entry] of wanted) if (!this.#running.has(id)) this.#start(id, entry);
  }

  /** Resolves when every monitor has its first list: only then is the graph whole. */
  async whenSynced(signal: AbortSignal): Promise<void> {
    while (this.#unsynced.size > 0) {
      signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiters.push(resolve);
      await promise.finally(() => signal.removeEventListener('abort', onAbort));
    }
  }

  async close(): Promise<void> {
    for (const { stop } of this.#running.values()) stop.abort();
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  #mark(id: string): void {
    this.#unsynced.delete(id);
    if (this.#unsynced.size === 0) for (const resolve of this.#waiters.splice(0)) resolve();
  }

  #start(id: string, entry: CatalogEntry): void {
    this.#unsynced.add(id);
    const stop = new AbortController();
    const { group, version, resource } = entry;
    const mirror = this.#mirror(id, entry);
    const reflector = new Reflector(this.#transport, { resource: { group, version, resource } }, mirror, this.#env);
    this.#running.set(id, { stop, entry, ended: reflector.run(stop.signal) });
  }

  #mirror(id: string, entry: CatalogEntry): Mirror {
    const graph = this.#graph;
    let gone = new Set<string>();
    return {
      begin: () => {
        gone = new Set(graph.uidsOf(entry));
      },
      page: (items: readonly KubeObject[]) => {
        for (const item of items) {
          gone.delete(item.metadata.uid ?? '');
          graph.set(entry, item);
        }
      },
      end: () => {
        for (const uid of gone) graph.remove(uid);
        gone.clear();
        this.#mark(id);
      },
      apply: (events: readonly WatchEvent[]) => {
        for (const { type, object } of events) {
          if (type === 'DELETED') graph.remove(object.metadata.uid ?? '');
          else graph.set(entry, object);
        }
      },
      progress: () => {},
      // What is not served (yet) has no objects, and must not hold up the rest.
      failed: (error) => {
        if (isStatus(error, 'NotFound') || isStatus(error, 'MethodNotAllowed')) this.#mark(id);
      },
    };
  }
}
