import type { Container, ContainerExtendedResourceRequest, Pod } from '../../api/types/core-v1.gen.ts';
import type { DeviceRequest, ResourceClaim } from '../../api/types/resource-v1.gen.ts';
import { extendedAnnotation } from '../../resources/resource/extended-classes.ts';
import { amount, type PodInfo } from '../state/pod-info.ts';

/** The claim that stands for the extended resources of a pod. Source: dynamicresources `extendeddynamicresources.go`. */

/** Which request of the claim is for which resource of which container. */
export type Mapping = ContainerExtendedResourceRequest;

export interface ExtendedRequests {
  readonly requests: readonly DeviceRequest[];
  readonly mappings: readonly Mapping[];
}

interface Placed {
  readonly container: Container;
  /** Among init containers and containers together. */
  readonly index: number;
  /** An init container that has ended when the others run: its devices can be used again. */
  readonly brief: boolean;
}

function containersOf({ spec }: Pod): Placed[] {
  const init = spec?.initContainers ?? [];
  return [...init, ...(spec?.containers ?? [])].map((container, index) => ({
    container,
    index,
    brief: index < init.length && container.restartPolicy !== 'Always',
  }));
}

const countOf = ({ container }: Placed, resource: string): number =>
  amount(resource, container.resources?.requests?.[resource] ?? '0');

/** Requests are called by the places of container and resource. */
function requestName({ container, index }: Placed, resource: string): string {
  const names = Object.keys(container.resources?.requests ?? {}).sort();
  return `container-${index}-request-${names.indexOf(resource)}`;
}

const mapping = ({ container }: Placed, resourceName: string, requestName: string): Mapping => ({
  containerName: container.name,
  resourceName,
  requestName,
});

const request = (name: string, deviceClassName: string, count: number): DeviceRequest => ({
  name,
  exactly: { deviceClassName, allocationMode: 'ExactCount', count },
});

/** One request for each container that runs on; init containers use those of later ones, and one of their own for the rest. */
function requestsOf(resource: string, className: string, containers: readonly Placed[]): ExtendedRequests {
  const lasting = containers.filter((placed) => !placed.brief && countOf(placed, resource) > 0);
  const requests = lasting.map((placed) =>
    request(requestName(placed, resource), className, countOf(placed, resource)),
  );
  const mappings = lasting.map((placed) => mapping(placed, resource, requestName(placed, resource)));
  let most: { readonly name: string; readonly count: number } | undefined;
  const short: Placed[] = [];
  for (const placed of containers.filter(({ brief }) => brief)) {
    let left = countOf(placed, resource);
    for (const later of lasting.filter(({ index }) => index > placed.index)) {
      if (left <= 0) break;
      left -= countOf(later, resource);
      mappings.push(mapping(placed, resource, requestName(later, resource)));
    }
    if (left <= 0) continue;
    short.push(placed);
    if (!most || left > most.count) most = { name: requestName(placed, resource), count: left };
  }
  if (most) requests.push(request(most.name, className, most.count));
  for (const placed of short) mappings.push(mapping(placed, resource, most!.name));
  return { requests, mappings };
}

/** What is to be allocated for these resources of a pod. `className` says whose devices stand for a resource. */
export function extendedRequests(
  pod: Pod,
  resources: readonly string[],
  className: (resource: string) => string,
): ExtendedRequests {
  const containers = containersOf(pod);
  const all = resources.map((resource) => requestsOf(resource, className(resource), containers));
  return {
    requests: all.flatMap(({ requests }) => requests).sort((a, b) => (a.name < b.name ? -1 : 1)),
    mappings: all.flatMap(({ mappings }) => mappings),
  };
}

/** The claim as it is created; until then it is known by a name that no claim can have. */
export function extendedClaim({ namespace, name, uid }: PodInfo, requests: readonly DeviceRequest[]): ResourceClaim {
  return {
    metadata: {
      name: `<extended-resources>${uid}`,
      namespace,
      uid: `extended-resources-${uid}`,
      generateName: `${name}-extended-resources-`,
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid, controller: true }],
      annotations: { [extendedAnnotation]: 'true' },
    },
    spec: { devices: { requests } },
  };
}
