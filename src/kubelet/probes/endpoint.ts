import type { DialTarget } from '../../node/gateway.ts';
import type { Container, Pod } from '../types.ts';

/** Where probes and hooks of a pod reach. */
export interface Endpoint {
  readonly target: DialTarget;
  /** "10.244.1.5:8080": as it appears in texts. */
  readonly address: string;
  readonly host: string;
  readonly port: number;
}

/** A port number, by value or by the name of one of the container's ports. Throws with kubelet's text. */
export function portOf(container: Container, port: number | string): number {
  const number = typeof port === 'number' ? port : Number(port);
  if (Number.isInteger(number)) {
    if (number > 0 && number < 65536) return number;
    throw new Error(`invalid port number: ${port}`);
  }
  const named = container.ports?.find((p) => p.name === port);
  if (!named) throw new Error(`couldn't find port: ${port} in container ${container.name}`);
  return named.containerPort;
}

const loopbacks = new Set(['127.0.0.1', 'localhost', '::1']);

/**
 * The endpoint of an httpGet, tcpSocket or grpc action. A `host` other than the pod's own is refused: this process
 * reaches pods and nodes, nothing else.
 */
export function endpointOf(
  pod: Pod,
  container: Container,
  podIP: string,
  action: { readonly port: number | string; readonly host?: string },
): Endpoint {
  const port = portOf(container, action.port);
  const host = action.host || podIP;
  const node = pod.spec.nodeName ?? '';
  const uid = pod.metadata.uid ?? '';
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const found = { address, host, port };
  if (pod.spec.hostNetwork && (host === podIP || loopbacks.has(host))) {
    return { ...found, target: { to: 'node', node, port } };
  }
  if (host === podIP) return { ...found, target: { to: 'pod', node, uid, address: podIP, port } };
  throw new Error(`host ${host} is not this pod's: krill reaches only pods and nodes`);
}
