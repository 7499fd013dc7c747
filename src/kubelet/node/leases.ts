import { leases } from '../../api/kinds.gen.ts';
import { thaw } from '../../api/object.ts';
import { isStatus } from '../../api/status.ts';
import type { Lease } from '../../api/types/coordination-v1.gen.ts';
import { type Clock, microTimestamp } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Client } from '../../client/client.ts';
import { abortable } from '../abortable.ts';

const namespace = 'kube-node-lease';
/** Seconds. Source: kubelet defaults. */
const duration = 40;
const renewEvery = 10_000;

interface Holder {
  readonly client: Client;
  readonly uid: string;
  lease: Lease | undefined;
}

/**
 * Renews the leases of all running nodes together, every ten seconds: the writes are lazy, so that a thousand of them
 * are one commit.
 */
export class Leases {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #holders = new Map<string, Holder>();

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Starts to hold the lease of a node, at once. `uid` is the Node object's. */
  async hold(node: string, client: Client, uid: string, signal: AbortSignal): Promise<void> {
    const holder: Holder = { client, uid, lease: undefined };
    this.#holders.set(node, holder);
    await this.#renew(node, holder, signal);
  }

  drop(node: string): void {
    this.#holders.delete(node);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(renewEvery, signal).catch(() => undefined);
      if (signal.aborted) return;
      const renewals = [...this.#holders].map(([node, holder]) => this.#renew(node, holder, signal));
      // A lazy write may still wait for its batch when krill stops: nobody needs its answer.
      await abortable(Promise.all(renewals), signal).catch(() => undefined);
    }
  }

  async #renew(node: string, holder: Holder, signal: AbortSignal): Promise<void> {
    try {
      holder.lease = holder.lease
        ? await this.#update(holder, holder.lease, signal)
        : await this.#create(node, holder, signal);
    } catch (error) {
      holder.lease = undefined;
      if (!signal.aborted) this.#log.warn('lease not renewed', { node, error });
    }
  }

  #update(holder: Holder, lease: Lease, signal: AbortSignal): Promise<Lease> {
    const next = thaw(lease);
    next.spec = { ...next.spec, renewTime: microTimestamp(this.#clock.wall()) };
    return holder.client.resource(leases).update(next, { lazy: true, signal });
  }

  async #create(node: string, holder: Holder, signal: AbortSignal): Promise<Lease> {
    const resource = holder.client.resource(leases);
    const owner = { apiVersion: 'v1', kind: 'Node', name: node, uid: holder.uid };
    const spec = {
      holderIdentity: node,
      leaseDurationSeconds: duration,
      renewTime: microTimestamp(this.#clock.wall()),
    };
    const lease: Lease = { metadata: { name: node, namespace, ownerReferences: [owner] }, spec };
    try {
      return await resource.create(lease, { signal });
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) throw error;
      const existing = await resource.get({ namespace, name: node }, { signal });
      const next = thaw(existing);
      next.metadata.ownerReferences = [owner];
      next.spec = { ...next.spec, ...spec };
      return resource.update(next, { signal });
    }
  }
}
