import type { Service } from '../../api/types/core-v1.gen.ts';
import type { IPAddress } from '../../api/types/networking-v1.gen.ts';
import { holdsHost, type Prefix, parseAddress } from '../../base/ip.ts';
import {
  isAllocated,
  isMarked,
  isServiceAddress,
  refersToService,
} from '../../resources/networking/service-address.ts';

/** How long an address may be there without its Service: writes of both may be under way. */
export const leakGrace = 60_000;

/** What is wrong, for the event, and what helps. */
export interface Finding {
  readonly reason: string;
  readonly message: string;
  /** `create` the object of this address for the Service; `recreate` it in the place of another. */
  readonly repair?: { readonly address: string; readonly how: 'create' | 'recreate' };
}

/** What is known about the others. */
export interface Book {
  readonly ranges: readonly Prefix[];
  address(name: string): IPAddress | undefined;
  service(namespace: string, name: string): Service | undefined;
}

/** The addresses of a Service that has any. */
export const clusterIps = ({ spec }: Service): readonly string[] =>
  spec?.type === 'ExternalName' || spec?.clusterIP === 'None' ? [] : (spec?.clusterIPs ?? []).filter((ip) => ip !== '');

/** Compares a Service with the objects of its addresses. Source: repairip.go, syncService. */
export function judgeService(service: Service, book: Book): Finding[] {
  return clusterIps(service).flatMap((ip) => judgeAddress(service, ip, book) ?? []);
}

function judgeAddress(service: Service, ip: string, book: Book): Finding | undefined {
  const address = parseAddress(ip);
  if (!address)
    return { reason: 'ClusterIPNotValid', message: `Cluster IP ${ip} is not a valid IP; please recreate Service` };
  const family = address.family === 4 ? 'IPv4' : 'IPv6';
  if (!book.ranges.some((range) => holdsHost(range, address)))
    return {
      reason: 'ClusterIPOutOfRange',
      message: `Cluster IP [${family}]: ${ip} is not within any configured Service CIDR; please recreate service`,
    };
  const object = book.address(ip);
  if (!object)
    return {
      reason: 'ClusterIPNotAllocated',
      message: `Cluster IP [${family}]: ${ip} is not allocated; repairing`,
      repair: { address: ip, how: 'create' },
    };
  const { namespace, name } = service.metadata;
  const recreate = { address: ip, how: 'recreate' } as const;
  if (!isServiceAddress(object, service.metadata)) {
    const parent = object.spec?.parentRef;
    const other = refersToService(object) ? book.service(parent?.namespace ?? '', parent?.name ?? '') : undefined;
    if (!other)
      return {
        reason: 'ClusterIPNotAllocated',
        message: `the ClusterIP [${family}]: ${ip} for Service ${namespace}/${name} has a wrong reference; repairing`,
        repair: recreate,
      };
    if (clusterIps(other).includes(ip))
      return {
        reason: 'ClusterIPAlreadyAllocated',
        message: `Cluster IP [${family}]:${ip} was assigned to multiple services; please recreate service`,
      };
  }
  return isMarked(object) ? undefined : { reason: '', message: '', repair: recreate };
}

/** What becomes of the object of an address: it stays, is looked at again later, or goes. */
export type Verdict =
  | { readonly do: 'keep' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'remove'; readonly reason: string; readonly message: string };

/** Compares the object of an address with the Service it names. Source: repairip.go, syncIPAddress. */
export function judgeObject(object: IPAddress, service: Service | undefined, now: number): Verdict {
  if (!isAllocated(object)) return { do: 'keep' };
  const ip = object.metadata.name!;
  const { group = '', resource = '', namespace = '', name = '' } = object.spec?.parentRef ?? {};
  if (!refersToService(object))
    return {
      do: 'remove',
      reason: 'IPAddressNotAllocated',
      message: `IPAddress ${ip} appears to have been modified, not referencing a Service &ParentReference{Group:${group},Resource:${resource},Namespace:${namespace},Name:${name},}: cleaning up`,
    };
  if (!service) {
    const ms = Date.parse(object.metadata.creationTimestamp!) + leakGrace - now;
    if (ms > 0) return { do: 'wait', ms };
    return {
      do: 'remove',
      reason: 'IPAddressNotAllocated',
      message: `IPAddress: ${ip} for Service ${namespace}/${name} appears to have leaked: cleaning up`,
    };
  }
  if (clusterIps(service).includes(ip)) return { do: 'keep' };
  return {
    do: 'remove',
    reason: 'IPAddressWrongReference',
    message: `IPAddress: ${ip} for Service ${namespace}/${name} has a wrong reference; cleaning up`,
  };
}
