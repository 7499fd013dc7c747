import { groupResource, type KubeObject } from '../../api/object.ts';
import { isStatus } from '../../api/status.ts';
import type { Transport, WatchEvent } from '../../client/call.ts';
import { type Mirror, Reflector, type ReflectorEnvironment } from '../../client/reflector.ts';
import type { Catalog, CatalogEntry } from '../catalog.ts';
import type { OwnerGraph } from './graph.ts';

/** Resources whose objects come and go by themselves and own nothing. */
const ignored = new Set(['events', 'events.events.k8s.io']);

const isCollected = (id: string, { verbs }: CatalogEntry): boolean =>
  !ignored.has(id) && verbs.includes('watch') && verbs.includes('delete');

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

  /** Watches everything there is. */
  start(): void {
    for (const entry of this.#catalog.list()) this.change(undefined, entry);
  }

  /** Follows a change of the catalogue. */
  change(before: CatalogEntry | undefined, after: CatalogEntry | undefined): void {
    const id = groupResource((after ?? before)!);
    const running = this.#running.get(id);
    const wanted = after !== undefined && isCollected(id, after);
    if (running && wanted && running.entry.version === after.version) return;
    if (running) {
      running.stop.abort();
      this.#running.delete(id);
      this.#mark(id);
      if (!wanted) for (const uid of this.#graph.uidsOf(running.entry)) this.#graph.remove(uid, 'unseen');
    }
    if (wanted) this.#start(id, after);
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
