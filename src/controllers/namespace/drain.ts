import type { KubeObject } from '../../api/object.ts';
import { groupResource } from '../../api/object.ts';
import type { ResourceRef } from '../../api/resource-ref.ts';
import type { Transport, WatchEvent } from '../../client/call.ts';
import { keyOf } from '../../client/object-key.ts';
import { type Mirror, Reflector, type ReflectorEnvironment } from '../../client/reflector.ts';

/**
 * Watches what is left in namespaces under deletion, one watch per (namespace, resource), and tells when a resource is
 * empty there. Nothing polls: a namespace goes on in the turn in which its last pod went.
 */
export class DrainWatches {
  readonly #transport: Transport;
  readonly #env: ReflectorEnvironment;
  readonly #empty: (namespace: string) => void;
  readonly #watches = new Map<string, AbortController>();
  readonly #runs = new Set<Promise<void>>();
  #closed = false;

  constructor(transport: Transport, env: ReflectorEnvironment, empty: (namespace: string) => void) {
    this.#transport = transport;
    this.#env = env;
    this.#empty = empty;
  }

  /** Begins to watch a resource in a namespace unless it does already. */
  watch(namespace: string, resource: ResourceRef): void {
    const id = `${namespace}/${groupResource(resource)}`;
    if (this.#closed || this.#watches.has(id)) return;
    const stop = new AbortController();
    this.#watches.set(id, stop);
    const left = new Set<string>();
    const check = () => {
      if (left.size > 0 || stop.signal.aborted) return;
      this.#watches.delete(id);
      stop.abort();
      this.#empty(namespace);
    };
    const mirror: Mirror = {
      begin: () => left.clear(),
      page: (items: readonly KubeObject[]) => {
        for (const item of items) left.add(keyOf(item));
      },
      end: check,
      apply: (events: readonly WatchEvent[]) => {
        for (const { type, object } of events) {
          if (type === 'DELETED') left.delete(keyOf(object));
          else left.add(keyOf(object));
        }
        check();
      },
      progress: () => {},
    };
    const { group, version, resource: name } = resource;
    const reflector = new Reflector(
      this.#transport,
      { resource: { group, version, resource: name }, namespace },
      mirror,
      this.#env,
    );
    const run = reflector.run(stop.signal).finally(() => this.#runs.delete(run));
    this.#runs.add(run);
  }

  /** Ends the watches of a namespace that is gone. */
  release(namespace: string): void {
    for (const [id, stop] of this.#watches) {
      if (!id.startsWith(`${namespace}/`)) continue;
      this.#watches.delete(id);
      stop.abort();
    }
  }

  /** Ends everything. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#watches.values()) stop.abort();
    this.#watches.clear();
    await Promise.all(this.#runs);
  }
}
