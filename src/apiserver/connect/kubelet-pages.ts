import { timestamp } from '../../base/clock.ts';
import type { Counters, NodeUsage, PodUsage } from '../../node/usage.ts';

/** What a kubelet serves of what its node uses, by path: content type and body. */
export interface KubeletPage {
  readonly contentType: string;
  readonly body: (usage: NodeUsage) => string;
}

export const kubeletPages: Readonly<Record<string, KubeletPage>> = {
  '/stats/summary': { contentType: 'application/json', body: (usage) => JSON.stringify(summary(usage)) },
  '/metrics/resource': { contentType: 'text/plain; version=0.0.4; charset=utf-8', body: resourceMetrics },
};

/** Source of the shape: kubelet/pkg/apis/stats/v1alpha1. */
const summary = ({ node, pods, ...usage }: NodeUsage) => ({
  node: { nodeName: node, ...stats(usage) },
  pods: pods.map(({ namespace, name, uid, startTime, containers }) => ({
    podRef: { name, namespace, uid },
    startTime: startTime || null,
    containers: containers.map((container) => ({
      name: container.name,
      startTime: timestamp(container.startedAt),
      ...stats(container),
    })),
    ...(containers.length > 0 && stats(total(containers))),
  })),
});

const stats = ({ cpuNanos, memoryWorkingSetBytes, memoryRssBytes, sampledAt, rate }: Counters) => {
  const time = timestamp(sampledAt);
  return {
    cpu: { time, ...(rate && { usageNanoCores: rate.nanoCores }), usageCoreNanoSeconds: cpuNanos },
    memory: { time, workingSetBytes: memoryWorkingSetBytes, rssBytes: memoryRssBytes },
  };
};

/** All containers of a pod together; a rate only where each has one. */
function total(containers: PodUsage['containers']): Counters {
  const sum = (of: (one: Counters) => number) => containers.reduce((all, one) => all + of(one), 0);
  const windowMs = Math.max(...containers.map(({ rate }) => rate?.windowMs ?? 0));
  return {
    cpuNanos: sum((c) => c.cpuNanos),
    memoryWorkingSetBytes: sum((c) => c.memoryWorkingSetBytes),
    memoryRssBytes: sum((c) => c.memoryRssBytes),
    sampledAt: containers[0]!.sampledAt,
    ...(containers.every(({ rate }) => rate) && { rate: { nanoCores: sum((c) => c.rate!.nanoCores), windowMs } }),
  };
}

type Labels = Readonly<Record<string, string>>;
interface Sample {
  readonly labels: Labels;
  readonly counters: Counters;
  /** Seconds since the epoch; of containers. */
  readonly startedAt?: number;
}

/** What a family says of a sample, and of which of node, pods and containers. */
const families = [
  ['container_cpu_usage_seconds_total', 'counter', 'container', ({ counters }: Sample) => counters.cpuNanos / 1e9],
  [
    'container_memory_working_set_bytes',
    'gauge',
    'container',
    ({ counters }: Sample) => counters.memoryWorkingSetBytes,
  ],
  ['container_start_time_seconds', 'gauge', 'container', ({ startedAt = 0 }: Sample) => startedAt],
  ['node_cpu_usage_seconds_total', 'counter', 'node', ({ counters }: Sample) => counters.cpuNanos / 1e9],
  ['node_memory_working_set_bytes', 'gauge', 'node', ({ counters }: Sample) => counters.memoryWorkingSetBytes],
  ['pod_cpu_usage_seconds_total', 'counter', 'pod', ({ counters }: Sample) => counters.cpuNanos / 1e9],
  ['pod_memory_working_set_bytes', 'gauge', 'pod', ({ counters }: Sample) => counters.memoryWorkingSetBytes],
] as const;

/** Source of the names: pkg/kubelet/metrics/collectors/resource_metrics.go. */
function resourceMetrics(usage: NodeUsage): string {
  const pods = usage.pods.filter(({ containers }) => containers.length > 0);
  const samples: Readonly<Record<string, readonly Sample[]>> = {
    node: [{ labels: {}, counters: usage }],
    pod: pods.map(({ namespace, name, containers }) => ({
      labels: { namespace, pod: name },
      counters: total(containers),
    })),
    container: pods.flatMap(({ namespace, name, containers }) =>
      containers.map((container) => ({
        labels: { container: container.name, namespace, pod: name },
        counters: container,
        startedAt: container.startedAt / 1000,
      })),
    ),
  };
  const lines = families.flatMap(([name, type, of, value]) => [
    `# TYPE ${name} ${type}`,
    ...samples[of]!.map((sample) => line(name, sample, value(sample))),
  ]);
  return `${lines.join('\n')}\n# TYPE resource_scrape_error gauge\nresource_scrape_error 0\n`;
}

function line(name: string, { labels, counters }: Sample, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value} ${counters.sampledAt}`;
}
