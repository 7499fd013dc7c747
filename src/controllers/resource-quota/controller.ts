import { isDeepStrictEqual } from 'node:util';
import { deviceClasses, pods as podsRef, resourceQuotas as quotasRef } from '../../api/kinds.gen.ts';
import { groupResource } from '../../api/object.ts';
import { isStatus } from '../../api/status.ts';
import type { Pod, ResourceQuota } from '../../api/types/core-v1.gen.ts';
import type { DeviceClass } from '../../api/types/resource-v1.gen.ts';
import { byNamespace, type Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import { countName, type DeviceFacts } from '../../resources/quota/evaluator.ts';
import { evaluatorsOf } from '../../resources/quota/evaluators.ts';
import { amountsOf } from '../../resources/quota/usage.ts';
import { classesByResource } from '../../resources/resource/extended-classes.ts';
import type { CatalogEntry } from '../catalog.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import { QuotaMonitors } from './monitors.ts';
import { type Counted, countedFor, type Found, hardNames, isNumberEnough, nextEnd, saysSo, statusOf } from './plan.ts';

/**
 * Counts what each quota limits whenever that changes. Admission charges for what is new at once; everything else, above
 * all what has gone, shows in the status by this. Source: pkg/controller/resourcequota.
 */
export const resourceQuotaController: ControllerDescriptor = {
  name: 'resourcequota-controller',
  account: 'resourcequota-controller',
  build(context) {
    const controller = new ResourceQuotaController(context);
    return { run: (signal) => controller.run(signal) };
  },
};

/** Milliseconds for which changes are gathered: each look goes over all objects, so that many must not cause many looks. */
const gatherTime = (objects: number): number => (objects < 100 ? 0 : Math.min(100, objects / 50));

class ResourceQuotaController {
  readonly #context: ControllerContext;
  readonly #quotas: Informer<ResourceQuota>;
  readonly #classes: Informer<DeviceClass>;
  readonly #pods: Informer<Pod>;
  readonly #facts: DeviceFacts;
  readonly #monitors: QuotaMonitors;
  readonly #reconciler: Reconciler;
  /** How many objects the last look at a quota went over. */
  readonly #sizes = new Map<string, number>();

  constructor(context: ControllerContext) {
    const { clock, ids, log, informers, reader, name } = context;
    this.#context = context;
    this.#quotas = informers.of(quotasRef).index(byNamespace);
    this.#classes = informers.of(deviceClasses);
    this.#pods = informers.of(podsRef);
    this.#facts = {
      resourceOf: (className) => this.#classes.get(className)?.spec.extendedResourceName,
      standsFor: (resource) => classesByResource(this.#classes.values()).has(resource),
      pod: (namespace, name) => this.#pods.get({ namespace, name }),
    };
    this.#monitors = new QuotaMonitors(reader, { clock, ids, log }, (namespace, resource) =>
      this.#changed(namespace, resource),
    );
    this.#reconciler = new Reconciler({
      name,
      reconcile: ({ key, signal }) => this.#reconcile(key, signal),
      clock,
      log,
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { catalog } = this.#context;
    const ends: (() => void)[] = [];
    try {
      await synced(this.#quotas, this.#classes, this.#pods, catalog)(signal);
      ends.push(
        catalog.onChange((before, after) => this.#served((after ?? before)!)),
        this.#classes.on({
          added: (_, initial) => initial || this.#classesChanged(),
          updated: (old, now) => {
            if (old.spec.extendedResourceName !== now.spec.extendedResourceName) this.#classesChanged();
          },
          deleted: () => this.#classesChanged(),
        }),
        this.#quotas.on({
          added: (quota) => this.#follow(quota),
          updated: (old, quota) => {
            if (isDeepStrictEqual(old.spec, quota.spec)) this.#look(keyOf(quota));
            else this.#follow(quota);
          },
          deleted: (quota) => {
            this.#sizes.delete(keyOf(quota));
            this.#watch(quota.metadata.namespace!);
          },
        }),
      );
      await this.#reconciler.run(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      for (const end of ends) end();
      await this.#monitors.close();
    }
  }

  #follow(quota: ResourceQuota): void {
    this.#watch(quota.metadata.namespace!);
    this.#reconciler.add(keyOf(quota));
  }

  /** Watches what the quotas of a namespace name. */
  #watch(namespace: string): void {
    const names = this.#quotas.by(byNamespace, namespace).flatMap(hardNames);
    this.#monitors.set(namespace, countedFor([...new Set(names)], this.#context.catalog.list(), this.#facts));
  }

  #look(key: string): void {
    this.#reconciler.addAfter(key, gatherTime(this.#sizes.get(key) ?? 0));
  }

  #changed(namespace: string, resource: string): void {
    for (const quota of this.#quotas.by(byNamespace, namespace)) {
      const evaluators = evaluatorsOf(hardNames(quota), this.#facts);
      if (evaluators.some((evaluator) => evaluator.resource === resource)) this.#look(keyOf(quota));
    }
  }

  /** Claims to devices may now count for extended resources that they did not count for, or no longer. */
  #classesChanged(): void {
    const names = (quota: ResourceQuota) => hardNames(quota).some((name) => /^requests\..*\//.test(name));
    for (const quota of this.#quotas.values()) if (names(quota)) this.#follow(quota);
  }

  /** A custom resource came or went: whoever counts it can do so now, or no longer. */
  #served(entry: CatalogEntry): void {
    const name = countName(groupResource(entry));
    for (const quota of this.#quotas.values()) if (hardNames(quota).includes(name)) this.#follow(quota);
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    // Charges are written after what they are for, so lists taken from here on show all that this version counts; and if
    // there is a newer version, the write is refused.
    const quota = this.#quotas.get(key);
    if (!quota) return undefined;
    const { catalog, clock, client } = this.#context;
    const counted = countedFor(hardNames(quota), catalog.list(), this.#facts);
    const found = await Promise.all(counted.map((one) => this.#find(one, quota.metadata.namespace!, signal)));
    const known = found.filter((one) => one !== undefined);
    this.#sizes.set(
      key,
      known.reduce((total, { objects }) => total + (typeof objects === 'number' ? 0 : objects.length), 0),
    );
    const now = clock.wall();
    const status = statusOf(quota, known, now);
    if (!saysSo(quota, status)) {
      const next = { ...quota, status: { hard: amountsOf(status.hard), used: amountsOf(status.used) } };
      try {
        await client.resource(quotasRef).updateStatus(next, { signal });
      } catch (error) {
        if (!isStatus(error, 'NotFound')) throw error;
      }
    }
    const after = nextEnd(known, now);
    return after === undefined ? undefined : { after };
  }

  /** The objects of a resource; undefined when it is no longer served. */
  async #find(counted: Counted, namespace: string, signal: AbortSignal): Promise<Found | undefined> {
    const { entry, evaluator } = counted;
    const enough = isNumberEnough(counted);
    try {
      const list = this.#context.client.resource(entry).list({ namespace, signal, ...(enough && { limit: 1 }) });
      const { items, metadata } = await list;
      return { evaluator, objects: enough ? items.length + (metadata.remainingItemCount ?? 0) : items };
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }
}
