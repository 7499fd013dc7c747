import { configMaps, secrets } from '../api/kinds.gen.ts';
import { isStatus } from '../api/status.ts';
import type { Scope } from '../base/scope.ts';
import type { Client } from '../client/client.ts';
import { Informer } from '../client/informer.ts';
import type { ReflectorEnvironment } from '../client/reflector.ts';
import type { ConfigObject } from './types.ts';

export type ConfigKind = 'configmap' | 'secret';

/** Whose reference it is: the node asks as itself, and only while a pod of its holds the reference. */
export interface ConfigReader {
  readonly node: string;
  readonly namespace: string;
  readonly podUid: string;
}

interface Watched {
  readonly informer: Informer<ConfigObject>;
  readonly stop: AbortController;
  readonly holders: Set<string>;
}

/**
 * The ConfigMaps and Secrets that pods refer to, each kept by a watch on that one object for as long as a pod holds
 * it. A first read asks the server directly, so that a refusal is an error and not a wait.
 */
export class ConfigCache {
  readonly #clientOf: (node: string) => Client;
  readonly #env: ReflectorEnvironment;
  readonly #scope: Scope;
  readonly #changed: (node: string, podUid: string) => void;
  readonly #watched = new Map<string, Watched>();

  /** `changed` hears of every pod one of whose references changed. */
  constructor(options: {
    clientOf: (node: string) => Client;
    env: ReflectorEnvironment;
    scope: Scope;
    changed: (node: string, podUid: string) => void;
  }) {
    this.#clientOf = options.clientOf;
    this.#env = options.env;
    this.#scope = options.scope;
    this.#changed = options.changed;
  }

  /** The object, or undefined when there is none. Throws what the server refuses with. */
  async read(
    reader: ConfigReader,
    kind: ConfigKind,
    name: string,
    signal: AbortSignal,
  ): Promise<ConfigObject | undefined> {
    const { informer } = this.#hold(reader, kind, name);
    if (informer.synced) return informer.get({ namespace: reader.namespace, name });
    const resource = this.#clientOf(reader.node).resource<ConfigObject>(kind === 'configmap' ? configMaps : secrets);
    try {
      return await resource.get({ namespace: reader.namespace, name }, { signal });
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** Lets go of everything a pod held. */
  release(podUid: string): void {
    for (const [key, watched] of this.#watched) {
      if (!watched.holders.delete(podUid) || watched.holders.size) continue;
      watched.stop.abort();
      this.#watched.delete(key);
    }
  }

  #hold(reader: ConfigReader, kind: ConfigKind, name: string): Watched {
    const key = `${reader.node}/${kind}/${reader.namespace}/${name}`;
    let watched = this.#watched.get(key);
    if (!watched) {
      watched = this.#watch(reader, kind, name);
      this.#watched.set(key, watched);
    }
    watched.holders.add(reader.podUid);
    return watched;
  }

  #watch(reader: ConfigReader, kind: ConfigKind, name: string): Watched {
    const ref = kind === 'configmap' ? configMaps : secrets;
    const { group, version, resource } = ref;
    const selection = {
      resource: { group, version, resource },
      namespace: reader.namespace,
      fieldSelector: `metadata.name=${name}`,
    };
    const informer = new Informer<ConfigObject>(this.#clientOf(reader.node).transport, selection, this.#env);
    const watched: Watched = { informer, stop: new AbortController(), holders: new Set() };
    const tell = () => {
      for (const uid of watched.holders) this.#changed(reader.node, uid);
    };
    informer.on({ added: tell, updated: tell, deleted: tell });
    this.#scope.spawn(`watch of ${kind} ${reader.namespace}/${name}`, (signal) =>
      informer.run(AbortSignal.any([signal, watched.stop.signal])),
    );
    return watched;
  }
}
