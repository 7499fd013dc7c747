import type { KubeObject } from '../../../src/api/object.ts';
import type { Node, Service } from '../../../src/api/types/core-v1.gen.ts';
import type { EndpointHints, EndpointSlice } from '../../../src/api/types/discovery-v1.gen.ts';
import { SystemClock } from '../../../src/base/clock.ts';
import { SystemIds } from '../../../src/base/ids.ts';
import { silentLogger } from '../../../src/base/log.ts';
import type { Call, Transport, WatchEvent, WatchHandler } from '../../../src/client/call.ts';
import { Informer } from '../../../src/client/informer.ts';

/** A cache a test fills by hand: what the API server would send arrives through the informer's own watch. */
export class FilledCache<T extends Service | EndpointSlice | Node> {
  readonly informer: Informer<T>;
  readonly #items = new Map<string, T>();
  #handler: WatchHandler | undefined;
  #revision = 1;

  constructor(group: string, version: string, resource: string, signal: AbortSignal, initial: readonly T[] = []) {
    for (const item of initial) this.#items.set(this.#key(item), this.#stamped(item));
    const transport: Transport = {
      call: async (_call: Call) => {
        const items = [...this.#items.values()];
        const metadata = { resourceVersion: String(this.#revision) };
        return { apiVersion: version, kind: 'List', metadata, items } as unknown as KubeObject;
      },
      watch: async (_call, handler) => void (this.#handler = handler),
      as: () => transport,
    };
    const env = { clock: new SystemClock(), ids: new SystemIds(), log: silentLogger };
    this.informer = new Informer<T>(transport, { resource: { group, version, resource } }, env);
    void this.informer.run(signal).catch(() => undefined);
  }

  set(item: T): void {
    const key = this.#key(item);
    const type = this.#items.has(key) ? 'MODIFIED' : 'ADDED';
    const object = this.#stamped(item);
    this.#items.set(key, object);
    this.#send({ type, object: object as unknown as KubeObject });
  }

  delete(namespace: string, name: string): void {
    const key = `${namespace}/${name}`;
    const object = this.#items.get(key);
    if (!object) return;
    this.#items.delete(key);
    this.#send({ type: 'DELETED', object: this.#stamped(object) as unknown as KubeObject });
  }

  #send(event: WatchEvent): void {
    this.#handler?.events([event]);
  }

  #key(item: T): string {
    return `${item.metadata?.namespace}/${item.metadata?.name}`;
  }

  #stamped(item: T): T {
    const key = this.#key(item);
    return { ...item, metadata: { uid: key, ...item.metadata, resourceVersion: String(++this.#revision) } };
  }
}

export const services = (signal: AbortSignal, initial: readonly Service[] = []) =>
  new FilledCache<Service>('', 'v1', 'services', signal, initial);
export const slices = (signal: AbortSignal, initial: readonly EndpointSlice[] = []) =>
  new FilledCache<EndpointSlice>('discovery.k8s.io', 'v1', 'endpointslices', signal, initial);

export const nodes = (signal: AbortSignal, initial: readonly Node[] = []) =>
  new FilledCache<Node>('', 'v1', 'nodes', signal, initial);

interface PortSpec {
  readonly name?: string;
  readonly port: number;
  readonly target?: number;
  readonly protocol?: 'TCP' | 'UDP';
  readonly nodePort?: number;
}

export function service(name: string, clusterIP: string, ports: readonly PortSpec[], spec: object = {}): Service {
  const wire = ports.map(({ target: _, ...port }) => ({ protocol: 'TCP', ...port }));
  return { metadata: { namespace: 'default', name }, spec: { clusterIP, ports: wire, ...spec } } as unknown as Service;
}

export interface EndpointSpec {
  readonly address: string;
  readonly node?: string;
  readonly hostname?: string;
  readonly ready?: boolean;
  readonly serving?: boolean;
  readonly terminating?: boolean;
  readonly hints?: EndpointHints;
}

export function slice(
  serviceName: string,
  ports: readonly PortSpec[],
  endpoints: readonly EndpointSpec[],
): EndpointSlice {
  return {
    metadata: {
      namespace: 'default',
      name: `${serviceName}-1`,
      labels: { 'kubernetes.io/service-name': serviceName },
    },
    addressType: 'IPv4',
    ports: ports.map((p) => ({ name: p.name ?? '', protocol: p.protocol ?? 'TCP', port: p.target ?? p.port })),
    endpoints: endpoints.map(({ address, node, hostname, ready = true, serving, terminating, hints }) => ({
      addresses: [address],
      conditions: { ready, serving, terminating },
      nodeName: node,
      hostname,
      hints,
    })),
  } as unknown as EndpointSlice;
}
