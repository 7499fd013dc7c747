import type { KubeObject, Mutable } from '../../api/object.ts';
import { isStatus } from '../../api/status.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionStatus } from '../../api/types/apiextensions-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import type { Ids } from '../../base/ids.ts';
import type { Logger } from '../../base/log.ts';
import { Scope } from '../../base/scope.ts';
import type { Transport } from '../../client/call.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { cleanupFinalizer } from '../../resources/apiextensions/definition-deletion.ts';
import type { Change, Store, Watch } from '../../store/store.ts';
import type { Allotment } from '../registry/operation.ts';
import type { ServedTable } from '../registry/served.ts';
import type { WebhookClient } from '../webhook/webhook-client.ts';
import { definitionsResource } from './definition.ts';
import { Definitions, type DefinitionsParts } from './definitions.ts';
import { Instances, type InstancesParts, type Stage } from './instances.ts';
import { webhookConversion } from './webhook-conversion.ts';

export interface CustomResourcesOptions {
  readonly store: Store;
  readonly table: ServedTable;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly webhooks: WebhookClient;
  readonly onServed: DefinitionsParts['onServed'];
  /** The API server's own calls; asked late, since it serves nothing before this is there. */
  readonly transport: () => Transport;
  readonly removeAll: InstancesParts['removeAll'];
}

const definitionsRef = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };

/**
 * Serves what CustomResourceDefinitions define. Those there are at start are served before the first request; from then on
 * the store's own watch keeps the table, which is told of a change before any client is.
 */
export class CustomResources {
  readonly #options: CustomResourcesOptions;
  readonly #definitions: Definitions;
  readonly #instances: Instances;
  readonly #writer: Reconciler;
  readonly #cleaner: Reconciler;
  readonly #scope: Scope;
  readonly #watch: Watch;

  constructor(options: CustomResourcesOptions) {
    const { store, table, clock, ids, log, webhooks } = options;
    this.#options = options;
    this.#scope = new Scope((task, error) => log.error('serving custom resources failed', { task, error }));
    const common = { clock, log };
    this.#writer = new Reconciler({
      ...common,
      name: 'crd-status',
      reconcile: ({ key, signal }) => this.#writeStatus(key, signal),
    });
    this.#cleaner = new Reconciler({
      ...common,
      name: 'crd-finalizer',
      reconcile: ({ key, signal }) => this.#clean(key, signal),
    });
    this.#definitions = new Definitions({
      table,
      convert: (crd) => webhookConversion(crd, webhooks, ids),
      now: () => clock.wall(),
      unchanging: (name) => unchanging(store, name),
      onStatus: (name) => this.#writer.add(name),
      onServed: options.onServed,
    });
    this.#instances = new Instances({
      store,
      clock,
      removeAll: options.removeAll,
      onEmpty: (name) => this.#cleaner.add(name),
      onDelay: (name) =>
        this.#scope.spawn('delay', async (signal) => {
          await this.#say(this.#stored(name), 'InstanceDeletionCheck', signal);
        }),
    });
    const { entries, revision } = store.list(definitionsResource);
    this.#definitions.load(
      entries.map(({ object, revision: at }) => ({ crd: object as unknown as CustomResourceDefinition, revision: at })),
    );
    for (const { object } of entries) this.#cleanIfGoing(object as unknown as CustomResourceDefinition);
    this.#watch = store.watch(
      definitionsResource,
      { after: revision },
      { changes: (changes) => this.#changes(changes) },
    );
    this.#scope.spawn('status', (signal) => this.#writer.run(signal));
    this.#scope.spawn('finalizer', (signal) => this.#cleaner.run(signal));
  }

  /** Settles the status of a definition that is being written, and with it its names; returns how to give them back. */
  allot(object: Mutable<KubeObject>): Allotment {
    return this.#definitions.allot(object as unknown as Mutable<CustomResourceDefinition>);
  }

  async close(): Promise<void> {
    this.#watch.close();
    this.#instances.close();
    await this.#scope.close();
  }

  #changes(changes: readonly Change[]): void {
    for (const { type, entry } of changes) {
      if (type === 'DELETED') this.#definitions.remove(entry.object as unknown as CustomResourceDefinition);
      else this.#set(entry.object, entry.revision);
    }
  }

  #set(object: KubeObject, revision: number): void {
    const crd = object as unknown as CustomResourceDefinition;
    this.#definitions.set(crd, revision);
    this.#cleanIfGoing(crd);
  }

  #cleanIfGoing(crd: CustomResourceDefinition): void {
    if (isGoing(crd)) this.#cleaner.add(crd.metadata.name!);
  }

  #stored(name: string): CustomResourceDefinition | undefined {
    const entry = this.#options.store.get({ resource: definitionsResource, namespace: '', name });
    return entry?.object as unknown as CustomResourceDefinition | undefined;
  }

  /** Writes the status a definition should have. A change in between brings another attempt. */
  async #writeStatus(name: string, signal: AbortSignal): Promise<void> {
    const crd = this.#stored(name);
    const status = crd && this.#definitions.plan(crd);
    if (crd && status) await this.#update(crd, { status }, signal);
  }

  async #update(
    crd: CustomResourceDefinition,
    change: {
      readonly status?: CustomResourceDefinitionStatus;
      readonly metadata?: CustomResourceDefinition['metadata'];
    },
    signal: AbortSignal,
  ): Promise<CustomResourceDefinition | undefined> {
    const call = {
      verb: 'update' as const,
      resource: definitionsRef,
      name: crd.metadata.name!,
      ...(change.status && { subresource: 'status' }),
      object: { ...crd, ...change },
      options: { fieldManager: 'kube-apiserver' },
    };
    try {
      return (await this.#options.transport().call(call, signal)) as unknown as CustomResourceDefinition;
    } catch (error) {
      // Gone or changed meanwhile: the change itself brings the next attempt.
      if (isStatus(error, 'NotFound') || isStatus(error, 'Conflict')) return undefined;
      throw error;
    }
  }

  /** Deletes the instances of a definition that is going, and lets it go when the last is gone. */
  async #clean(name: string, signal: AbortSignal): Promise<void> {
    const crd = this.#stored(name);
    if (!crd || !isGoing(crd) || this.#instances.isWaiting(name)) return;
    const kind = this.#definitions.kind(name);
    if (!kind) return await this.#letGo(crd, 'NeverEstablished', signal);
    if (!(await this.#say(crd, 'InstanceDeletionInProgress', signal))) return;
    try {
      if (!(await this.#instances.empty(name, kind))) return;
    } catch (error) {
      await this.#say(this.#stored(name), { failed: (error as Error).message }, signal);
      throw error;
    }
    await this.#letGo(this.#stored(name), 'InstanceDeletionCompleted', signal);
  }

  /** Writes how far the deletion of the instances is. */
  async #say(
    crd: CustomResourceDefinition | undefined,
    stage: Stage,
    signal: AbortSignal,
  ): Promise<CustomResourceDefinition | undefined> {
    const status = crd && this.#instances.say(crd, stage);
    return status && status !== crd.status ? await this.#update(crd, { status }, signal) : crd;
  }

  async #letGo(crd: CustomResourceDefinition | undefined, stage: Stage, signal: AbortSignal): Promise<void> {
    const last = await this.#say(crd, stage, signal);
    if (!last) return;
    const finalizers = last.metadata.finalizers?.filter((finalizer) => finalizer !== cleanupFinalizer) ?? [];
    await this.#update(last, { metadata: { ...last.metadata, finalizers } }, signal);
  }
}

/** Waits for a definition's newest write to be shown, where it is not yet. */
function unchanging(store: Store, name: string): Promise<void> | undefined {
  const key = { resource: definitionsResource, namespace: '', name };
  return store.head(key)?.revision === store.get(key)?.revision ? undefined : store.flush();
}

const isGoing = ({ metadata }: CustomResourceDefinition): boolean =>
  metadata.deletionTimestamp !== undefined && (metadata.finalizers?.includes(cleanupFinalizer) ?? false);
