import { ipAddresses, serviceCIDRs } from '../../api/kinds.gen.ts';
import { groupResource, type KubeObject } from '../../api/object.ts';
import type { Service } from '../../api/types/core-v1.gen.ts';
import type { IPAddress, ServiceCIDR } from '../../api/types/networking-v1.gen.ts';
import { type Clock, timestamp } from '../../base/clock.ts';
import type { Ids } from '../../base/ids.ts';
import { type Address, formatAddress, holdsHost, type Prefix, parseAddress, parsePrefix } from '../../base/ip.ts';
import type { Logger } from '../../base/log.ts';
import { defaultServiceCIDR, isServiceAddress, serviceAddress } from '../../resources/networking/service-address.ts';
import type { Change, Store, StoreKey } from '../../store/store.ts';
import { anyFree } from './number-pool.ts';

const addressResource = groupResource(ipAddresses);
const rangeResource = groupResource(serviceCIDRs);
const addressKey = (name: string): StoreKey => ({ resource: addressResource, namespace: '', name });

/** Where cluster DNS and the API server's own Service are in the first range. */
const keptOffsets = [1n, 10n];

export interface ClusterIpEnvironment {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
}

/**
 * The cluster IPs of Services. An IPAddress object says who has one: it is written right behind its Service and goes with
 * it. They come from every ServiceCIDR that is ready; from the configured range as long as there is no ServiceCIDR
 * `kubernetes`. Between the choice of an address and the write of its object it is held in memory.
 * Source: registry/core/service/ipallocator, MetaAllocator.
 */
export class ClusterIps {
  readonly #env: ClusterIpEnvironment;
  readonly #configured: string;
  readonly #kept: ReadonlySet<string>;
  /** Addresses of writes under way, by the uid of their Service. */
  readonly #held = new Map<string, string>();

  constructor(env: ClusterIpEnvironment, configured: string) {
    const range = parsePrefix(configured);
    if (range?.family !== 4) throw new Error(`${JSON.stringify(configured)} is not an IPv4 range such as 10.96.0.0/16`);
    this.#env = env;
    this.#configured = configured;
    this.#kept = new Set(keptOffsets.map((offset) => formatAddress({ family: 4, bits: range.first + offset })));
    this.#adopt();
  }

  /** Holds any free address for a Service; undefined when all ranges are full. */
  takeAny(uid: string): string | undefined {
    for (const range of this.#ranges()) {
      const value = anyFree(hostsOf(range), this.#env.ids, (number) => this.#isFree(nameOf(number)));
      if (value === undefined) continue;
      this.#held.set(nameOf(value), uid);
      return nameOf(value);
    }
    return undefined;
  }

  /** Holds this address for a Service; else says why it cannot. */
  take(address: Address, uid: string): string | undefined {
    if (!this.#ranges().some((range) => holdsHost(range, address)))
      return 'the provided network does not match the current range';
    const name = formatAddress(address);
    if (this.#held.has(name) || this.#env.store.head(addressKey(name))) return 'provided IP is already allocated';
    this.#held.set(name, uid);
    return undefined;
  }

  /** Ends the holding of an address, whether it was written or not. */
  letGo(name: string, uid: string): void {
    if (this.#held.get(name) === uid) this.#held.delete(name);
  }

  /** Writes the object of an address that is held. Resolves when it is durable. */
  async write(name: string, service: Pick<KubeObject, 'metadata'>): Promise<void> {
    const { store, ids, clock } = this.#env;
    if (store.head(addressKey(name))) return;
    const { metadata, ...rest } = serviceAddress(name, service);
    const life = { uid: ids.uid(), creationTimestamp: timestamp(clock.wall()) };
    await store.create(addressKey(name), { ...rest, metadata: { ...metadata, ...life } });
  }

  /** After a commit: what the version before held and this one does not is free again. */
  settle({ type, entry, previous }: Change): void {
    const uid = entry.object.metadata.uid ?? '';
    if (type === 'DELETED') for (const name of clusterIpsOf(entry.object)) this.letGo(name, uid);
    if (!previous) return;
    // Another Service of this name may have come meanwhile.
    const now = clusterIpsOf(this.#env.store.head(entry.key)?.object);
    for (const name of clusterIpsOf(previous.object)) if (!now.includes(name)) this.#remove(name, entry.object);
  }

  #remove(name: string, service: KubeObject): void {
    const { store } = this.#env;
    const head = store.head(addressKey(name));
    // One that others hold on to by a finalizer goes the way of every object, when it is seen to belong to nobody.
    if (!head || head.object.metadata.finalizers?.length) return;
    if (isServiceAddress(head.object as unknown as IPAddress, service.metadata))
      this.#unattended(store.delete(addressKey(name), head.revision));
  }

  /** Services of a krill that had no IPAddress objects get theirs. */
  #adopt(): void {
    const { store } = this.#env;
    for (const { object } of store.list('services').entries)
      for (const name of clusterIpsOf(object))
        if (!store.head(addressKey(name))) this.#unattended(this.write(name, object));
  }

  #unattended(write: Promise<unknown>): void {
    write.catch((error: unknown) => this.#env.log.warn('the object of a cluster IP could not be written', { error }));
  }

  #isFree(name: string): boolean {
    return !this.#held.has(name) && !this.#kept.has(name) && !this.#env.store.head(addressKey(name));
  }

  /** The ranges that addresses may be taken from now, the first one first. */
  #ranges(): Prefix[] {
    const stored = this.#env.store.list(rangeResource).entries.map(({ object }) => object as unknown as ServiceCIDR);
    const isDefault = ({ metadata }: ServiceCIDR) => metadata.name === defaultServiceCIDR;
    const ready = stored.filter(isReady).sort((a, b) => Number(isDefault(b)) - Number(isDefault(a)));
    const texts = ready.flatMap(({ spec }) => spec?.cidrs ?? []);
    if (!stored.some(isDefault)) texts.unshift(this.#configured);
    return texts.map(parsePrefix).filter((range) => range !== undefined && range.family === 4) as Prefix[];
  }
}

/** A range whose condition nobody has set yet counts as ready, as upstream's does. */
const isReady = ({ metadata, status }: ServiceCIDR): boolean =>
  !metadata.deletionTimestamp &&
  (status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'True') === 'True';

/** Numbers of the addresses of an IPv4 range. Source: ipallocator, calculateRangeOffset. */
function hostsOf({ first, last }: Prefix): { first: number; size: number; band: number } {
  const size = Math.max(0, Number(last - first) - 1);
  const band = size <= 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 16)), 256);
  return { first: Number(first) + 1, size, band: Math.min(band, size) };
}

const nameOf = (value: number): string => formatAddress({ family: 4, bits: BigInt(value) });

/** The addresses that a stored Service has. */
export const clusterIpsOf = (object: KubeObject | undefined): string[] =>
  ((object as unknown as Service | undefined)?.spec?.clusterIPs ?? []).filter((ip) => parseAddress(ip));
