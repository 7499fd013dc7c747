import { entryOf } from '../../api/object.ts';
import { badRequest, notFound, serviceUnavailable } from '../../api/status.ts';
import type { Pod, Service } from '../../api/types/core-v1.gen.ts';
import type { DialTarget } from '../../node/gateway.ts';
import { named } from '../registry/operation.ts';
import type { ApiRequest } from '../request.ts';
import { respond } from '../respond.ts';
import type { Connect } from '../serve-resource.ts';
import { readyEndpoints, servicePort } from '../service-endpoints.ts';
import type { ConnectParts } from './connect-parts.ts';
import { kubeletPages } from './kubelet-pages.ts';
import { forward } from './proxy.ts';

/** "[scheme:]name[:port]" of a proxy path. */
interface Asked {
  readonly scheme: 'http' | 'https';
  readonly name: string;
  readonly port: string;
}

function parseName(kind: string, text: string): Asked {
  const parts = text.split(':');
  const [scheme, name, port] = parts.length === 3 ? parts : ['', ...parts];
  if (parts.length > 3 || !name || !['', 'http', 'https'].includes(scheme ?? ''))
    throw badRequest(`invalid ${kind} request ${JSON.stringify(text)}`);
  return { scheme: scheme === 'https' ? 'https' : 'http', name, port: port ?? '' };
}

/** ANY of pods/[SCHEME:]NAME[:PORT]/proxy/PATH. */
export function podProxy(parts: ConnectParts): Connect {
  return (request, op) => {
    const { scheme, name, port } = parseName('pod', op.name);
    const object = parts.registry.store.get({ resource: 'pods', namespace: op.namespace, name })?.object;
    if (!object) throw notFound(named(op), name);
    const pod = object as unknown as Pod;
    const number = port ? Number(port) : (pod.spec?.containers?.[0]?.ports?.[0]?.containerPort ?? 80);
    return forward(parts, request, { target: podTarget(pod, number), scheme, host: `${name}:${number}` });
  };
}

function podTarget(pod: Pod, port: number): DialTarget {
  const address = pod.status?.podIP;
  const node = pod.spec?.nodeName;
  if (!address || !node) throw badRequest('address not allowed');
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw badRequest(`invalid port ${port}`);
  return { to: 'pod', node, uid: pod.metadata?.uid ?? '', address, port };
}

/** The port of upstream's kubelets, whose pages are there without a port too. */
const kubeletPort = '10250';

/** ANY of nodes/NAME[:PORT]/proxy/PATH. */
export function nodeProxy(parts: ConnectParts): Connect {
  return async (request, op) => {
    const { scheme, name, port } = parseName('node', op.name);
    if (!parts.registry.store.get({ resource: 'nodes', namespace: '', name })) throw notFound(named(op), name);
    if (!port || port === kubeletPort) return kubeletPage(parts, request, name);
    const target: DialTarget = { to: 'node', node: name, port: Number(port) };
    return forward(parts, request, { target, scheme, host: `${name}:${port}` });
  };
}

/** What krill's kubelets serve themselves, having no port. */
async function kubeletPage(parts: ConnectParts, request: ApiRequest, node: string): Promise<void> {
  const { rest, verb } = request.info;
  const page = entryOf(kubeletPages, rest.replace(/\/$/, ''));
  if (!page || verb !== 'get') {
    const known = Object.keys(kubeletPages).join(' and ');
    throw serviceUnavailable(
      `node ${node} has no kubelet port in krill, only ${known}: name a port, as in nodes/${node}:8080/proxy`,
    );
  }
  const usage = await parts.nodes().usage(node, request.exchange.signal);
  respond(request, 200, page.contentType, page.body(usage));
}

/** ANY of services/[SCHEME:]NAME[:PORT]/proxy/PATH: one of the Service's ready endpoints. */
export function serviceProxy(parts: ConnectParts): Connect {
  return (request, op) => {
    const { scheme, name, port } = parseName('service', op.name);
    const object = parts.registry.store.get({ resource: 'services', namespace: op.namespace, name })?.object;
    if (!object) throw notFound(named(op), name);
    const portName = servicePort(object as unknown as Service, name, port);
    const ready = readyEndpoints(parts.registry.store, op.namespace, name, portName);
    const target = ready[Math.floor(parts.registry.ids.random() * ready.length)]!;
    return forward(parts, request, { target, scheme, host: `${name}:${port || '80'}` });
  };
}
