import type { KubeObject, Mutable } from '../../api/object.ts';
import type { Endpoint } from '../../api/types/discovery-v1.gen.ts';
import type { Differences } from './old-version.ts';

/**
 * discovery.k8s.io/v1beta1 keeps zone and node in a map of topology labels.
 * Source: kubernetes `pkg/apis/discovery/v1beta1/conversion.go`.
 */
const zoneLabel = 'topology.kubernetes.io/zone';
const hostLabel = 'kubernetes.io/hostname';

interface OldEndpoint extends Mutable<Endpoint> {
  topology?: Record<string, string>;
}

const endpointsOf = (object: Mutable<KubeObject>) => (object['endpoints'] ?? []) as OldEndpoint[];

function fromTopology(endpoint: OldEndpoint): void {
  if (!endpoint.topology) return;
  const { [zoneLabel]: zone, [hostLabel]: host, ...others } = endpoint.topology;
  delete endpoint.topology;
  if (zone !== undefined) endpoint.zone = zone;
  if (host !== undefined) endpoint.nodeName ??= host;
  // A hostname that is not the node's is kept as it was.
  if (host !== undefined && host !== endpoint.nodeName) others[hostLabel] = host;
  if (Object.keys(others).length > 0) endpoint.deprecatedTopology = others;
}

function toTopology(endpoint: OldEndpoint): void {
  const { deprecatedTopology, zone, nodeName } = endpoint;
  if (!deprecatedTopology && zone === undefined && nodeName === undefined) return;
  const topology: Record<string, string> = { ...deprecatedTopology };
  if (zone !== undefined) topology[zoneLabel] = zone;
  if (nodeName !== undefined) topology[hostLabel] ||= nodeName;
  endpoint.topology = topology;
}

export const v1beta1EndpointSlice: Differences = {
  toStorage: (object) => endpointsOf(object).forEach(fromTopology),
  fromStorage: (object) => endpointsOf(object).forEach(toTopology),
};
