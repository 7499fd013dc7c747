import type { ResourceClaim, ResourceSlice } from '../../api/types/resource-v1.gen.ts';
import type {
  PoolStatus,
  ResourcePoolStatusRequest,
  ResourcePoolStatusRequestStatus,
} from '../../api/types/resource-v1alpha3.gen.ts';
import type { DeviceTaintRule } from '../../api/types/resource-v1beta2.gen.ts';
import { taintsByRules } from '../../resources/resource/device-taints.ts';
import { newestSlices, poolKey, slicesByPool } from '../../resources/resource/slice-pools.ts';

/** Source: pkg/controller/resourcepoolstatusrequest. */

const defaultLimit = 100;
const maxError = 256;
const hour = 3600_000;
/** How long a request is kept that is answered, and one that is not. */
const keptFor = { answered: hour, open: 24 * hour };

interface World {
  readonly slices: readonly ResourceSlice[];
  readonly claims: readonly ResourceClaim[];
  readonly rules: readonly DeviceTaintRule[];
}

const keepsAway: ReadonlySet<string> = new Set(['NoSchedule', 'NoExecute']);

/** What a request is answered; `now` is a timestamp. */
export function answerTo(
  { spec }: ResourcePoolStatusRequest,
  { slices, claims, rules }: World,
  now: string,
): ResourcePoolStatusRequestStatus {
  const asked = slices.filter(
    ({ spec: { driver, pool } }) =>
      driver === spec.driver && (spec.poolName === undefined || pool.name === spec.poolName),
  );
  const used = usedDevices(claims);
  const pools = [...Map.groupBy(asked, slicesByPool).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, all]) => poolStatus(newestSlices(all), used, rules));
  const shown = pools.slice(0, spec.limit ?? defaultLimit);
  const incomplete = shown.filter(({ validationError }) => validationError).length;
  const message = `Calculated status for ${shown.length} pools${incomplete > 0 ? ` (${incomplete} incomplete)` : ''}`;
  return {
    poolCount: pools.length,
    ...(shown.length > 0 && { pools: shown }),
    conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: now, reason: 'CalculationComplete', message }],
  };
}

/** The devices that claims have, by pool, each once; who only looks uses none. */
function usedDevices(claims: readonly ResourceClaim[]): ReadonlyMap<string, ReadonlySet<string>> {
  const used = new Map<string, Set<string>>();
  for (const { status } of claims)
    for (const { driver, pool, device, adminAccess } of status?.allocation?.devices?.results ?? []) {
      if (adminAccess) continue;
      const key = poolKey(driver, pool);
      used.set(key, (used.get(key) ?? new Set()).add(device));
    }
  return used;
}

function poolStatus(
  slices: readonly ResourceSlice[],
  used: ReadonlyMap<string, ReadonlySet<string>>,
  rules: readonly DeviceTaintRule[],
): PoolStatus {
  const { driver, pool, nodeName } = slices[0]!.spec;
  const isOneNode = nodeName && slices.every(({ spec }) => spec.nodeName === nodeName);
  const common = { driver, poolName: pool.name, generation: pool.generation, ...(isOneNode && { nodeName }) };
  if (slices.length < pool.resourceSliceCount) {
    const seen = `observed ${slices.length}/${pool.resourceSliceCount} slices at generation ${pool.generation}`;
    const problem = `PoolIncomplete: pool ${driver}/${pool.name} is incomplete: ${seen}`;
    return { ...common, validationError: problem.slice(0, maxError) };
  }
  const devices = slices.flatMap(({ spec }) => spec.devices ?? []);
  const unavailable = devices.filter(({ name, taints = [] }) =>
    [...taints, ...taintsByRules(rules, { driver, pool: pool.name, device: name })].some(({ effect }) =>
      keepsAway.has(effect),
    ),
  ).length;
  const allocated = used.get(poolKey(driver, pool.name))?.size ?? 0;
  return {
    ...common,
    resourceSliceCount: slices.length,
    totalDevices: devices.length,
    allocatedDevices: allocated,
    availableDevices: Math.max(0, devices.length - allocated - unavailable),
    unavailableDevices: unavailable,
  };
}

/** Whether a driver is just publishing what was asked for: it is given time. */
export const isIncomplete = ({ pools = [] }: ResourcePoolStatusRequestStatus): boolean =>
  pools.some(({ validationError }) => validationError !== undefined);

/** When a request has served its time, in wall milliseconds. */
export function expiryOf({ metadata, status }: ResourcePoolStatusRequest): number {
  const created = Date.parse(metadata.creationTimestamp!);
  if (!status) return created + keptFor.open;
  const answered = status.conditions?.find(({ type }) => type === 'Complete' || type === 'Failed');
  return (answered ? Date.parse(answered.lastTransitionTime) : created) + keptFor.answered;
}
