import { divided } from '../quantity.ts';
import type { Container, Pod, ResourceFieldSelector } from '../types.ts';

/** What field references need beyond the pod. */
export interface FieldContext {
  readonly podIPs: readonly string[];
  readonly hostIPs: readonly string[];
  /** Stands in for limits the container does not set. */
  readonly allocatable: Readonly<Record<string, string>>;
}

const quoteText = (value: string): string => JSON.stringify(value);

const formatMap = (map: Readonly<Record<string, string>> | undefined): string =>
  Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${quoteText(value)}`)
    .join('\n');

const simple: Readonly<Record<string, (pod: Pod, context: FieldContext) => string>> = {
  'metadata.name': (pod) => pod.metadata.name ?? '',
  'metadata.namespace': (pod) => pod.metadata.namespace ?? '',
  'metadata.uid': (pod) => pod.metadata.uid ?? '',
  'metadata.labels': (pod) => formatMap(pod.metadata.labels),
  'metadata.annotations': (pod) => formatMap(pod.metadata.annotations),
  'spec.nodeName': (pod) => pod.spec.nodeName ?? '',
  'spec.serviceAccountName': (pod) => pod.spec.serviceAccountName ?? '',
  'status.hostIP': (_, context) => context.hostIPs[0] ?? '',
  'status.hostIPs': (_, context) => context.hostIPs.join(','),
  'status.podIP': (_, context) => context.podIPs[0] ?? '',
  'status.podIPs': (_, context) => context.podIPs.join(','),
};

/** The value of a fieldRef such as `metadata.labels['app']`. Throws with kubelet's text. */
export function fieldValue(pod: Pod, path: string, context: FieldContext): string {
  const subscript = /^metadata\.(labels|annotations)\['([^']*)'\]$/.exec(path);
  if (subscript) return pod.metadata[subscript[1] as 'labels' | 'annotations']?.[subscript[2]!] ?? '';
  const read = simple[path];
  if (!read) throw new Error(`unsupported fieldPath: ${path}`);
  return read(pod, context);
}

/** The value of a resourceFieldRef: the container's own, or what the node can give. Throws with kubelet's text. */
export function resourceValue(
  pod: Pod,
  own: Container | undefined,
  ref: ResourceFieldSelector,
  context: FieldContext,
): string {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const container = ref.containerName ? all.find((c) => c.name === ref.containerName) : own;
  if (!container) throw new Error(`container ${ref.containerName ?? ''} not found`);
  const [side, ...rest] = ref.resource.split('.');
  const name = rest.join('.');
  const known = ['cpu', 'memory', 'ephemeral-storage'].includes(name) || name.startsWith('hugepages-');
  if ((side !== 'limits' && side !== 'requests') || !known) {
    throw new Error(`Unsupported container resource : ${ref.resource}`);
  }
  const set = container.resources?.[side]?.[name];
  const fallback = side === 'limits' ? context.allocatable[name] : container.resources?.limits?.[name];
  return divided(set ?? fallback ?? '0', ref.divisor);
}
