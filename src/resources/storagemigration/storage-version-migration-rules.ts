import type { ErrorList } from '../../api/field-errors.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors } from '../../api/names.ts';
import type { Condition } from '../../api/types/meta-v1.gen.ts';
import type { StorageVersionMigration } from '../../api/types/storagemigration-v1beta1.gen.ts';
import { immutable, present, unchanged } from '../rules/check.ts';
import { conditions } from '../rules/conditions.ts';
import { specPath, statusPath } from '../rules/workloads.ts';

/** Rules of StorageVersionMigrations. Source: storagemigration validation. */

const path = specPath.child('resource');

export function validateMigration({ spec }: StorageVersionMigration, errors: ErrorList): void {
  const { group = '', resource } = spec?.resource ?? {};
  const joined = (field: string, value: string, problems: readonly string[]) => {
    if (problems.length > 0) errors.invalid(path.child(field), value, problems.join());
  };
  if (present(errors, path.child('resource'), resource, 'resource is required to be set'))
    joined('resource', resource, dns1035LabelErrors(resource));
  if (group) joined('group', group, dns1123SubdomainErrors(group));
}

export function validateMigrationUpdate(
  { spec }: StorageVersionMigration,
  old: StorageVersionMigration,
  errors: ErrorList,
): void {
  unchanged(errors, specPath, spec, old.spec);
}

const isTrue = (list: readonly Condition[] | undefined, type: string): boolean =>
  (list ?? []).some((condition) => condition.type === type && condition.status === 'True');

export function validateMigrationStatus(
  { status }: StorageVersionMigration,
  old: StorageVersionMigration,
  errors: ErrorList,
): void {
  const { resourceVersion = '', conditions: list } = status ?? {};
  const version = statusPath.child('resourceVersion');
  const before = old.status?.resourceVersion;
  if (!/^[1-9][0-9]*$/.test(resourceVersion))
    errors.invalid(version, resourceVersion, `resource version is not well formed: ${resourceVersion}`);
  const at = statusPath.child('conditions');
  conditions(errors, at, list);
  if (before && before !== resourceVersion) errors.invalid(version, resourceVersion, immutable);

  const [succeeded, failed, running] = ['Succeeded', 'Failed', 'Running'].map((type) => isTrue(list, type));
  const refuse = (problem: string) => errors.invalid(at, list, problem);
  if (succeeded && failed) refuse('Both success and failed conditions cannot be true at the same time');
  if (succeeded && running) refuse('Running condition cannot be true when success condition is true');
  if (failed && running) refuse('Running condition cannot be true when failed condition is true');
  const had = (type: string) => isTrue(old.status?.conditions, type);
  if (had('Succeeded') && !succeeded) refuse('Success condition cannot be set to false once it is true');
  if (had('Failed') && !failed) refuse('Failed condition cannot be set to false once it is true');
}
