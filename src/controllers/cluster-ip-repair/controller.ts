import {
  ipAddresses as addressesRef,
  serviceCIDRs as rangesRef,
  services as servicesRef,
} from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { Service } from '../../api/types/core-v1.gen.ts';
import type { IPAddress } from '../../api/types/networking-v1.gen.ts';
import { parsePrefix } from '../../base/ip.ts';
import { keyOf } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { defaultServiceCIDR, serviceAddress } from '../../resources/networking/service-address.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import { apiServerUser } from '../users.ts';
import { type Book, clusterIps, judgeObject, judgeService } from './plan.ts';

/**
 * Keeps the cluster IPs of Services and their IPAddress objects in step, whatever users do to either. Both are written
 * together, so there is something to repair only after somebody meddled.
 */
export const clusterIpRepair: ControllerDescriptor = {
  name: 'ipallocator-repair-controller',
  account: apiServerUser,
  build(context) {
    const repair = new ClusterIpRepair(context);
    return { run: (signal) => repair.run(signal) };
  },
};

class ClusterIpRepair {
  readonly #context: ControllerContext;
  readonly #services: Reconciler;
  readonly #objects: Reconciler;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { name, clock, log, informers } = context;
    const services = informers.of(servicesRef);
    const addresses = informers.of(addressesRef);
    const ranges = informers.of(rangesRef);
    // Without the first range nothing can be said about any address.
    const ready = async (signal: AbortSignal) => {
      await synced(services, addresses, ranges)(signal);
      if (ranges.get(defaultServiceCIDR)) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const off = ranges.on({ added: ({ metadata }) => metadata.name === defaultServiceCIDR && resolve() });
      signal.addEventListener('abort', () => resolve(), { once: true });
      await promise.finally(off);
    };
    const common = { name, clock, log, ready };
    this.#services = new Reconciler({ ...common, reconcile: ({ key, signal }) => this.#service(key, signal) });
    this.#objects = new Reconciler({ ...common, reconcile: ({ key, signal }) => this.#object(key, signal) });
    const look = (service: Service) => {
      this.#services.add(keyOf(service));
      // Of what it has had, too, in case that was forgotten.
      for (const ip of clusterIps(service)) this.#objects.add(ip);
    };
    services.on({
      added: look,
      updated: (old, service) => {
        if (clusterIps(old).join() !== clusterIps(service).join()) look(service);
      },
      deleted: look,
    });
    const object = (address: IPAddress) => {
      this.#objects.add(address.metadata.name!);
      const { namespace, name: parent } = address.spec?.parentRef ?? {};
      if (namespace && parent) this.#services.add(`${namespace}/${parent}`);
    };
    addresses.on({
      added: object,
      updated: (_, address) => object(address),
      deleted: object,
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#services.run(signal), this.#objects.run(signal)]);
  }

  async #service(key: string, signal: AbortSignal): Promise<void> {
    const { informers, client, recorder } = this.#context;
    const service = informers.of(servicesRef).get(key);
    if (!service) return;
    const ranges = [...informers.of(rangesRef).values()].flatMap(({ spec }) => spec?.cidrs ?? []);
    const book: Book = {
      ranges: ranges.map(parsePrefix).filter((range) => range !== undefined),
      address: (ip) => informers.of(addressesRef).get(ip),
      service: (namespace, name) => informers.of(servicesRef).get({ namespace, name }),
    };
    const addresses = client.resource(addressesRef);
    for (const { reason, message, repair } of judgeService(service, book)) {
      // The caches of the two kinds may be apart for a moment.
      if (repair?.how === 'create' && (await exists(() => addresses.get({ name: repair.address }, { signal }))))
        continue;
      if (reason) recorder.event(service, 'Warning', reason, message);
      if (!repair) continue;
      if (repair.how === 'recreate') await this.#remove(repair.address, undefined, signal);
      await addresses.create(serviceAddress(repair.address, service), { signal });
    }
  }

  async #object(name: string, signal: AbortSignal): Promise<{ after: number } | undefined> {
    const { informers, clock, recorder, client } = this.#context;
    const object = informers.of(addressesRef).get(name);
    if (!object || object.metadata.deletionTimestamp) return undefined;
    const parent = { namespace: object.spec?.parentRef?.namespace ?? '', name: object.spec?.parentRef?.name ?? '' };
    const service = informers.of(servicesRef).get(parent);
    const verdict = judgeObject(object, service, clock.wall());
    if (verdict.do === 'keep') return undefined;
    if (verdict.do === 'wait') return { after: verdict.ms };
    const fresh = await exists(() => client.resource(servicesRef).get(parent, { signal }));
    if (judgeObject(object, fresh, clock.wall()).do !== 'remove') return undefined;
    recorder.event(object, 'Warning', verdict.reason, verdict.message);
    await this.#remove(name, object.metadata.uid, signal);
    return undefined;
  }

  async #remove(name: string, uid: string | undefined, signal: AbortSignal): Promise<void> {
    const options = { signal, ...(uid !== undefined && { preconditions: { uid } }) };
    await exists(() => this.#context.client.resource(addressesRef).delete({ name }, options));
  }
}

/** What a call answers; undefined when there is no such object. */
async function exists<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isStatus(error, 'NotFound')) return undefined;
    throw error;
  }
}
