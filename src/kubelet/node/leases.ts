import { leases } from '../../api/kinds.gen.ts';
import { thaw } from '../../api/object.ts';
import { isStatus } from '../../api/status.ts';
import type { Lease } from '../../api/types/coordination-v1.gen.ts';
import { type Clock, microTimestamp } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Client } from '../../client/client.ts';
import { Rounds } from './rounds.ts';

const namespace = 'kube-node-lease';
/** Seconds. Source: kubelet defaults. */
const usual = 40;
/**
 * Seconds, of nodes that cannot fall silent by themselves: a renewal every 40 seconds is still heard before the node
 * lifecycle controller's 50 are over, and a thousand such nodes cost a quarter of what they would.
 */
const relaxed = 160;

/** Renewals in the time of a lease. Source: kubelet `nodeLeaseRenewIntervalFraction`. */
const renewals = 4;
const roundOf = (duration: number) => (duration * 1000) / renewals;

interface Holder {
  readonly client: Client;
  readonly uid: string;
  /** Seconds. */
  readonly duration: number;
  lease: Lease | undefined;
}

/** Renews the leases of all running nodes: the writes are lazy, so that those of many nodes are one commit. */
export class Leases {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #holders = new Map<string, Holder>();
  readonly #rounds: Rounds;

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
    this.#rounds = new Rounds(clock, roundOf(usual), (node, signal) => this.#renew(node, signal));
  }

  /** Starts to hold the lease of a node, at once. `uid` is the Node object's. */
  async hold(node: string, uid: string, client: Client, runsProcesses: boolean, signal: AbortSignal): Promise<void> {
    const holder: Holder = { client, uid, duration: runsProcesses ? usual : relaxed, lease: undefined };
    this.#holders.set(node, holder);
    await this.#renew(node, signal);
    if (this.#holders.get(node) === holder) this.#rounds.add(node, roundOf(holder.duration));
  }

  drop(node: string): void {
    this.#holders.delete(node);
    this.#rounds.delete(node);
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#rounds.run(signal);
  }

  async #renew(node: string, signal: AbortSignal): Promise<void> {
    const holder = this.#holders.get(node);
    if (!holder) return;
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
      leaseDurationSeconds: holder.duration,
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
