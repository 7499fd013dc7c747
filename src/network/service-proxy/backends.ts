import type { ServicePort } from '../../api/types/core-v1.gen.ts';
import type { EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import { type Audience, audienceOf } from './topology.ts';

/** An address behind a Service. */
export interface Backend extends Audience {
  readonly address: string;
  readonly port: number;
  readonly node: string;
}

/** Addresses for one port of a Service: the ready ones, or else those that still serve while they end, as upstream. */
export function backendsOf(slices: readonly EndpointSlice[], port: ServicePort): Backend[] {
  const ready: Backend[] = [];
  const ending: Backend[] = [];
  for (const slice of slices) {
    if ((slice.addressType as string) !== 'IPv4') continue;
    const wanted = slice.ports?.find((p) => (p.name ?? '') === (port.name ?? '') && protocolOf(p) === protocolOf(port));
    if (!wanted?.port) continue;
    for (const endpoint of slice.endpoints ?? []) {
      const { addresses, conditions, nodeName } = endpoint;
      const address = addresses?.[0];
      if (!address) continue;
      const backend = { address, port: wanted.port, node: nodeName ?? '', ...audienceOf(endpoint) };
      if (conditions?.ready !== false) ready.push(backend);
      else if (conditions.serving && conditions.terminating) ending.push(backend);
    }
  }
  const unique = new Map((ready.length > 0 ? ready : ending).map((b) => [`${b.address}:${b.port}`, b]));
  return [...unique.values()].sort((a, b) => compare(a.address, b.address) || a.port - b.port);
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
export const protocolOf = (port: { readonly protocol?: string }) => (port.protocol ?? 'TCP').toLowerCase();
