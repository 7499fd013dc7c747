import type { AnyKind, GroupVersionResource } from '../api/object.ts';
import { groupResource } from '../api/object.ts';
import type { ResourceRef } from '../api/resource-ref.ts';
import { servedApis } from '../api/served-apis.ts';
import type { Transport } from './call.ts';
import { Informer } from './informer.ts';
import type { ReflectorEnvironment } from './reflector.ts';

export interface InformersEnvironment extends ReflectorEnvironment {
  /** Which built-in resources the server serves; those that are on by default unless given. */
  readonly serves?: (ref: GroupVersionResource) => boolean;
}

/**
 * The shared caches of one identity: one informer per resource, over all namespaces, however many parts read it.
 * Informers asked for before `run` start with it, later ones at once.
 */
export class Informers {
  readonly #transport: Transport;
  readonly #env: InformersEnvironment;
  readonly #informers = new Map<string, Informer>();
  readonly #runs = new Set<Promise<void>>();
  #signal: AbortSignal | undefined;
  /** Where handlers that are being put on are noted, while `collect` runs. */
  #collected: (() => void)[] | undefined;

  constructor(transport: Transport, env: InformersEnvironment) {
    this.#transport = transport;
    this.#env = env;
  }

  /** Runs `build`; `release` takes off every handler that it put on informers of this set. */
  collect<T>(build: () => T): { readonly built: T; readonly release: () => void } {
    const outer = this.#collected;
    const offs: (() => void)[] = [];
    this.#collected = offs;
    const release = () => {
      for (const off of offs.splice(0)) off();
    };
    try {
      return { built: build(), release };
    } catch (error) {
      release();
      throw error;
    } finally {
      this.#collected = outer;
    }
  }

  /** Whether the server serves a built-in resource at all: one that is switched off by default may not be there. */
  serves(ref: GroupVersionResource): boolean {
    return (this.#env.serves ?? servedApis().serves)(ref);
  }

  /** The informer of a resource, made and started as needed. */
  of<T extends AnyKind>(ref: ResourceRef<T>): Informer<T> {
    return this.#select(ref, groupResource(ref), {});
  }

  /** The informer of the objects of one name, in all namespaces: for who needs no more of a resource with many objects. */
  named<T extends AnyKind>(ref: ResourceRef<T>, name: string): Informer<T> {
    return this.where(ref, `metadata.name=${name}`);
  }

  /** The informer of the objects that a field selector chooses, in all namespaces. */
  where<T extends AnyKind>(ref: ResourceRef<T>, fieldSelector: string): Informer<T> {
    return this.#select(ref, `${groupResource(ref)}?${fieldSelector}`, { fieldSelector });
  }

  #select<T extends AnyKind>(
    ref: ResourceRef<T>,
    id: string,
    selector: { readonly fieldSelector?: string },
  ): Informer<T> {
    let informer = this.#informers.get(id);
    if (!informer) {
      const { group, version, resource } = ref;
      const selection = { resource: { group, version, resource }, ...selector };
      informer = new Informer(this.#transport, selection, this.#env, (off) => void this.#collected?.push(off));
      this.#informers.set(id, informer);
      this.#start(informer);
    }
    return informer as unknown as Informer<T>;
  }

  /** The informer of a resource if there is one already. */
  existing(ref: { group: string; resource: string }): Informer | undefined {
    return this.#informers.get(groupResource(ref));
  }

  /** Resolves when every informer asked for so far has its first list. */
  async synced(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer.whenSynced(signal)));
  }

  /** Keeps all caches until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    for (const informer of this.#informers.values()) this.#start(informer);
    if (!signal.aborted) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    }
    this.#signal = undefined;
    await Promise.all(this.#runs);
  }

  #start(informer: Informer): void {
    if (!this.#signal) return;
    const run = informer.run(this.#signal).finally(() => this.#runs.delete(run));
    this.#runs.add(run);
  }
}
