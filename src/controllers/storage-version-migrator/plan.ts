import type { CustomResourceDefinition, CustomResourceDefinitionStatus } from '../../api/types/apiextensions-v1.gen.ts';
import type { Condition } from '../../api/types/meta-v1.gen.ts';
import type { StorageVersionMigration } from '../../api/types/storagemigration-v1beta1.gen.ts';

/** Source: pkg/controller/storageversionmigrator. */

export type MigrationCondition = 'Running' | 'Succeeded' | 'Failed';

export const conditionIsTrue = ({ status }: StorageVersionMigration, type: MigrationCondition): boolean =>
  (status?.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True');

/** Whether a migration has ended, one way or the other. */
export const isOver = (migration: StorageVersionMigration): boolean =>
  conditionIsTrue(migration, 'Succeeded') || conditionIsTrue(migration, 'Failed');

/** Which of the migrations of one resource is at work or is to be next; undefined when all are over. */
export function nextMigration(all: readonly StorageVersionMigration[]): StorageVersionMigration | undefined {
  const open = all.filter((migration) => !isOver(migration));
  const age = ({ metadata }: StorageVersionMigration) => `${metadata.creationTimestamp} ${metadata.name}`;
  return (
    open.find((migration) => conditionIsTrue(migration, 'Running')) ??
    open.sort((a, b) => (age(a) < age(b) ? -1 : 1))[0]
  );
}

const texts: Readonly<Record<MigrationCondition, { readonly reason: string; readonly message: string }>> = {
  Running: { reason: 'MigrationRunning', message: 'The migration is running' },
  Succeeded: { reason: 'StorageVersionMigrationSucceeded', message: '' },
  Failed: { reason: 'StorageVersionMigrationFailed', message: '' },
};

/** The conditions once this one is true: one that has ended runs no more. `now` is a timestamp. */
export function withCondition(
  { status }: StorageVersionMigration,
  type: MigrationCondition,
  now: string,
  message = texts[type].message,
): Condition[] {
  const { reason } = texts[type];
  const others = (status?.conditions ?? []).filter((one) => one.type !== type && one.type !== 'Running');
  return [...others, { type, status: 'True', lastTransitionTime: now, reason, message }];
}

type DefinitionCondition = NonNullable<CustomResourceDefinitionStatus['conditions']>[number];

const withMigrating = (
  { metadata, status }: CustomResourceDefinition,
  condition: Pick<DefinitionCondition, 'status' | 'reason' | 'message'>,
  now: string,
): DefinitionCondition[] => {
  const before = status?.conditions?.find(({ type }) => type === 'StorageMigrating');
  const lastTransitionTime = before?.status === condition.status ? (before.lastTransitionTime ?? now) : now;
  const observedGeneration = metadata.generation ?? 0;
  return [
    ...(status?.conditions ?? []).filter(({ type }) => type !== 'StorageMigrating'),
    { type: 'StorageMigrating', ...condition, lastTransitionTime, observedGeneration },
  ];
};

/** The status of a definition whose objects are being migrated. */
export const migratingStatus = (
  crd: CustomResourceDefinition,
  migration: string,
  now: string,
): CustomResourceDefinitionStatus => ({
  ...crd.status,
  conditions: withMigrating(
    crd,
    { status: 'True', reason: 'MigrationRunning', message: `Migration ${migration} is running` },
    now,
  ),
});

/**
 * The status of a definition whose objects have been migrated, or not. If the definition is as it was when that began, its
 * objects are stored in its storage version only.
 */
export function migratedStatus(
  crd: CustomResourceDefinition,
  succeeded: boolean,
  now: string,
): CustomResourceDefinitionStatus {
  const began = crd.status?.conditions?.find(({ type }) => type === 'StorageMigrating');
  const same = began !== undefined && (began.observedGeneration ?? 0) === (crd.metadata.generation ?? 0);
  const stored = crd.spec.versions.find(({ storage }) => storage)!.name;
  const outcome = same
    ? 'and the stored versions have been updated'
    : 'but the stored versions have not been updated due to a generation mismatch';
  const condition = succeeded
    ? { reason: 'MigrationSucceeded', message: `The migration has succeeded ${outcome}` }
    : { reason: 'MigrationFailed', message: 'The migration has failed' };
  return {
    ...crd.status,
    ...(succeeded && same && { storedVersions: [stored] }),
    conditions: withMigrating(crd, { status: 'False', ...condition }, now),
  };
}
