import { isDeepStrictEqual } from 'node:util';
import { leases as leasesRef, storageVersions as versionsRef } from '../../api/kinds.gen.ts';
import { timestamp } from '../../base/clock.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { statusWithServers } from '../../resources/apiserverinternal/common-version.ts';
import { identityNamespace } from '../apiserver-leases.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { apiServerUser } from '../users.ts';
import { registrationsOf } from './plan.ts';

/** Says in StorageVersions in which versions this server stores, reads and serves each resource. */
export const storageVersionUpdater: ControllerDescriptor = {
  name: 'built-in-resources-storage-version-updater',
  account: apiServerUser,
  needs: versionsRef,
  build({ name, informers, client, clock, log, apis, apiServer }) {
    const versions = informers.of(versionsRef);
    const leases = informers.of(leasesRef);
    const registrations = new Map(registrationsOf(apis, apiServer.id).map((one) => [one.name, one.entry]));
    const own = { namespace: identityNamespace, name: apiServer.id };
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(versions, leases),
      async reconcile({ key, signal }) {
        // What a server says that has no lease is taken away again.
        if (!leases.get(own)) return;
        const resource = client.resource(versionsRef);
        const entry = registrations.get(key)!;
        const known = versions.get(key);
        const said = known?.status?.storageVersions ?? [];
        if (said.some((one) => isDeepStrictEqual(one, entry))) return;
        const version = known ?? (await resource.create({ metadata: { name: key }, spec: {}, status: {} }, { signal }));
        const at = said.findIndex(({ apiServerID }) => apiServerID === apiServer.id);
        const servers = at < 0 ? [...said, entry] : said.with(at, entry);
        const status = statusWithServers(version, servers, timestamp(clock.wall()));
        await resource.updateStatus({ ...version, status }, { signal });
      },
    });
    const all = () => {
      for (const key of registrations.keys()) reconciler.add(key);
    };
    all();
    leases.on({ added: (lease) => lease.metadata.name === own.name && all() });
    const changed = (version: { readonly metadata: { readonly name?: string } }) => {
      if (registrations.has(version.metadata.name!)) reconciler.add(version.metadata.name!);
    };
    versions.on({ updated: (_, version) => changed(version), deleted: changed });
    return reconciler;
  },
};
