import { formatDuration } from '../../api/duration.ts';
import type { KubeObject, ObjectMeta } from '../../api/object.ts';
import { quantityOf } from '../../api/quantity.ts';
import type { ContainerMetrics, NodeMetrics, PodMetrics } from '../../api/types/metrics-v1beta1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import type { ContainerUsage, Counters, NodeUsage, PodUsage, Rate } from '../../node/usage.ts';

/** The objects of metrics.k8s.io. What has not been measured for long enough has none. Source: metrics-server `pkg/api`, `pkg/storage`. */

const apiVersion = 'metrics.k8s.io/v1beta1';

type Measured<T extends Counters> = T & { readonly rate: Rate };

const isMeasured = <T extends Counters>(counters: T): counters is Measured<T> => counters.rate !== undefined;

const usage = ({ rate, memoryWorkingSetBytes }: Measured<Counters>): ContainerMetrics['usage'] => ({
  cpu: quantityOf(BigInt(rate.nanoCores), 'DecimalSI').text,
  memory: quantityOf(BigInt(memoryWorkingSetBytes) * 1_000_000_000n, 'BinarySI').text,
});

const measuredAt = (sampledAt: number, windowMs: number) => ({
  timestamp: timestamp(sampledAt),
  window: formatDuration(Math.round(windowMs * 1e6)),
});

/** Metadata of what is measured, at the time of the answer. */
const metadataOf = ({ name, namespace, labels }: ObjectMeta, now: number): ObjectMeta => ({
  ...(name && { name }),
  ...(namespace && { namespace }),
  creationTimestamp: timestamp(now),
  ...(labels && { labels }),
});

export function nodeMetricsOf({ metadata }: KubeObject, measured: NodeUsage, now: number): NodeMetrics | undefined {
  if (!isMeasured(measured)) return undefined;
  return {
    kind: 'NodeMetrics',
    apiVersion,
    metadata: metadataOf(metadata, now),
    ...measuredAt(measured.sampledAt, measured.rate.windowMs),
    usage: usage(measured),
  };
}

/** The window is the longest of the containers' own. */
export function podMetricsOf({ metadata }: KubeObject, pod: PodUsage, now: number): PodMetrics | undefined {
  const containers: readonly Measured<ContainerUsage>[] = pod.containers.filter(isMeasured);
  if (containers.length === 0) return undefined;
  const windowMs = Math.max(...containers.map(({ rate }) => rate.windowMs));
  return {
    kind: 'PodMetrics',
    apiVersion,
    metadata: metadataOf(metadata, now),
    ...measuredAt(containers[0]!.sampledAt, windowMs),
    containers: containers.map((container) => ({ name: container.name, usage: usage(container) })),
  };
}
