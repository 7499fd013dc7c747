import type { EndpointSlice } from '../api/types/discovery-v1.gen.ts';
import { indexBy } from '../client/index-map.ts';

/** The Service an EndpointSlice belongs to, as "namespace/name". */
export const serviceOf = (slice: EndpointSlice) =>
  `${slice.metadata?.namespace}/${slice.metadata?.labels?.['kubernetes.io/service-name'] ?? ''}`;

/** Slices by their Service. */
export const slicesByService = indexBy<EndpointSlice>('service', serviceOf);

/** Slices by every address in them. */
export const slicesByAddress = indexBy<EndpointSlice>('endpoint-address', (slice) =>
  (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses ?? []),
);
