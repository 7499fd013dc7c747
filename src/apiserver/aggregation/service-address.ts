import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { notFound, serviceUnavailable } from '../../api/status.ts';
import type { Service } from '../../api/types/core-v1.gen.ts';
import type { EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import type { Dialer, DialTarget } from '../../node/gateway.ts';
import type { Store } from '../../store/store.ts';
import type { ServiceReference } from './foreign-api.ts';

/** From a Service to one address behind it, for servers behind APIServices. Source: apiserver `util/proxy/proxy.go`. */

/** One place where a Service's server listens. */
export interface ServiceAddress {
  readonly host: string;
  readonly port: number;
  /** The pod there; undefined for what is no pod of the cluster, which is reached from this machine. */
  readonly pod: DialTarget | undefined;
}

/** The address as URLs and Host headers write it. */
export const hostPort = ({ host, port }: ServiceAddress): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

export const serviceOf = (store: Store, { namespace, name }: ServiceReference): Service | undefined =>
  store.get({ resource: 'services', namespace, name })?.object as unknown as Service | undefined;

/** The EndpointSlices of a Service. */
export const slicesOf = (store: Store, { namespace, name }: ServiceReference): EndpointSlice[] =>
  store
    .list('endpointslices.discovery.k8s.io', {
      namespace,
      keep: ({ object }) => object.metadata.labels?.['kubernetes.io/service-name'] === name,
    })
    .entries.map(({ object }) => object as unknown as EndpointSlice);

/** One of the addresses that are ready. Throws a Status. `random` is uniform in [0, 1). */
export function serviceAddress(store: Store, reference: ServiceReference, random: () => number): ServiceAddress {
  const { name, port } = reference;
  const service = serviceOf(store, reference);
  if (!service) throw notFound({ group: '', resource: 'services' }, name);
  const { type = 'ClusterIP', clusterIP, externalName = '', ports = [] } = service.spec ?? {};
  if (type === 'ExternalName') return { host: externalName, port, pod: undefined };
  if (clusterIP === 'None') throw serviceUnavailable('cannot route to service with ClusterIP "None"');
  const found = ports.find((one) => one.port === port);
  if (!found) throw serviceUnavailable(`no service port ${port} found for service ${JSON.stringify(name)}`);
  const ready = slicesOf(store, reference).flatMap((slice) => readyIn(slice, found.name ?? ''));
  if (ready.length === 0) throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`);
  return ready[Math.floor(random() * ready.length)]!;
}

function readyIn({ ports, endpoints }: EndpointSlice, portName: string): ServiceAddress[] {
  const port = ports?.find((one) => (one.name ?? '') === portName)?.port;
  if (!port) return [];
  return (endpoints ?? [])
    .filter(({ conditions, addresses }) => conditions?.ready !== false && addresses?.[0])
    .map(({ addresses, targetRef, nodeName }) => {
      const host = addresses![0]!;
      const isPod = targetRef?.kind === 'Pod' && nodeName;
      const pod: DialTarget = { to: 'pod', node: nodeName ?? '', uid: targetRef?.uid ?? '', address: host, port };
      return { host, port, pod: isPod ? pod : undefined };
    });
}

/** Opens a connection. Rejects with what the socket, or the node, says. */
export const dialAddress = async (
  { host, port, pod }: ServiceAddress,
  nodes: () => Dialer,
  signal: AbortSignal,
): Promise<Duplex> => (pod ? nodes().dial(pod, signal) : dialHost(host, port, signal));

function dialHost(host: string, port: number, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
