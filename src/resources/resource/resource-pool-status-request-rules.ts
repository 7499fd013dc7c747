import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { comparable } from '../../api/json-number.ts';
import { dns1123SubdomainErrors } from '../../api/names.ts';
import type { Mutable } from '../../api/object.ts';
import type { PoolStatus, ResourcePoolStatusRequest } from '../../api/types/resource-v1alpha3.gen.ts';
import { named, present, unchanged } from '../rules/check.ts';
import { conditions } from '../rules/conditions.ts';
import { specPath, statusPath } from '../rules/workloads.ts';
import { driverName, poolName, upTo } from './names.ts';

/** Rules of ResourcePoolStatusRequests. Source: the markers of resource/v1alpha3, and resource/validation. */

const maxPools = 1000;
const maxConditions = 10;
const maxError = 256;

/** A new request is not answered: its status is not there, not empty. */
export function preparePoolRequest(object: Mutable<ResourcePoolStatusRequest>): void {
  delete object.status;
}

function atLeast(errors: ErrorList, path: FieldPath, value: number | undefined, least: number): void {
  if (value !== undefined && comparable(value) < least)
    errors.invalid(path, value, `must be greater than or equal to ${least}`);
}

export function validatePoolRequest({ spec }: ResourcePoolStatusRequest, errors: ErrorList): void {
  const { driver, poolName: pool, limit } = spec;
  if (present(errors, specPath.child('driver'), driver)) driverName(errors, specPath.child('driver'), driver);
  if (pool !== undefined) poolName(errors, specPath.child('poolName'), pool);
  atLeast(errors, specPath.child('limit'), limit, 1);
  if (limit !== undefined && limit > maxPools)
    errors.invalid(specPath.child('limit'), limit, `must be less than or equal to ${maxPools}`);
}

export function validatePoolRequestUpdate(
  { spec }: ResourcePoolStatusRequest,
  old: ResourcePoolStatusRequest,
  errors: ErrorList,
): void {
  unchanged(errors, specPath, spec, old.spec);
}

/** A request is answered once. */
export function validatePoolRequestStatus(
  { status }: ResourcePoolStatusRequest,
  old: ResourcePoolStatusRequest,
  errors: ErrorList,
): void {
  if (old.status) {
    unchanged(errors, statusPath, status, old.status);
    return;
  }
  if (!status) return;
  const count = statusPath.child('poolCount');
  if (status.poolCount === undefined) errors.required(count);
  atLeast(errors, count, status.poolCount, 0);
  upTo(errors, statusPath.child('pools'), status.pools, maxPools, poolStatus);
  const list = status.conditions ?? [];
  if (list.length > maxConditions) errors.tooMany(statusPath.child('conditions'), list.length, maxConditions);
  conditions(errors, statusPath.child('conditions'), list);
}

function poolStatus(errors: ErrorList, path: FieldPath, pool: PoolStatus): void {
  if (present(errors, path.child('driver'), pool.driver)) driverName(errors, path.child('driver'), pool.driver);
  poolName(errors, path.child('poolName'), pool.poolName);
  atLeast(errors, path.child('generation'), pool.generation, 0);
  atLeast(errors, path.child('resourceSliceCount'), pool.resourceSliceCount, 1);
  for (const field of ['totalDevices', 'allocatedDevices', 'availableDevices', 'unavailableDevices'] as const)
    atLeast(errors, path.child(field), pool[field], 0);
  if (pool.nodeName !== undefined) named(errors, path.child('nodeName'), pool.nodeName, dns1123SubdomainErrors);
  if (Buffer.byteLength(pool.validationError ?? '') > maxError) errors.tooLong(path.child('validationError'), maxError);
}
