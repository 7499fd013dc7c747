import type { KubeObject } from '../../api/object.ts';
import type { Transport } from '../../client/call.ts';
import { ensureObjects } from './ensure.ts';
import { resourceOf } from './fixed-objects.ts';
import { joiningNodes } from './join.ts';
import type { Kept } from './keep.ts';
import {
  type BootstrapFacts,
  clusterFacts,
  extensionAuthentication,
  hostedServices,
  systemNamespaces,
} from './objects.ts';

/** The objects that tell of the cluster itself: where its API server and its DNS are, and who they are. */
export class OwnObjects {
  readonly #admin: Transport;
  readonly #known: Omit<BootstrapFacts, 'address'>;
  #facts: readonly KubeObject[] = [];
  #hosted: readonly KubeObject[] = [];

  constructor(admin: Transport, known: Omit<BootstrapFacts, 'address'>) {
    this.#admin = admin;
    this.#known = known;
  }

  /** Writes them: pods reach the API server and the DNS at this address. */
  async reachedAt(address: string): Promise<void> {
    const found: BootstrapFacts = { ...this.#known, address };
    this.#facts = [...clusterFacts(found), ...joiningNodes(found)];
    this.#hosted = [...hostedServices(found), extensionAuthentication(found)];
    await ensureObjects(this.#admin, resourceOf, this.#facts, 'create');
    await ensureObjects(this.#admin, resourceOf, this.#hosted, 'own');
  }

  /** What is put back when somebody takes it away. */
  get kept(): Kept[] {
    return [
      { objects: systemNamespaces, mode: 'create' },
      { objects: this.#facts, mode: 'create' },
      { objects: this.#hosted, mode: 'own' },
    ];
  }
}
