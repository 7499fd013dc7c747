import {
  customResourceDefinitions as definitionsRef,
  storageVersionMigrations as migrationsRef,
} from '../../api/kinds.gen.ts';
import { groupResource, type KubeObject } from '../../api/object.ts';
import { isStatus } from '../../api/status.ts';
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.gen.ts';
import type {
  StorageVersionMigration,
  StorageVersionMigrationStatus,
} from '../../api/types/storagemigration-v1beta1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import { indexBy } from '../../client/index-map.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import type { CatalogEntry } from '../catalog.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import {
  conditionIsTrue,
  type MigrationCondition,
  migratedStatus,
  migratingStatus,
  nextMigration,
  withCondition,
} from './plan.ts';

/** Writes every object of a resource anew, so that all are stored in its storage version: one migration of a resource at a time. */
export const storageVersionMigrator: ControllerDescriptor = {
  name: 'storage-version-migrator-controller',
  account: 'storage-version-migrator-controller',
  needs: migrationsRef,
  build(context) {
    return new StorageVersionMigrator(context).reconciler;
  },
};

/** A resource that nobody serves may be one whose definition has just come. */
const patience = 60_000;
const retry = 5_000;
const pageSize = 500;
/** How many objects are written at once. */
const writers = 16;

const resourceOf = ({ spec }: StorageVersionMigration) => ({
  group: spec?.resource.group ?? '',
  resource: spec?.resource.resource ?? '',
});

const byResource = indexBy<StorageVersionMigration>('resource', (migration) => groupResource(resourceOf(migration)));

class StorageVersionMigrator {
  /** By resource. */
  readonly reconciler: Reconciler;
  readonly #context: ControllerContext;
  readonly #migrations;
  readonly #definitions;

  constructor(context: ControllerContext) {
    const { informers, catalog, name, clock, log } = context;
    this.#context = context;
    this.#migrations = informers.of(migrationsRef).index(byResource);
    this.#definitions = informers.of(definitionsRef);
    this.reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(this.#migrations, this.#definitions, catalog),
      reconcile: ({ key, signal }) => this.#reconcile(key, signal),
    });
    const changed = (migration: StorageVersionMigration) => this.reconciler.add(groupResource(resourceOf(migration)));
    this.#migrations.on({ added: changed, updated: (_, migration) => changed(migration), deleted: changed });
    catalog.onChange((before, after) => this.reconciler.add(groupResource((after ?? before)!)));
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const migration = nextMigration([...this.#migrations.by(byResource, key)]);
    if (!migration) return undefined;
    const entry = this.#entry(migration);
    if (!entry) return this.#notServed(migration, signal);
    await this.#migrate(await this.#begun(migration, entry, signal), entry, signal);
    // The next of the same resource comes with the change that this was.
    return undefined;
  }

  #entry(migration: StorageVersionMigration): CatalogEntry | undefined {
    const { group, resource } = resourceOf(migration);
    return this.#context.catalog.list().find((one) => one.group === group && one.resource === resource);
  }

  async #notServed(migration: StorageVersionMigration, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const { clock } = this.#context;
    const age = clock.wall() - Date.parse(migration.metadata.creationTimestamp!);
    if (age < patience) return { after: Math.min(retry, patience - age) };
    // A status is not taken without a version; that of the migration itself is as good as any.
    const known = { resourceVersion: migration.metadata.resourceVersion!, ...migration.status };
    const conditions = withCondition(
      migration,
      'Failed',
      timestamp(clock.wall()),
      'resource does not exist in discovery',
    );
    await this.#write(migration, { ...known, conditions }, signal);
    return undefined;
  }

  /** Marks a migration as running, and the definition of its resource, before the first object is written. */
  async #begun(
    migration: StorageVersionMigration,
    entry: CatalogEntry,
    signal: AbortSignal,
  ): Promise<StorageVersionMigration> {
    if (conditionIsTrue(migration, 'Running')) return migration;
    const now = timestamp(this.#context.clock.wall());
    const crd = this.#definition(entry);
    if (crd) await this.#writeDefinition(crd, migratingStatus(crd, migration.metadata.name!, now), signal);
    const { metadata } = await this.#context.client.resource(entry).list({ limit: 1, signal });
    const resourceVersion = migration.status?.resourceVersion ?? metadata.resourceVersion!;
    return this.#write(migration, { resourceVersion, conditions: withCondition(migration, 'Running', now) }, signal);
  }

  async #migrate(migration: StorageVersionMigration, entry: CatalogEntry, signal: AbortSignal): Promise<void> {
    let outcome: MigrationCondition = 'Succeeded';
    try {
      await this.#rewriteAll(entry, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      this.#context.log.warn('a migration failed', { migration: migration.metadata.name, error });
      outcome = 'Failed';
    }
    const now = timestamp(this.#context.clock.wall());
    const crd = this.#definition(entry);
    if (crd) await this.#writeDefinition(crd, migratedStatus(crd, outcome === 'Succeeded', now), signal);
    const message = outcome === 'Failed' ? 'migration encountered unhandled error' : '';
    await this.#write(
      migration,
      { ...migration.status, conditions: withCondition(migration, outcome, now, message) },
      signal,
    );
  }

  async #rewriteAll(entry: CatalogEntry, signal: AbortSignal): Promise<void> {
    const resource = this.#context.client.resource(entry);
    let next: string | undefined = '';
    while (next !== undefined) {
      const page = await resource.list({ limit: pageSize, ...(next && { continue: next }), signal });
      const left = [...page.items];
      const write = async () => {
        for (let object = left.pop(); object; object = left.pop()) await this.#rewrite(entry, object, signal);
      };
      await Promise.all(Array.from({ length: writers }, write));
      next = page.metadata.continue || undefined;
    }
  }

  /**
   * Applies nothing to an object, which stores it anew. Its uid and version make sure that it is this object: who has been
   * changed or replaced meanwhile is stored in the newest version already.
   */
  async #rewrite(entry: CatalogEntry, { metadata }: KubeObject, signal: AbortSignal): Promise<void> {
    const { namespace, name, uid, resourceVersion } = metadata;
    const apiVersion = entry.group ? `${entry.group}/${entry.version}` : entry.version;
    const body = {
      apiVersion,
      kind: entry.kind,
      metadata: { name, ...(namespace && { namespace }), uid, resourceVersion },
    };
    try {
      await this.#context.client
        .resource(entry)
        .patch(
          { ...(namespace && { namespace }), name: name! },
          { type: 'apply', body },
          { fieldManager: this.#context.name, signal },
        );
    } catch (error) {
      if (!isStatus(error, 'Conflict')) throw error;
    }
  }

  #definition(entry: CatalogEntry): CustomResourceDefinition | undefined {
    return this.#definitions.get(groupResource(entry));
  }

  async #writeDefinition(
    crd: CustomResourceDefinition,
    status: CustomResourceDefinition['status'],
    signal: AbortSignal,
  ): Promise<void> {
    await this.#context.client.resource(definitionsRef).updateStatus({ ...crd, ...(status && { status }) }, { signal });
  }

  #write(
    migration: StorageVersionMigration,
    status: StorageVersionMigrationStatus,
    signal: AbortSignal,
  ): Promise<StorageVersionMigration> {
    return this.#context.client.resource(migrationsRef).updateStatus({ ...migration, status }, { signal });
  }
}
