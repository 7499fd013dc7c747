import type { KubeObject, Mutable } from '../../../api/object.ts';
import type { ResourceQuota } from '../../../api/types/core-v1.gen.ts';
import { amountsOf, only, plus, type Usage, usageOf } from '../../../resources/quota/usage.ts';
import type { Entry, Store, StoreKey } from '../../../store/store.ts';
import type { Charge } from '../admission.ts';

const nothing: Usage = new Map();

/** One quota and what a write asks of it. */
export interface Demand {
  readonly quota: Entry;
  readonly usage: Usage;
}

const idOf = ({ namespace, name }: StoreKey): string => `${namespace}/${name}`;

/** What writes that are under way will use, beyond what the quotas say is used. */
export class Reservations {
  readonly #store: Store;
  readonly #byQuota = new Map<string, Set<Usage>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** What is reserved of a quota. */
  of(key: StoreKey): Usage {
    let total = nothing;
    for (const usage of this.#byQuota.get(idOf(key)) ?? []) total = plus(total, usage);
    return total;
  }

  /** Reserves until the charge is settled or released. */
  hold(demands: readonly Demand[]): Charge {
    for (const { quota, usage } of demands) {
      const id = idOf(quota.key);
      const held = this.#byQuota.get(id);
      if (held) held.add(usage);
      else this.#byQuota.set(id, new Set([usage]));
    }
    const release = () => {
      for (const { quota, usage } of demands) {
        const id = idOf(quota.key);
        const held = this.#byQuota.get(id);
        if (held?.delete(usage) && held.size === 0) this.#byQuota.delete(id);
      }
    };
    return {
      release,
      settle: async () => {
        release();
        await Promise.all(demands.map((demand) => this.#write(demand)));
      },
    };
  }

  /** Adds to the usage of a quota, whatever has become of it meanwhile. */
  async #write({ quota, usage }: Demand): Promise<void> {
    const head = this.#store.head(quota.key);
    if (head?.object.metadata.uid !== quota.object.metadata.uid) return;
    const { status, ...rest } = head!.object as unknown as ResourceQuota;
    const hard = usageOf(status?.hard);
    const used = amountsOf(
      plus(
        usageOf(status?.used),
        only(usage, (name) => hard.has(name)),
      ),
    );
    const next = { ...rest, metadata: { ...rest.metadata }, status: { ...status, used } };
    await this.#store.update(quota.key, next as unknown as Mutable<KubeObject>, head!.revision);
  }
}
