import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { comparable } from '../../api/json-number.ts';
import type { Mutable } from '../../api/object.ts';
import type { Device, ResourcePool, ResourceSlice, ResourceSliceSpec } from '../../api/types/resource-v1.gen.ts';
import type { WriteContext } from '../resource.ts';
import { subdomain, unchanged } from '../rules/check.ts';
import { nodeSelector } from '../rules/scheduling.ts';
import { timeOf } from '../rules/status.ts';
import { specPath } from '../rules/workloads.ts';
import { counterSet, device } from './device-rules.ts';
import { distinctUpTo, driverName, poolName } from './names.ts';

/** Rules of ResourceSlices. Source: resource/validation and resource/v1 defaults. */

const maxDevices = 128;
/** Where devices have taints, share counters or have lists of values. */
const maxRichDevices = 64;
const maxCounterSets = 8;
const noDefault = 'must be either unset or set to true';
const places = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';

/** A taint that does not say since when it is there is there since now. */
export function prepareSlice({ spec }: Mutable<ResourceSlice>, context: WriteContext): void {
  for (const { taints } of spec?.devices ?? []) for (const taint of taints ?? []) taint.timeAdded ??= timeOf(context);
}

function pool(errors: ErrorList, path: FieldPath, { name, resourceSliceCount: count, generation }: ResourcePool): void {
  poolName(errors, path.child('name'), name);
  if (comparable(count) <= 0) errors.invalid(path.child('resourceSliceCount'), count, 'must be greater than zero');
  if (comparable(generation) < 0) {
    errors.invalid(path.child('generation'), generation, 'must be greater than or equal to zero');
  }
}

/** Where the devices are: on a node, on some, on all, or each somewhere else. */
function place(errors: ErrorList, spec: ResourceSliceSpec): void {
  const set: string[] = [];
  if (spec.nodeName) {
    set.push('`nodeName`');
    subdomain(errors, specPath.child('nodeName'), spec.nodeName);
  } else if (spec.nodeName === '') {
    errors.invalid(specPath.child('nodeName'), '', 'must be either unset or set to a non-empty string');
  }
  if (spec.nodeSelector) {
    const at = specPath.child('nodeSelector');
    set.push('`nodeSelector`');
    nodeSelector(errors, at, spec.nodeSelector);
    const terms = spec.nodeSelector.nodeSelectorTerms;
    if (terms?.length !== 1) {
      errors.invalid(at.child('nodeSelectorTerms'), terms, 'must have exactly one node selector term');
    }
  }
  for (const field of ['allNodes', 'perDeviceNodeSelection'] as const) {
    if (spec[field]) set.push(`\`${field}\``);
    else if (spec[field] === false) errors.invalid(specPath.child(field), false, noDefault);
  }
  if (set.length === 0) errors.required(specPath, places);
  else if (set.length > 1) {
    errors.invalid(specPath, `{${set.join(', ')}}`, `${places}, but multiple fields are set`);
  }
}

const isRich = ({ taints, consumesCounters, attributes }: Device): boolean =>
  (taints?.length ?? 0) > 0 ||
  (consumesCounters?.length ?? 0) > 0 ||
  Object.values(attributes ?? {}).some((value) => value.bools ?? value.ints ?? value.strings ?? value.versions);

export function validateSlice({ spec }: ResourceSlice, errors: ErrorList, old?: ResourceSlice): void {
  driverName(errors, specPath.child('driver'), spec.driver);
  pool(errors, specPath.child('pool'), spec.pool);
  if (old) {
    unchanged(errors, specPath.child('pool', 'name'), spec.pool.name, old.spec.pool.name);
    unchanged(errors, specPath.child('driver'), spec.driver, old.spec.driver);
    unchanged(errors, specPath.child('nodeName'), spec.nodeName, old.spec.nodeName);
  }
  place(errors, spec);
  if (spec.sharedCounters?.length && spec.devices?.length) {
    errors.invalid(specPath, '', 'only one of `sharedCounters` or `devices` is allowed');
  }
  const stored = new Map((old?.spec.devices ?? []).map((value) => [value.name, value]));
  const placedHere = spec.perDeviceNodeSelection ?? false;
  distinctUpTo(
    errors,
    specPath.child('devices'),
    spec.devices,
    spec.devices?.some(isRich) ? maxRichDevices : maxDevices,
    (_, at, value) => device(errors, at, value, stored.get(value.name), placedHere),
    (value) => value.name,
  );
  const counters = specPath.child('sharedCounters');
  distinctUpTo(errors, counters, spec.sharedCounters, maxCounterSets, counterSet, (value) => value.name);
}

/** Names of drivers are compared to the letter, so that a capital one is another. */
export function sliceWarnings({ spec: { driver } }: ResourceSlice): string[] {
  if (driver === driver.toLowerCase()) return [];
  return [`spec.driver: driver names should be lowercase; ${JSON.stringify(driver)} contains uppercase characters`];
}
