import type { DeviceClass, ResourceClaim } from '../../api/types/resource-v1.gen.ts';

/** Every class can be asked for as an extended resource by this and its name. */
export const classPrefix = 'deviceclass.resource.kubernetes.io/';

/** Marks claims that the scheduler makes for extended resources of a pod. */
export const extendedAnnotation = 'resource.kubernetes.io/extended-resource-claim';

export const isExtendedClaim = ({ metadata }: ResourceClaim): boolean =>
  metadata.annotations?.[extendedAnnotation] === 'true';

/** Which classes' devices stand for which resources: of several the newest class, of equals the first by name. */
export function classesByResource(classes: Iterable<DeviceClass>): ReadonlyMap<string, DeviceClass> {
  const found = new Map<string, DeviceClass>();
  for (const one of classes) {
    const resource = one.spec.extendedResourceName;
    if (!resource) continue;
    const other = found.get(resource);
    if (!other || goesBefore(one, other)) found.set(resource, one);
  }
  return found;
}

function goesBefore({ metadata: a }: DeviceClass, { metadata: b }: DeviceClass): boolean {
  const [since, than] = [a.creationTimestamp ?? '', b.creationTimestamp ?? ''];
  return since === than ? (a.name ?? '') < (b.name ?? '') : since > than;
}
