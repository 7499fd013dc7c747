import { quantityMilli } from '../../api/quantity.ts';
import type { Container, Pod } from '../../api/types/core-v1.gen.ts';
import { containerRequests } from '../../resources/rules/pod-resources.ts';
import { Uncountable } from './uncountable.ts';

/**
 * What each pod requests of a resource, by name, in thousandths: the pod as a whole, or one container of it. Throws
 * `Uncountable` when one does not say. Source: pkg/controller/podautoscaler `calculateRequests`.
 */
export function requestsOf(pods: readonly Pod[], container: string, resource: string): ReadonlyMap<string, number> {
  return new Map(pods.map((pod) => [pod.metadata.name!, requestOf(pod, container, resource)]));
}

function requestOf(pod: Pod, container: string, resource: string): number {
  const whole = pod.spec?.resources?.requests;
  if (whole && Object.keys(whole).length > 0 && container === '') return wholeRequest(pod, whole, resource);
  const all: readonly Container[] = [
    ...(pod.spec?.containers ?? []),
    ...(pod.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always'),
  ];
  const meant = container === '' ? all : all.filter(({ name }) => name === container);
  if (container !== '' && meant.length === 0) {
    throw new Uncountable(`container ${container} not found in Pod ${pod.metadata.name}`);
  }
  return meant.reduce((sum, { name, resources }) => {
    const request = resources?.requests?.[resource];
    if (request !== undefined) return sum + quantityMilli(request);
    throw new Uncountable(`missing request for ${resource} in container ${name} of Pod ${pod.metadata.name}`);
  }, 0);
}

function wholeRequest(pod: Pod, whole: Readonly<Record<string, string>>, resource: string): number {
  const request = whole[resource] ?? containerRequests(pod.spec!)[resource];
  if (request !== undefined) return quantityMilli(request);
  throw new Uncountable(`missing pod-level request for ${resource} in Pod ${pod.metadata.name}`);
}
