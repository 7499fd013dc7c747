import { isStatus } from '../../api/status.ts';
import type { APIService } from '../../api/types/apiregistration-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Transport } from '../../client/call.ts';
import { type ReconcileResult, Reconciler, type Runnable } from '../../client/reconciler.ts';
import type { Change, Store, Watch } from '../../store/store.ts';
import {
  type Availability,
  failedCheck,
  localAvailability,
  passed,
  serviceProblem,
  statusWith,
} from './availability.ts';
import type { AvailabilityMetrics } from './availability-metrics.ts';
import { type ForeignApi, foreignApi, sameServer } from './foreign-api.ts';
import { apiServicesResource, type ForeignApis } from './foreign-apis.ts';
import { RetryDelays } from './retry-delays.ts';
import { serviceOf, slicesOf } from './service-address.ts';

export interface AvailabilityOptions {
  readonly store: Store;
  readonly apis: ForeignApis;
  readonly metrics: AvailabilityMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly transport: () => Transport;
  /** Asks the server for its resources. Rejects with why it does not answer. */
  readonly probe: (api: ForeignApi) => Promise<void>;
}

/** How long what was found out holds, unless something changes. Source: the controller's resync. */
const recheckEvery = 30_000;

const apiServices = { group: 'apiregistration.k8s.io', version: 'v1', resource: 'apiservices' };

/**
 * Says in each APIService whether its server can be had: looks at the Service and asks the server, when either changes and
 * every half minute. Services are watched only while there is a server to be found behind one.
 */
export class AvailabilityController implements Runnable {
  readonly #options: AvailabilityOptions;
  readonly #reconciler: Reconciler;
  readonly #delays = new RetryDelays();
  #watches: Watch[] = [];

  constructor(options: AvailabilityOptions) {
    const { apis, clock, log } = options;
    this.#options = options;
    this.#reconciler = new Reconciler({
      name: 'remote-availability',
      clock,
      log,
      reconcile: ({ key, signal }) => this.#check(key, signal),
    });
    apis.onChange((before, after) => {
      this.#watchServices();
      // Not for what was just said here.
      if (!before || !after || !sameServer(before, after)) this.#reconciler.add((after ?? before)!.name);
    });
    this.#watchServices();
    for (const { name } of apis.all()) this.#reconciler.add(name);
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#reconciler.run(signal);
    this.#unwatch();
  }

  #watchServices(): void {
    const { store, apis } = this.#options;
    if (apis.size === 0) return void this.#unwatch();
    if (this.#watches.length > 0) return;
    const follow = (resource: string, nameOf: (change: Change) => string | undefined) =>
      store.watch(resource, { after: store.revision }, { changes: (changes) => this.#touched(changes, nameOf) });
    this.#watches = [
      follow('services', ({ entry }) => entry.key.name),
      follow(
        'endpointslices.discovery.k8s.io',
        ({ entry }) => entry.object.metadata.labels?.['kubernetes.io/service-name'],
      ),
    ];
  }

  #unwatch(): void {
    for (const watch of this.#watches) watch.close();
    this.#watches = [];
  }

  #touched(changes: readonly Change[], nameOf: (change: Change) => string | undefined): void {
    for (const change of changes) {
      const { namespace } = change.entry.key;
      const name = nameOf(change);
      for (const api of this.#options.apis.all())
        if (api.service.name === name && api.service.namespace === namespace) this.#reconciler.add(api.name);
    }
  }

  async #check(name: string, signal: AbortSignal): Promise<ReconcileResult> {
    const { store, clock } = this.#options;
    const stored = store.get({ resource: apiServicesResource, namespace: '', name })?.object as APIService | undefined;
    const api = stored && foreignApi(stored);
    const availability = api ? await this.#availabilityOf(api) : localAvailability;
    if (stored) await this.#say(stored, availability, clock.wall(), signal);
    if (availability.reason === 'FailedDiscoveryCheck') return { after: this.#delays.next(name) };
    this.#delays.forget(name);
    return api ? { after: recheckEvery } : {};
  }

  async #availabilityOf(api: ForeignApi): Promise<Availability> {
    const { store, probe } = this.#options;
    const problem = serviceProblem(api.service, serviceOf(store, api.service), slicesOf(store, api.service));
    if (problem) return problem;
    try {
      await probe(api);
      return passed;
    } catch (error) {
      return failedCheck((error as Error).message);
    }
  }

  async #say(stored: APIService, availability: Availability, now: number, signal: AbortSignal): Promise<void> {
    const status = statusWith(stored.status, availability, now);
    if (!status) return;
    const name = stored.metadata.name!;
    this.#options.metrics.note(name, foreignApi(stored)?.available ?? false, availability);
    const call = { verb: 'update', resource: apiServices, name, subresource: 'status' } as const;
    try {
      await this.#options.transport().call({ ...call, object: { ...stored, status } }, signal);
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }
}
