import type { Endpoints } from '../../api/types/core-v1.gen.ts';
import { ageColumn, firstOf, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { endpointsDefaults, endpointsWarnings, validateEndpoints } from './endpoints-rules.ts';

const hostPort = (ip: string, port: number): string => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);

function addresses(endpoints: Endpoints): string {
  if (!endpoints.subsets?.length) return '<none>';
  const all = endpoints.subsets.flatMap((subset) => {
    const ips = (subset.addresses ?? []).map((address) => address.ip);
    return subset.ports?.length ? subset.ports.flatMap(({ port }) => ips.map((ip) => hostPort(ip, port))) : ips;
  });
  return firstOf(all, 3);
}

export const endpoints = defineResource<Endpoints>({
  group: '',
  version: 'v1',
  resource: 'endpoints',
  kind: 'Endpoints',
  createOnUpdate: true,
  defaults: endpointsDefaults,
  validate: validateEndpoints,
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  warnings: endpointsWarnings,
  columns: [nameColumn, text('Endpoints', addresses), ageColumn],
});
