import type { Device, DeviceAttribute, ResourceSlice } from '../../api/types/resource-v1.gen.ts';

/** A device of a pool, and where it is offered. */
export interface OfferedDevice {
  /** "driver/pool/device". */
  readonly id: string;
  readonly device: Device;
  readonly slice: ResourceSlice;
  readonly pool: Pool;
}

/** All slices of the newest generation of a driver's pool. */
export interface Pool {
  /** "driver/pool". */
  readonly id: string;
  readonly driver: string;
  readonly name: string;
  /** Whether slices are missing: the driver is just publishing them. */
  readonly incomplete: boolean;
  /** What is wrong with it; nothing is taken from such a pool. */
  readonly invalid: string | undefined;
  /** Whether some of its devices must be prepared before they are used. */
  readonly prepared: boolean;
  readonly devices: readonly OfferedDevice[];
  /** Counters that devices share, nano units, by counter set and counter. */
  readonly counters: ReadonlyMap<string, ReadonlyMap<string, bigint>>;
}

export const deviceId = ({ driver, pool, device }: { driver: string; pool: string; device: string }): string =>
  `${driver}/${pool}/${device}`;

/** An attribute by its full name; the driver's own may be listed without the domain. Source: allocator lookupAttribute. */
export function attributeOf({ device, pool }: OfferedDevice, name: string): DeviceAttribute | undefined {
  const attributes = device.attributes ?? {};
  if (attributes[name]) return attributes[name];
  const slash = name.indexOf('/');
  return slash >= 0 && name.slice(0, slash) === pool.driver ? attributes[name.slice(slash + 1)] : undefined;
}
