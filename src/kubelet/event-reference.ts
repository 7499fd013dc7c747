import type { Container, Pod } from './types.ts';

/** What an event is about: the pod, or one of its containers. */
export function referenceOf(pod: Pod, container: Container | undefined) {
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = pod.metadata;
  const list =
    container && pod.spec.initContainers?.some((c) => c.name === container.name) ? 'initContainers' : 'containers';
  const ephemeral = container && pod.spec.ephemeralContainers?.some((c) => c.name === container.name);
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    namespace,
    name,
    uid,
    resourceVersion,
    ...(container && { fieldPath: `spec.${ephemeral ? 'ephemeralContainers' : list}{${container.name}}` }),
  };
}
