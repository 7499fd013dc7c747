import { leases as leasesRef, storageVersions as versionsRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { StorageVersion } from '../../api/types/apiserverinternal-v1alpha1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import { indexBy } from '../../client/index-map.ts';
import { keyOf } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { statusWithServers } from '../../resources/apiserverinternal/common-version.ts';
import { identityNamespace, isIdentityLease } from '../apiserver-leases.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';

/** Takes from StorageVersions what servers have said whose lease is gone; where nothing is left, they go. */
export const storageVersionGarbageCollector: ControllerDescriptor = {
  name: 'storageversion-garbage-collector-controller',
  account: 'storage-version-garbage-collector',
  needs: versionsRef,
  build(context) {
    return new StorageVersionGarbageCollector(context).reconciler;
  },
};

const byServer = indexBy<StorageVersion>('server', ({ status }) =>
  (status?.storageVersions ?? []).map(({ apiServerID }) => apiServerID),
);

class StorageVersionGarbageCollector {
  readonly reconciler: Reconciler;
  readonly #context: ControllerContext;
  readonly #versions;
  readonly #leases;

  constructor(context: ControllerContext) {
    const { informers, name, clock, log } = context;
    this.#context = context;
    this.#versions = informers.of(versionsRef).index(byServer);
    this.#leases = informers.of(leasesRef);
    this.reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(this.#versions, this.#leases),
      reconcile: ({ key, signal }) => this.#reconcile(key, signal),
    });
    const changed = (version: StorageVersion) => this.reconciler.add(keyOf(version));
    this.#versions.on({ added: changed, updated: (_, version) => changed(version) });
    this.#leases.on({
      deleted: (lease) => {
        if (!isIdentityLease(lease)) return;
        for (const version of this.#versions.by(byServer, lease.metadata.name!)) changed(version);
      },
    });
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<void> {
    const version = this.#versions.get(key);
    const said = version?.status?.storageVersions ?? [];
    if (!version || said.length === 0) return;
    const left = [];
    for (const server of said) if (await this.#isThere(server.apiServerID, signal)) left.push(server);
    if (left.length === said.length) return;
    const resource = this.#context.client.resource(versionsRef);
    try {
      if (left.length === 0) await resource.delete({ name: key }, { signal });
      else {
        const status = statusWithServers(version, left, timestamp(this.#context.clock.wall()));
        await resource.updateStatus({ ...version, status }, { signal });
      }
    } catch (error) {
      // Gone, or written by somebody else: that comes as a change.
      if (!isStatus(error, 'NotFound') && !isStatus(error, 'Conflict')) throw error;
    }
  }

  /** Whether a server has its lease: where the cache knows of none, the API is asked. */
  async #isThere(name: string, signal: AbortSignal): Promise<boolean> {
    const key = { namespace: identityNamespace, name };
    const known = this.#leases.get(key);
    if (known && isIdentityLease(known)) return true;
    try {
      return isIdentityLease(await this.#context.client.resource(leasesRef).get(key, { signal }));
    } catch (error) {
      if (isStatus(error, 'NotFound')) return false;
      throw error;
    }
  }
}
