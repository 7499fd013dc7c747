import { isDeepStrictEqual } from 'node:util';
import { labelsAsSelector } from '../api/selector.ts';
import type { Container, Pod, Service, ServicePort } from '../api/types/core-v1.gen.ts';
import { byNamespace, type Informer } from '../client/informer.ts';
import { keyOf } from '../client/object-key.ts';
import { selected } from '../client/selected.ts';
import { isReady, isTerminal } from './pod-state.ts';

/** The annotation that says which change the endpoints of a Service answer to. */
export const triggerAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time';

/** The label that marks endpoints of a headless Service. */
export const headlessLabel = 'service.kubernetes.io/headless';

/** Whether the Service chooses pods by its selector; others have endpoints that users write. */
export function hasSelector(service: Service): boolean {
  return service.spec?.type !== 'ExternalName' && service.spec?.selector !== undefined;
}

export const isHeadless = (service: Service): boolean => {
  const ip = service.spec?.clusterIP;
  return ip === undefined || ip === '' || ip === 'None';
};

/** The pods a Service selects. An empty selector selects none, as upstream's lister does. */
export function selectedPods(service: Service, pods: Informer<Pod>): Pod[] {
  const selector = labelsAsSelector(service.spec?.selector ?? {});
  return selected(pods, service.metadata.namespace!, selector);
}

export const podAddresses = (pod: Pod): readonly string[] =>
  pod.status?.podIPs?.map((entry) => entry.ip) ?? (pod.status?.podIP ? [pod.status.podIP] : []);

/** Whether a pod can be an endpoint at all: it has an address and has not ended. */
export function canServe(pod: Pod, includeTerminating: boolean): boolean {
  if (isTerminal(pod) || podAddresses(pod).length === 0) return false;
  return includeTerminating || pod.metadata.deletionTimestamp === undefined;
}

/** The pod's number for a Service port; a name is looked up in its containers and sidecars. */
export function targetPortOf(pod: Pod, port: ServicePort): number | undefined {
  const target = port.targetPort || port.port;
  if (typeof target === 'number') return target;
  const sidecars = pod.spec?.initContainers?.filter((c) => c.restartPolicy === 'Always') ?? [];
  const containers: readonly Container[] = [...(pod.spec?.containers ?? []), ...sidecars];
  const protocol = port.protocol ?? 'TCP';
  for (const container of containers) {
    const found = container.ports?.find((p) => p.name === target && (p.protocol ?? 'TCP') === protocol);
    if (found) return found.containerPort;
  }
  return undefined;
}

/** The name DNS gives the pod under a headless Service, if it asks for one there. */
export function hostnameUnder(service: Service, pod: Pod): string | undefined {
  const { hostname, subdomain } = pod.spec ?? {};
  return hostname && subdomain === service.metadata.name ? hostname : undefined;
}

/** Services with more pods than this are not looked at for every change. */
const large = 100;

/**
 * How long changes of a Service with so many pods are gathered, in milliseconds: each look costs as much as it has pods,
 * and a rollout changes them one by one.
 */
export const gatherDelay = (pods: number): number => (pods > large ? Math.min(1000, pods / 10) : 0);

/** How long to wait before looking whether somebody else changed the endpoints: most changes are the controller's own. */
export const echoDelay = (pods: number): number => (pods > large ? 2000 : 0);

/** Adds the key of every Service whose endpoints may have changed; `byPod` tells changes of its pods from its own. */
export function watchServices(
  services: Informer<Service>,
  pods: Informer<Pod>,
  add: (key: string, byPod: boolean) => void,
): void {
  const addService = (service: Service) => add(keyOf(service), false);
  services.index(byNamespace).on({
    added: addService,
    updated: (_, service) => addService(service),
    deleted: addService,
  });
  const wake = (...versions: Pod[]) => {
    for (const service of services.by(byNamespace, versions[0]!.metadata.namespace!)) {
      if (!hasSelector(service)) continue;
      const selector = labelsAsSelector(service.spec?.selector ?? {});
      if (versions.some((pod) => selector.matches(pod.metadata.labels))) add(keyOf(service), true);
    }
  };
  pods.index(byNamespace).on({
    added: (pod) => wake(pod),
    deleted: (pod) => wake(pod),
    updated: (old, pod) => {
      if (!isDeepStrictEqual(relevant(old), relevant(pod))) wake(old, pod);
    },
  });
}

/** The parts of a pod that endpoints are made of. */
function relevant(pod: Pod): unknown {
  const { labels, deletionTimestamp } = pod.metadata;
  const { nodeName, hostname, subdomain } = pod.spec ?? {};
  return [
    labels,
    deletionTimestamp !== undefined,
    nodeName,
    hostname,
    subdomain,
    podAddresses(pod),
    isReady(pod),
    isTerminal(pod),
  ];
}
