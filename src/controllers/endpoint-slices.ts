import { endpointSlices } from '../api/kinds.gen.ts';
import { isStatus } from '../api/status.ts';
import type { EndpointPort, EndpointSlice } from '../api/types/discovery-v1.gen.ts';
import type { Client } from '../client/client.ts';
import { type IndexFunction, indexBy } from '../client/index-map.ts';
import { keyOf, parseKey } from '../client/object-key.ts';

export const serviceNameLabel = 'kubernetes.io/service-name';
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';

/** What to write. Updates carry the resourceVersion they were planned on. */
export interface SlicePlan {
  readonly create: EndpointSlice[];
  readonly update: EndpointSlice[];
  readonly remove: EndpointSlice[];
}

/** Slices with equal ports, in any order, have equal keys. */
export const portsKey = (ports: readonly EndpointPort[] | undefined): string =>
  (ports ?? [])
    .map((p) => JSON.stringify([p.name ?? '', p.protocol ?? 'TCP', p.port ?? 0, p.appProtocol ?? '']))
    .sort()
    .join();

/** A slice to create takes over the name of one to remove: one write instead of two, and no gap between them. */
export function reuseSlices(plan: SlicePlan): SlicePlan {
  const create = [...plan.create];
  const remove = [...plan.remove];
  const update = [...plan.update];
  while (create.length > 0 && remove.length > 0) {
    const { endpoints, ports, metadata } = create.shift()!;
    const old = remove.shift()!;
    const { labels, annotations } = metadata;
    update.push({
      ...old,
      metadata: {
        ...old.metadata,
        ...(labels && { labels }),
        annotations: { ...old.metadata.annotations, ...annotations },
      },
      ...(endpoints && { endpoints }),
      ...(ports && { ports }),
    });
  }
  return { create, update, remove };
}

/** The key of the Service that a slice of this manager belongs to; undefined for the slices of others. */
export function serviceOfSlice(slice: EndpointSlice, managedBy: string): string | undefined {
  const labels = slice.metadata.labels ?? {};
  const service = labels[serviceNameLabel];
  return service && labels[managedByLabel] === managedBy ? `${slice.metadata.namespace}/${service}` : undefined;
}

/** Finds the slices of one manager by the key of their Service. */
export const slicesByService = (managedBy: string): IndexFunction<EndpointSlice> =>
  indexBy<EndpointSlice>(`service-of-${managedBy}`, (slice) => serviceOfSlice(slice, managedBy));

/** Carries out a plan; a slice that is gone already counts as removed. */
export async function writeSlices(client: Client, plan: SlicePlan, signal: AbortSignal): Promise<void> {
  const slices = client.resource(endpointSlices);
  await Promise.all([
    ...plan.create.map((slice) => slices.create(slice, { signal })),
    ...plan.update.map((slice) => slices.update(slice, { signal })),
    ...plan.remove.map(async (slice) => {
      try {
        await slices.delete(parseKey(keyOf(slice)), { preconditions: { uid: slice.metadata.uid! }, signal });
      } catch (error) {
        if (!isStatus(error, 'NotFound')) throw error;
      }
    }),
  ]);
}
