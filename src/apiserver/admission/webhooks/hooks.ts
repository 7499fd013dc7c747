import type { KubeObject } from '../../../api/object.ts';
import type { Store } from '../../../store/store.ts';
import { type Configuration, type Hook, hooksOf } from './hook.ts';

/**
 * The webhooks that are configured, by the name of their configuration and then in its order. Follows the store, so that a
 * write looks up nothing; what has not changed is not prepared again.
 */
export class Hooks {
  readonly #store: Store;
  readonly #resource: string;
  readonly #watch: { close(): void };
  readonly #prepared = new WeakMap<KubeObject, readonly Hook[]>();
  #all: readonly Hook[] | undefined;

  /** `resource` is that of the configurations: "mutatingwebhookconfigurations.admissionregistration.k8s.io". */
  constructor(store: Store, resource: string) {
    this.#store = store;
    this.#resource = resource;
    const drop = () => void (this.#all = undefined);
    this.#watch = store.watch(resource, { after: store.revision }, { changes: drop, end: drop });
  }

  get all(): readonly Hook[] {
    // The store lists them by name.
    return (this.#all ??= this.#store.list(this.#resource).entries.flatMap(({ object }) => this.#hooksOf(object)));
  }

  close(): void {
    this.#watch.close();
  }

  #hooksOf(object: KubeObject): readonly Hook[] {
    let hooks = this.#prepared.get(object);
    if (!hooks) this.#prepared.set(object, (hooks = hooksOf(object as unknown as Configuration)));
    return hooks;
  }
}
