import { isDeepStrictEqual } from 'node:util';
import { namespaces as namespacesRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { Namespace } from '../../api/types/core-v1.gen.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import type { CatalogEntry } from '../catalog.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import { foreignResources, undiscovered, undiscoveredText } from '../foreign-resources.ts';
import { errorText } from '../namespace-going.ts';
import { DrainWatches } from './drain.ts';
import { type Findings, kubernetesFinalizer, type Remainder, terminatingStatus } from './plan.ts';

/** Empties namespaces that are being deleted, pods first, and then lets them go. */
export const namespaceController: ControllerDescriptor = {
  name: 'namespace-controller',
  account: 'namespace-controller',
  build(context) {
    const controller = new NamespaceController(context);
    return { run: (signal) => controller.run(signal) };
  },
};

/** How often the conditions of a namespace that waits for others are brought up to date. */
const refreshMs = 5000;

class NamespaceController {
  readonly #context: ControllerContext;
  readonly #namespaces;
  readonly #reconciler: Reconciler;
  readonly #drain: DrainWatches;

  constructor(context: ControllerContext) {
    const { clock, log, ids, informers, catalog, reader } = context;
    this.#context = context;
    this.#namespaces = informers.of(namespacesRef);
    this.#reconciler = new Reconciler({
      name: context.name,
      reconcile: ({ key, signal }) => this.#reconcile(key, signal),
      clock,
      log,
      ready: synced(this.#namespaces, catalog),
      workers: 10,
    });
    this.#drain = new DrainWatches(reader, { clock, ids, log }, (namespace) => this.#reconciler.add(namespace));
    const add = (namespace: Namespace) => {
      if (namespace.metadata.deletionTimestamp) this.#reconciler.add(namespace.metadata.name!);
    };
    this.#namespaces.on({
      added: add,
      updated: (_, namespace) => add(namespace),
      deleted: (namespace) => this.#drain.release(namespace.metadata.name!),
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.#reconciler.run(signal);
    } finally {
      await this.#drain.close();
    }
  }

  async #reconcile(name: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const cached = this.#namespaces.get(name);
    if (!cached?.metadata.deletionTimestamp) return undefined;
    if (!cached.spec?.finalizers?.includes(kubernetesFinalizer)) return undefined;
    try {
      const namespace = await this.#writeStatus(cached, undefined, signal);
      const findings = await this.#empty(name, signal);
      const left = findings.remainders.some((r) => r.count > 0);
      const written = await this.#writeStatus(namespace, findings, signal);
      const { failures, undiscovered: unknown } = findings;
      if (failures.length > 0) throw new Error(`namespace ${name}: ${failures.join(', ')}`);
      if (unknown.length > 0) throw new Error(`namespace ${name}: ${undiscoveredText(unknown)}`);
      if (left) return { after: refreshMs };
      await this.#finalize(written, signal);
      return undefined;
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #writeStatus(namespace: Namespace, findings: Findings | undefined, signal: AbortSignal): Promise<Namespace> {
    const status = terminatingStatus(namespace, findings, this.#context.clock.wall());
    if (isDeepStrictEqual(status, namespace.status)) return namespace;
    return this.#context.client.resource(namespacesRef).updateStatus({ ...namespace, status }, { signal });
  }

  /** Pods go before everything else, so that what they use outlives them. */
  async #empty(namespace: string, signal: AbortSignal): Promise<Findings> {
    const versions = this.#context.foreign();
    const all = [...this.#context.catalog.list(), ...foreignResources(versions)];
    const resources = all.filter((r) => r.namespaced && r.verbs.includes('delete'));
    const isPods = (r: CatalogEntry) => r.group === '' && r.resource === 'pods';
    const found = { undiscovered: undiscovered(versions) };
    const pods = await this.#deleteAll(namespace, resources.filter(isPods), signal);
    if (pods.failures.length > 0 || pods.remainders.some((r) => r.count > 0)) return { ...pods, ...found };
    const others = resources.filter((r) => !isPods(r));
    return { ...(await this.#deleteAll(namespace, others, signal)), ...found };
  }

  async #deleteAll(
    namespace: string,
    resources: readonly CatalogEntry[],
    signal: AbortSignal,
  ): Promise<Pick<Findings, 'remainders' | 'failures'>> {
    const remainders: Remainder[] = [];
    const failures: string[] = [];
    await Promise.all(
      resources.map(async (resource) => {
        try {
          const remainder = await this.#deleteOne(namespace, resource, signal);
          remainders.push(remainder);
          if (remainder.count > 0 && resource.verbs.includes('watch')) this.#drain.watch(namespace, resource);
        } catch (error) {
          // A custom resource whose definition has just gone has no objects left.
          if (!isStatus(error, 'NotFound') && !isStatus(error, 'MethodNotAllowed')) failures.push(errorText(error));
        }
      }),
    );
    return { remainders, failures };
  }

  async #deleteOne(namespace: string, resource: CatalogEntry, signal: AbortSignal): Promise<Remainder> {
    const before = await this.#remainder(namespace, resource, signal);
    if (before.count === 0) return before;
    const client = this.#context.client.resource(resource);
    const options = { propagationPolicy: 'Background', signal } as const;
    if (resource.verbs.includes('deletecollection')) await client.deleteCollection({ namespace, ...options });
    else {
      const { items } = await client.list({ namespace, signal });
      await Promise.all(items.map(({ metadata }) => client.delete({ namespace, name: metadata.name! }, options)));
    }
    return this.#remainder(namespace, resource, signal);
  }

  /** Counts what is there; finalizers are read off the first page only. */
  async #remainder(namespace: string, resource: CatalogEntry, signal: AbortSignal): Promise<Remainder> {
    const page = await this.#context.client.resource(resource).list({ namespace, limit: 500, signal });
    const finalizers = new Map<string, number>();
    for (const { metadata } of page.items) {
      for (const name of metadata.finalizers ?? []) finalizers.set(name, (finalizers.get(name) ?? 0) + 1);
    }
    const count = page.items.length + (page.metadata.remainingItemCount ?? (page.metadata.continue ? 1 : 0));
    return { group: resource.group, resource: resource.resource, count, finalizers };
  }

  async #finalize(namespace: Namespace, signal: AbortSignal): Promise<void> {
    const finalizers = namespace.spec?.finalizers?.filter((f) => f !== kubernetesFinalizer) ?? [];
    const { metadata } = namespace;
    const body = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: metadata.name, uid: metadata.uid, resourceVersion: metadata.resourceVersion },
      spec: { finalizers },
    };
    await this.#context.client
      .resource(namespacesRef)
      .updateSubresource({ name: metadata.name! }, 'finalize', body, { signal });
  }
}
