import type { ContainerStats, ContainerUsage, Counters, NodeUsage, PodUsage, Rate } from '../../node/usage.ts';
import type { Pod } from '../types.ts';
import type { Readings } from './meter.ts';

/** A pod of the node, and since when its containers have been running. */
export interface MeasuredPod {
  readonly pod: Pod;
  readonly startTime: string;
  /** Milliseconds since the epoch; undefined for a container the kubelet does not know. */
  readonly startedAt: (containerId: string) => number | undefined;
}

/** A container must have been running for so long before what it used since its start says something. Source: metrics-server `pkg/storage`, freshContainerMinMetricsResolution. */
const settledAfter = 10_000;

/** What the readings of a node say of it and of its pods. */
export function nodeUsage(node: string, { now, before }: Readings, pods: readonly MeasuredPod[]): NodeUsage {
  const earlier = new Map(before?.stats.containers.map((stats) => [stats.containerId, stats]));
  const byPod = Map.groupBy(now.containers, ({ podUid }) => podUid);
  const { containers: _, ...counters } = now;
  return {
    node,
    ...withRate(counters, before && rateBetween(now, before.stats, before.windowMs)),
    pods: pods.map(({ pod, startTime, startedAt }): PodUsage => {
      const { namespace = '', name = '', uid = '' } = pod.metadata;
      const containers = (byPod.get(uid) ?? []).map((stats) => {
        const known = earlier.get(stats.containerId);
        const since = startedAt(stats.containerId) ?? stats.sampledAt;
        const rate = known && before ? rateBetween(stats, known, before.windowMs) : sinceStart(stats, since);
        return containerUsage(stats, since, rate);
      });
      return { namespace, name, uid, startTime, containers };
    }),
  };
}

function containerUsage(stats: ContainerStats, startedAt: number, rate: Rate | undefined): ContainerUsage {
  const { podUid: _pod, containerId: _id, container, ...counters } = stats;
  return { name: container, startedAt, ...withRate(counters, rate) };
}

/** What the runtime itself tells goes first. */
const withRate = <T extends Counters>(counters: T, rate: Rate | undefined): T =>
  counters.rate || !rate ? counters : { ...counters, rate };

/** Undefined where no time passed, and where the counter began anew. */
function rateBetween(now: Counters, before: Counters, windowMs: number): Rate | undefined {
  const used = now.cpuNanos - before.cpuNanos;
  return windowMs > 0 && used >= 0 ? { nanoCores: Math.round((used * 1000) / windowMs), windowMs } : undefined;
}

function sinceStart(stats: ContainerStats, startedAt: number): Rate | undefined {
  const windowMs = stats.sampledAt - startedAt;
  return windowMs >= settledAfter ? rateBetween(stats, { ...stats, cpuNanos: 0 }, windowMs) : undefined;
}
