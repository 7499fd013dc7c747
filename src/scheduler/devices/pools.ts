import { type NodeMatcher, nodeSelector } from '../../api/node-selector.ts';
import { parseQuantity } from '../../api/quantity.ts';
import type { Device, ResourceSlice, ResourceSliceSpec } from '../../api/types/resource-v1.gen.ts';
import type { DeviceTaintRule } from '../../api/types/resource-v1beta2.gen.ts';
import { type DeviceRef, taintsByRules } from '../../resources/resource/device-taints.ts';
import { newestSlices, slicesByPool } from '../../resources/resource/slice-pools.ts';
import type { NodeSlot } from '../state/node-table.ts';
import { deviceId, type OfferedDevice, type Pool } from './device.ts';

/** Where devices come from. Source: dynamic-resource-allocation `structured/internal/…/pools_*.go`. */

/** The part of a pool that a node reaches. */
export interface NodePool {
  readonly pool: Pool;
  readonly devices: readonly OfferedDevice[];
}

interface Place {
  readonly nodeName?: string;
  readonly allNodes?: boolean;
  readonly nodeSelector?: ResourceSliceSpec['nodeSelector'];
}

/** Which nodes reach what is offered there. */
function reach({ nodeName, allNodes, nodeSelector: selector }: Place): NodeMatcher {
  if (nodeName) return ({ name }) => name === nodeName;
  if (allNodes) return () => true;
  return selector ? nodeSelector(selector) : () => false;
}

interface PlacedPool {
  readonly pool: Pool;
  /** By device, or for a whole slice. */
  readonly offers: readonly { readonly matches: NodeMatcher; readonly devices: readonly OfferedDevice[] }[];
}

const byName = (a: ResourceSlice, b: ResourceSlice) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1);

/** Where pools are kept that are not one node's. */
const anywhere = '';

/** The pools of a cluster, by where they are. Each is built from its slices when it is first looked at after a change. */
export class Pools {
  readonly #slicesOf: (pool: string) => readonly ResourceSlice[];
  readonly #rules: () => readonly DeviceTaintRule[];
  readonly #outdated = new Set<string>();
  /** By pool: the node whose it is, or `anywhere`. */
  readonly #places = new Map<string, string>();
  readonly #placed = new Map<string, Map<string, PlacedPool>>();

  /** `slicesOf` has the slices of a pool as they are now, `rules` the rules that taint devices besides. */
  constructor(
    slicesOf: (pool: string) => readonly ResourceSlice[],
    rules: () => readonly DeviceTaintRule[] = () => [],
  ) {
    this.#slicesOf = slicesOf;
    this.#rules = rules;
  }

  /** A slice has come, has changed, or is gone. */
  changed(slice: ResourceSlice): void {
    this.#outdated.add(slicesByPool(slice));
  }

  /** A rule has come, has changed, or is gone. */
  ruled({ spec: { deviceSelector } }: DeviceTaintRule): void {
    if (!deviceSelector) return;
    const { driver, pool } = deviceSelector;
    for (const id of this.#places.keys()) {
      const fits =
        (driver === undefined || id.startsWith(`${driver}/`)) && (pool === undefined || id.endsWith(`/${pool}`));
      if (fits) this.#outdated.add(id);
    }
  }

  /** In the order they are looked through: by name, and those last whose devices must be prepared first. */
  on(node: NodeSlot): NodePool[] {
    for (const id of this.#outdated) this.#build(id);
    this.#outdated.clear();
    const near = [node.name, anywhere].flatMap((place) => [...(this.#placed.get(place)?.values() ?? [])]);
    return near.flatMap((placed) => reached(placed, node)).sort(order);
  }

  #build(id: string): void {
    const before = this.#places.get(id);
    if (before !== undefined) this.#drop(id, before);
    const slices = newestSlices(this.#slicesOf(id)).sort(byName);
    if (slices.length === 0) return;
    const { nodeName = anywhere } = slices[0]!.spec;
    const place = slices.every(({ spec }) => spec.nodeName === nodeName) ? nodeName : anywhere;
    const there = this.#placed.get(place) ?? new Map<string, PlacedPool>();
    this.#placed.set(place, there.set(id, buildPool(id, slices, this.#rules())));
    this.#places.set(id, place);
  }

  #drop(id: string, place: string): void {
    const there = this.#placed.get(place);
    there?.delete(id);
    if (there?.size === 0) this.#placed.delete(place);
    this.#places.delete(id);
  }
}

const order = ({ pool: a }: NodePool, { pool: b }: NodePool) =>
  Number(a.prepared) - Number(b.prepared) || (a.id < b.id ? -1 : 1);

function reached({ pool, offers }: PlacedPool, node: NodeSlot): NodePool[] {
  const here = offers.filter(({ matches }) => matches(node));
  return here.length === 0 ? [] : [{ pool, devices: here.flatMap(({ devices }) => devices) }];
}

function buildPool(id: string, slices: readonly ResourceSlice[], rules: readonly DeviceTaintRule[]): PlacedPool {
  const { driver, pool: of } = slices[0]!.spec;
  const counters = new Map<string, Map<string, bigint>>();
  const devices: OfferedDevice[] = [];
  const offers: PlacedPool['offers'][number][] = [];
  let invalid: string | undefined;
  for (const { spec } of slices) {
    for (const { name, counters: set } of spec.sharedCounters ?? []) {
      if (counters.has(name)) invalid ??= `duplicate counter set name ${name}`;
      const amounts = Object.entries(set).map(([counter, { value }]) => [counter, parseQuantity(value).nano] as const);
      counters.set(name, new Map(amounts));
    }
  }
  const pool: Pool = {
    id,
    driver,
    name: of.name,
    incomplete: slices.length !== of.resourceSliceCount,
    get invalid() {
      return invalid;
    },
    prepared: slices.some(({ spec }) => spec.devices?.some(({ bindingConditions }) => bindingConditions)),
    devices,
    counters,
  };
  const names = new Set<string>();
  for (const slice of slices) {
    const offered = (slice.spec.devices ?? []).map((published): OfferedDevice => {
      const device = ruledDevice(published, { driver, pool: of.name, device: published.name }, rules);
      if (names.has(device.name)) invalid ??= `duplicate device name ${device.name}`;
      names.add(device.name);
      invalid ??= unknownCounter(device, counters);
      return { id: deviceId({ driver, pool: of.name, device: device.name }), device, slice, pool };
    });
    devices.push(...offered);
    if (slice.spec.perDeviceNodeSelection) {
      for (const device of offered) offers.push({ matches: reach(device.device), devices: [device] });
    } else if (offered.length > 0) offers.push({ matches: reach(slice.spec), devices: offered });
  }
  return { pool, offers };
}

/** A device with the taints that rules give it. */
function ruledDevice(device: Device, ref: DeviceRef, rules: readonly DeviceTaintRule[]): Device {
  const taints = taintsByRules(rules, ref);
  return taints.length === 0 ? device : { ...device, taints: [...(device.taints ?? []), ...taints] };
}

function unknownCounter({ consumesCounters = [] }: Device, sets: Pool['counters']): string | undefined {
  for (const { counterSet, counters } of consumesCounters) {
    const set = sets.get(counterSet);
    if (!set) return `counter set ${counterSet} not found`;
    for (const name in counters) if (!set.has(name)) return `counter ${name} not found in counter set ${counterSet}`;
  }
  return undefined;
}
