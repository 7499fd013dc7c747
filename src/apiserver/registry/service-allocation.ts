import { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { KubeObject, Mutable } from '../../api/object.ts';
import { invalid } from '../../api/status.ts';
import type { Service, ServiceSpec } from '../../api/types/core-v1.gen.ts';
import { formatAddress, parseAddress } from '../../base/ip.ts';
import { needsHealthPort } from '../../resources/core/service-prepare.ts';
import type { Change, Store } from '../../store/store.ts';
import { type ClusterIpEnvironment, ClusterIps, clusterIpsOf } from './cluster-ips.ts';
import { NumberPool } from './number-pool.ts';
import type { Allotment } from './operation.ts';

const spec = FieldPath.of('spec');
const nodePorts = { first: 30_000, size: 2768, band: 86 };

/** Gives something back. */
type Undo = () => void;

/**
 * Hands out cluster IPs and node ports. What is taken is known from the moment it is taken, before the write is durable,
 * so that no two Services get the same; it is given back when the write fails, or when the committed Service no longer
 * holds it. Ports are counted from the stored Services at start. Source: registry/core/service/storage/alloc.go.
 */
export class ServiceAllocation {
  readonly #store: Store;
  readonly #addresses: ClusterIps;
  readonly #ports: NumberPool;
  readonly #watch: { close(): void };

  /** `cidr` is the range of a cluster whose ServiceCIDR `kubernetes` is still to come. */
  constructor(env: ClusterIpEnvironment, cidr: string) {
    const { store, ids } = env;
    this.#store = store;
    this.#addresses = new ClusterIps(env, cidr);
    this.#ports = new NumberPool(ids, nodePorts);
    for (const { object } of store.list('services').entries) this.#hold(object);
    this.#watch = store.watch(
      'services',
      { after: store.revision },
      {
        changes: (changes) => {
          for (const change of changes) {
            this.#addresses.settle(change);
            this.#settle(change);
          }
        },
      },
    );
  }

  close(): void {
    this.#watch.close();
  }

  /** Fills in what a prepared Service needs. Throws the 422 Status. */
  allocate(object: Mutable<KubeObject>): Allotment {
    const service = object as unknown as Mutable<Service>;
    const taken: Undo[] = [];
    const errors = new ErrorList();
    const owner = object.metadata.uid ?? '';
    const before = this.#stored(object);
    let address: string | undefined;
    if (service.spec) {
      address = this.#takeAddress(object, service.spec, before, errors);
      if (errors.empty) this.#takePorts(service.spec, before?.spec, owner, errors, taken);
    }
    const giveBack = () => {
      if (address) this.#addresses.letGo(address, owner);
      for (const give of taken) give();
    };
    if (!errors.empty) {
      giveBack();
      throw invalid({ group: '', kind: 'Service' }, object.metadata.name ?? '', errors.errors);
    }
    if (!address) return { giveBack };
    const settle = () => {
      const written = this.#addresses.write(address, object);
      this.#addresses.letGo(address, owner);
      return written;
    };
    return { giveBack, settle };
  }

  /** The Service as it was before an update. */
  #stored({ metadata: { uid, namespace = '', name = '' } }: KubeObject): Service | undefined {
    const before = this.#store.head({ resource: 'services', namespace, name })?.object;
    return before?.metadata.uid === uid ? (before as unknown as Service) : undefined;
  }

  /** The address that the Service newly takes; undefined when it takes none. */
  #takeAddress(
    object: KubeObject,
    s: Mutable<ServiceSpec>,
    before: Service | undefined,
    errors: ErrorList,
  ): string | undefined {
    if (s.type === 'ExternalName' || s.clusterIP === 'None' || s.clusterIPs?.[0] === 'None') return undefined;
    if (!singleStack(s, errors)) return undefined;
    const { uid = '' } = object.metadata;
    const asked = s.clusterIPs?.[0] || s.clusterIP;
    if (!asked) {
      const address = this.#addresses.takeAny(uid);
      if (address === undefined)
        errors.invalid(spec.child('clusterIPs'), [], 'failed to allocate a serviceIP: range is full');
      else {
        s.clusterIP = address;
        s.clusterIPs = [address];
      }
      return address;
    }
    const address = parseAddress(asked);
    // What is no address is for validation to say, and what the Service has already is not taken again.
    if (!address) return undefined;
    if (before && clusterIpsOf(before as unknown as KubeObject).includes(asked)) return undefined;
    const why = this.#addresses.take(address, uid);
    if (why === undefined) return formatAddress(address);
    errors.invalid(spec.child('clusterIPs'), s.clusterIPs ?? [asked], `failed to allocate IP ${asked}: ${why}`);
    return undefined;
  }

  #takePorts(
    s: Mutable<ServiceSpec>,
    before: ServiceSpec | undefined,
    owner: string,
    errors: ErrorList,
    taken: Undo[],
  ): void {
    const wanted = s.type === 'NodePort' || (s.type === 'LoadBalancer' && s.allocateLoadBalancerNodePorts !== false);
    const path = spec.child('ports');
    // One node port serves the same port of both protocols.
    const byPort = new Map<number, number>();
    for (const port of s.ports ?? []) if (port.nodePort) byPort.set(port.port, port.nodePort);
    for (const [i, port] of (s.ports ?? []).entries()) {
      if (port.nodePort) this.#takePort(port.nodePort, path.index(i).child('nodePort'), owner, errors, taken);
      else if (wanted) {
        const shared = byPort.get(port.port);
        const value = shared ?? this.#ports.takeAny(owner);
        if (value === undefined) {
          errors.invalid(path.index(i).child('nodePort'), 0, 'failed to allocate a nodePort: range is full');
          return;
        }
        if (shared === undefined) taken.push(() => this.#ports.release(value, owner));
        byPort.set(port.port, value);
        port.nodePort = value;
      }
    }
    // One that is there may not change, as validation will say.
    const kept = before !== undefined && needsHealthPort(before);
    if (needsHealthPort(s as ServiceSpec) && !kept) this.#takeHealthPort(s, owner, errors, taken);
  }

  #takeHealthPort(s: Mutable<ServiceSpec>, owner: string, errors: ErrorList, taken: Undo[]): void {
    if (s.healthCheckNodePort) {
      this.#takePort(s.healthCheckNodePort, spec.child('healthCheckNodePort'), owner, errors, taken);
      return;
    }
    const value = this.#ports.takeAny(owner);
    if (value === undefined) return;
    taken.push(() => this.#ports.release(value, owner));
    s.healthCheckNodePort = value;
  }

  #takePort(value: number, path: FieldPath, owner: string, errors: ErrorList, taken: Undo[]): void {
    if (!this.#ports.has(value))
      errors.invalid(path, value, 'provided port is not in the valid range. The range of valid ports is 30000-32767');
    else if (!take(this.#ports, value, owner, taken)) errors.invalid(path, value, 'provided port is already allocated');
  }

  /** After a commit: what the version before held and this one does not is free again. */
  #settle({ type, entry, previous }: Change): void {
    if (!previous) return;
    const kept = type === 'DELETED' ? [] : portsOf(entry.object);
    const owner = previous.object.metadata.uid ?? '';
    for (const value of portsOf(previous.object)) if (!kept.includes(value)) this.#ports.release(value, owner);
  }

  #hold(object: KubeObject): void {
    const owner = object.metadata.uid ?? '';
    for (const value of portsOf(object)) this.#ports.take(value, owner);
  }
}

function take(pool: NumberPool, value: number, owner: string, taken: Undo[]): boolean {
  const mine = pool.isHeldBy(value, owner);
  if (!pool.take(value, owner)) return false;
  if (!mine) taken.push(() => pool.release(value, owner));
  return true;
}

/** The cluster speaks IPv4 only. */
function singleStack(s: ServiceSpec | Mutable<ServiceSpec>, errors: ErrorList): boolean {
  s.ipFamilies?.forEach((family, i) => {
    if (family !== 'IPv4') errors.invalid(spec.child('ipFamilies').index(i), family, 'not configured on this cluster');
  });
  if (s.ipFamilyPolicy === 'RequireDualStack')
    errors.invalid(
      spec.child('ipFamilyPolicy'),
      s.ipFamilyPolicy,
      'this cluster is not configured for dual-stack services',
    );
  return errors.empty;
}

/** The node ports a stored Service holds. */
function portsOf(object: KubeObject): number[] {
  const s = (object as unknown as Service).spec;
  const ports = [...(s?.ports ?? []).map((port) => port.nodePort), s?.healthCheckNodePort];
  return ports.filter((value): value is number => !!value);
}
