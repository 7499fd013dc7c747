import { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { KubeObject, Mutable } from '../../api/object.ts';
import { invalid } from '../../api/status.ts';
import type { Service, ServiceSpec } from '../../api/types/core-v1.gen.ts';
import type { Ids } from '../../base/ids.ts';
import type { Change, Store } from '../../store/store.ts';
import { formatIpv4, type Ipv4Range, parseIpv4, parseRange } from './ipv4-range.ts';
import { NumberPool } from './number-pool.ts';

const spec = FieldPath.of('spec');
const nodePorts = { first: 30_000, size: 2768, band: 86 };

/** What one write has newly taken; given back when the write fails. */
export type Undo = () => void;

/**
 * Hands out cluster IPs and node ports. What is taken is known in memory from the moment it is taken, before the write
 * is durable, so that no two Services get the same; it is given back when the write fails, or when the committed
 * Service no longer holds it. Rebuilt from the store at start. Source: registry/core/service/storage/alloc.go.
 */
export class ServiceAllocation {
  readonly #range: Ipv4Range;
  readonly #addresses: NumberPool;
  readonly #ports: NumberPool;
  readonly #watch: { close(): void };

  constructor(store: Store, ids: Ids, cidr: string) {
    this.#range = parseRange(cidr);
    const { first, size } = this.#range;
    this.#addresses = new NumberPool(ids, {
      first: first + 1,
      size: size - 2,
      band: Math.min(Math.max(16, size >>> 4), 256, size - 2),
      // The API server's own address, and cluster DNS.
      kept: [first + 1, first + 10],
    });
    this.#ports = new NumberPool(ids, nodePorts);
    for (const { object } of store.list('services').entries) this.#hold(object);
    this.#watch = store.watch(
      'services',
      { after: store.revision },
      {
        changes: (changes) => {
          for (const change of changes) this.#settle(change);
        },
      },
    );
  }

  close(): void {
    this.#watch.close();
  }

  /** Fills in what a prepared Service needs. Throws the 422 Status; returns how to give it back. */
  allocate(object: Mutable<KubeObject>): Undo {
    const service = object as unknown as Mutable<Service>;
    const taken: Undo[] = [];
    const errors = new ErrorList();
    const owner = object.metadata.uid ?? '';
    if (service.spec) {
      this.#takeAddress(service.spec, owner, errors, taken);
      if (errors.empty) this.#takePorts(service.spec, owner, errors, taken);
    }
    const undo = () => {
      for (const give of taken) give();
    };
    if (errors.empty) return undo;
    undo();
    throw invalid({ group: '', kind: 'Service' }, object.metadata.name ?? '', errors.errors);
  }

  #takeAddress(s: Mutable<ServiceSpec>, owner: string, errors: ErrorList, taken: Undo[]): void {
    if (s.type === 'ExternalName' || s.clusterIP === 'None' || s.clusterIPs?.[0] === 'None') return;
    if (!singleStack(s, errors)) return;
    const asked = s.clusterIPs?.[0] || s.clusterIP;
    if (!asked) {
      const value = this.#addresses.takeAny(owner);
      if (value === undefined) {
        errors.invalid(spec.child('clusterIPs'), [], 'failed to allocate a serviceIP: range is full');
        return;
      }
      taken.push(() => this.#addresses.release(value, owner));
      s.clusterIP = formatIpv4(value);
      s.clusterIPs = [s.clusterIP];
      return;
    }
    const value = parseIpv4(asked);
    // What is no address is for validation to say.
    if (value === undefined) return;
    const refuse = (why: string) =>
      errors.invalid(spec.child('clusterIPs'), s.clusterIPs ?? [asked], `failed to allocate IP ${asked}: ${why}`);
    if (!this.#addresses.has(value))
      return void refuse(
        `the provided IP (${asked}) is not in the valid range. The range of valid IPs is ${this.#range.text}`,
      );
    if (!take(this.#addresses, value, owner, taken)) refuse('provided IP is already allocated');
  }

  #takePorts(s: Mutable<ServiceSpec>, owner: string, errors: ErrorList, taken: Undo[]): void {
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
    if (s.type === 'LoadBalancer' && s.externalTrafficPolicy === 'Local') this.#takeHealthPort(s, owner, errors, taken);
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
    const kept = type === 'DELETED' ? { addresses: [], ports: [] } : held(entry.object);
    const before = held(previous.object);
    const owner = previous.object.metadata.uid ?? '';
    for (const value of before.addresses) if (!kept.addresses.includes(value)) this.#addresses.release(value, owner);
    for (const value of before.ports) if (!kept.ports.includes(value)) this.#ports.release(value, owner);
  }

  #hold(object: KubeObject): void {
    const owner = object.metadata.uid ?? '';
    const { addresses, ports } = held(object);
    for (const value of addresses) this.#addresses.take(value, owner);
    for (const value of ports) this.#ports.take(value, owner);
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

/** The numbers a stored Service holds. */
function held(object: KubeObject): { readonly addresses: readonly number[]; readonly ports: readonly number[] } {
  const s = (object as unknown as Service).spec;
  const addresses = (s?.clusterIPs ?? []).map(parseIpv4).filter((value) => value !== undefined);
  const ports = [...(s?.ports ?? []).map((port) => port.nodePort), s?.healthCheckNodePort].filter((value) => !!value);
  return { addresses, ports: ports as number[] };
}
