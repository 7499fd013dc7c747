import type { APIServiceCondition, APIServiceStatus } from '../../api/types/apiregistration-v1.gen.ts';
import type { Service } from '../../api/types/core-v1.gen.ts';
import type { EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import type { ServiceReference } from './foreign-api.ts';

/** What is said of whether a group version can be had. Source: kube-aggregator `controllers/status`. */
export type Availability = Pick<APIServiceCondition, 'status' | 'reason' | 'message'>;

/** Of a group version that this server serves itself. */
export const localAvailability: Availability = {
  status: 'True',
  reason: 'Local',
  message: 'Local APIServices are always available',
};

/** Of one whose server has answered. */
export const passed: Availability = { status: 'True', reason: 'Passed', message: 'all checks passed' };

/** Of one whose server has not. */
export const failedCheck = (message: string): Availability => missing('FailedDiscoveryCheck', message);

const missing = (reason: string, message: string): Availability => ({ status: 'False', reason, message });

/** Why a server cannot be reached, going by the Service alone; undefined when it has to be asked. */
export function serviceProblem(
  reference: ServiceReference,
  service: Service | undefined,
  slices: readonly EndpointSlice[],
): Availability | undefined {
  const { namespace, name, port } = reference;
  const named = `service/${name} in ${JSON.stringify(namespace)}`;
  if (!service) return missing('ServiceNotFound', `${named} is not present`);
  // What other types lead to cannot be seen from here.
  if ((service.spec?.type ?? 'ClusterIP') !== 'ClusterIP') return undefined;
  const found = service.spec?.ports?.find((one) => one.port === port);
  if (!found) return missing('ServicePortError', `${named} is not listening on port ${port}`);
  if (slices.length === 0) return missing('EndpointsNotFound', `cannot find endpointslices for ${named}`);
  const portName = found.name ?? '';
  if (slices.some((slice) => hasEndpoint(slice, portName))) return undefined;
  const text = `endpointslices for ${named} have no addresses with port name ${JSON.stringify(portName)}`;
  return missing('MissingEndpoints', text);
}

const hasEndpoint = ({ endpoints, ports }: EndpointSlice, portName: string): boolean =>
  (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false) &&
  (ports ?? []).some(({ name = '', port }) => name === portName && port !== undefined);

/** The status that says so, from `now` on; undefined when it is said already. The time moves with the status only. */
export function statusWith(
  status: APIServiceStatus | undefined,
  availability: Availability,
  now: number,
): APIServiceStatus | undefined {
  const conditions = status?.conditions ?? [];
  const old = conditions.find(({ type }) => type === 'Available');
  const { status: said, reason, message } = availability;
  if (old && old.status === said && old.reason === reason && old.message === message) return undefined;
  const since = old?.status === said ? old?.lastTransitionTime : undefined;
  const next = { type: 'Available', ...availability, lastTransitionTime: since ?? timestamp(now) };
  return { ...status, conditions: old ? conditions.map((c) => (c === old ? next : c)) : [...conditions, next] };
}
