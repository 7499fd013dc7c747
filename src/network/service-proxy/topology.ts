import type { Endpoint } from '../../api/types/discovery-v1.gen.ts';

/** For whom an endpoint is meant; empty when nothing is said of it. */
export interface Audience {
  readonly forNodes: readonly string[];
  readonly forZones: readonly string[];
}

/** Where a node is. */
export interface Whereabouts {
  readonly node: string;
  readonly zone: string | undefined;
}

export const audienceOf = ({ hints }: Endpoint): Audience => ({
  forNodes: (hints?.forNodes ?? []).map(({ name = '' }) => name),
  forZones: (hints?.forZones ?? []).map(({ name = '' }) => name),
});

/**
 * The endpoints that a node is to use: those meant for it, else those meant for its zone, as long as every endpoint says
 * for whom it is and there is one; else all of them. Source: pkg/proxy/topology.go.
 */
export function meantFor<T extends Audience>(endpoints: readonly T[], { node, zone }: Whereabouts): readonly T[] {
  return meant(endpoints, 'forNodes', node) ?? meant(endpoints, 'forZones', zone) ?? endpoints;
}

function meant<T extends Audience>(endpoints: readonly T[], by: keyof Audience, name: string | undefined) {
  if (name === undefined || endpoints.some((endpoint) => endpoint[by].length === 0)) return undefined;
  const found = endpoints.filter((endpoint) => endpoint[by].includes(name));
  return found.length > 0 ? found : undefined;
}
