import type { Service } from '../../api/types/core-v1.gen.ts';
import type { AddressType, Endpoint, EndpointHints } from '../../api/types/discovery-v1.gen.ts';
import { assignZones, desiredByZone } from './zone-allocation.ts';
import type { ZoneShares } from './zone-shares.ts';

/** Whether a Service leaves it to the controller which zone an endpoint is meant for (service.kubernetes.io/topology-mode). */
export function sharesOut({ metadata }: Service): boolean {
  const { annotations = {} } = metadata;
  const mode =
    annotations['service.kubernetes.io/topology-aware-hints'] ?? annotations['service.kubernetes.io/topology-mode'];
  return mode === 'Auto' || mode === 'auto';
}

const isReady = ({ conditions }: Endpoint) => conditions?.ready === true;

/** What an endpoint says of itself for the Service's trafficDistribution. Source: k8s.io/endpointslice `trafficdist`. */
function near({ zone, nodeName }: Endpoint, sameNode: boolean): EndpointHints | undefined {
  const forNode = sameNode && nodeName;
  if (!zone && !forNode) return undefined;
  return {
    ...(zone && { forZones: [{ name: zone }] }),
    ...(forNode && { forNodes: [{ name: nodeName }] }),
  };
}

/** Endpoints by what tells one from another. */
type Endpoints = ReadonlyMap<string, Endpoint>;

/** Says for whom the endpoints of a Service are meant. */
export class Hinter {
  readonly #service: Service;
  readonly #shares: () => ZoneShares | undefined;
  /** By address family, where the Service wants zones shared out: why they are not; undefined when they are. */
  readonly outcomes = new Map<AddressType, string | undefined>();

  constructor(service: Service, shares: () => ZoneShares | undefined) {
    this.#service = service;
    this.#shares = shares;
  }

  /** The hints of one family's endpoints; `before` has them as they are published. */
  hints(family: AddressType, endpoints: Endpoints, before: Endpoints): ReadonlyMap<string, EndpointHints> {
    if (sharesOut(this.#service)) {
      const found = this.#shareOut(endpoints, before);
      this.outcomes.set(family, typeof found === 'string' ? found : undefined);
      return typeof found === 'string' ? new Map() : found;
    }
    const hints = new Map<string, EndpointHints>();
    const wish = this.#service.spec?.trafficDistribution;
    if (!wish) return hints;
    for (const [key, endpoint] of endpoints) {
      const hint = isReady(endpoint) ? near(endpoint, wish === 'PreferSameNode') : undefined;
      if (hint) hints.set(key, hint);
    }
    return hints;
  }

  #shareOut(endpoints: Endpoints, before: Endpoints): ReadonlyMap<string, EndpointHints> | string {
    const ready = [...endpoints].filter(([, endpoint]) => isReady(endpoint));
    const desired = desiredByZone(ready.length, this.#shares());
    if (typeof desired === 'string') return desired;
    if (ready.some(([, { zone }]) => !zone)) return 'One or more endpoints do not have a zone specified';
    const homes = ready.map(([key, { zone = '' }]) => ({ zone, before: before.get(key)?.hints?.forZones?.[0]?.name }));
    const zones = assignZones(homes, desired);
    return new Map(ready.map(([key], n) => [key, { forZones: [{ name: zones[n]! }] }]));
  }
}
