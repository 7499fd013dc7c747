import type {
  AllocationResult,
  Device,
  DeviceClaim,
  DeviceClass,
  ResourceClaim,
  ResourceSlice,
  ResourceSliceSpec,
} from '../../../../src/api/types/resource-v1.gen.ts';
import { SeededIds } from '../../../../src/base/ids.ts';
import { slicesByPool } from '../../../../src/resources/resource/slice-pools.ts';
import { allocationOf, type ChosenDevices } from '../../../../src/scheduler/devices/allocation.ts';
import { allocate } from '../../../../src/scheduler/devices/allocator.ts';
import { claimDemand } from '../../../../src/scheduler/devices/demands.ts';
import { DeviceUse } from '../../../../src/scheduler/devices/device-use.ts';
import { Pools } from '../../../../src/scheduler/devices/pools.ts';
import { type NodeFields, table } from '../kit.ts';

export const driver = 'dra.test';

export interface SliceFields extends Partial<Omit<ResourceSliceSpec, 'pool' | 'devices'>> {
  readonly name?: string;
  readonly pool?: string;
  readonly generation?: number;
  /** How many slices the pool has. */
  readonly of?: number;
  readonly devices?: readonly (Partial<Device> & { readonly name: string })[];
}

/** A slice of a pool; of all nodes, unless it says where it is. */
export function slice(fields: SliceFields): ResourceSlice {
  const { name, pool = 'pool', generation = 1, of = 1, devices, ...spec } = fields;
  const placed = spec.nodeName || spec.nodeSelector || spec.perDeviceNodeSelection;
  return {
    metadata: { name: name ?? pool },
    spec: {
      driver,
      pool: { name: pool, generation, resourceSliceCount: of },
      ...(!placed && { allNodes: true }),
      ...(devices && { devices }),
      ...spec,
    },
  };
}

export const claim = (devices: DeviceClaim, name = 'c', status?: ResourceClaim['status']): ResourceClaim => ({
  metadata: { name, namespace: 'default', uid: `uid-${name}` },
  spec: { devices },
  ...(status && { status }),
});

/** Classes: "any" takes every device, "fast" those whose attribute says so. */
export const classes: Readonly<Record<string, DeviceClass>> = {
  any: { metadata: { name: 'any' }, spec: {} },
  fast: {
    metadata: { name: 'fast' },
    spec: {
      selectors: [{ cel: { expression: `device.attributes["${driver}"].fast` } }],
      config: [{ opaque: { driver, parameters: { turbo: true } } }],
    },
  },
};

export interface Situation {
  readonly slices: readonly SliceFields[];
  readonly claims: readonly DeviceClaim[];
  readonly node?: NodeFields;
  /** What other claims have. */
  readonly others?: readonly AllocationResult[];
}

/** The pools of these slices; the list may change, which has to be told. */
export function poolsOf(slices: readonly ResourceSlice[]): Pools {
  const pools = new Pools((id) => slices.filter((one) => slicesByPool(one) === id));
  for (const one of slices) pools.changed(one);
  return pools;
}

export function chosen({
  slices,
  claims,
  node = { name: 'n1' },
  others = [],
}: Situation): readonly ChosenDevices[] | undefined {
  const use = new DeviceUse();
  for (const [n, allocation] of others.entries()) use.set(`other-${n}`, allocation);
  const demands = claims.map((devices, n) => claimDemand(claim(devices, `c${n}`), (name) => classes[name]));
  const pools = poolsOf(slices.map(slice)).on(table([node]).slots[0]!);
  return allocate(demands, pools, use, new SeededIds(1));
}

/** "request=device, …" for each claim, or undefined. */
export const devicesGiven = (situation: Situation): string[] | undefined =>
  chosen(situation)?.map(({ choices }) =>
    choices.map(({ demand, device }) => `${demand.name}=${device.device.name}`).join(', '),
  );

export const allocations = (situation: Situation): AllocationResult[] =>
  (chosen(situation) ?? []).map((one) => allocationOf(one, situation.node?.name ?? 'n1'));

/** What a claim has, as another one's allocation. */
export const having = (
  device: string,
  fields: Partial<NonNullable<NonNullable<AllocationResult['devices']>['results']>[number]> = {},
): AllocationResult => ({ devices: { results: [{ request: 'r', driver, pool: 'pool', device, ...fields }] } });
