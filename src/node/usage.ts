/**
 * What nodes and containers use of CPU and memory: counters as a runtime reads them, and what the kubelet makes of two
 * readings. Upstream these are the kubelet's /stats/summary and the metrics of its containers.
 */

export interface Counters {
  /** Total CPU time used, nanoseconds. */
  readonly cpuNanos: number;
  readonly memoryWorkingSetBytes: number;
  readonly memoryRssBytes: number;
  /** Wall time, milliseconds since the epoch. */
  readonly sampledAt: number;
  /** CPU used per second now, of runtimes that know it by themselves; of all others two readings tell. */
  readonly rate?: Rate;
}

/** CPU used per second, on average over the window that ended when it was read. */
export interface Rate {
  readonly nanoCores: number;
  readonly windowMs: number;
}

/** A container that runs. */
export interface ContainerStats extends Counters {
  readonly podUid: string;
  readonly container: string;
  readonly containerId: string;
}

/** One reading of a node: its own counters are those of everything that runs on it. */
export interface NodeStats extends Counters {
  readonly containers: readonly ContainerStats[];
}

/** A running container as the kubelet knows it. Without a rate it has not been seen for long enough. */
export interface ContainerUsage extends Counters {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

export interface PodUsage {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** RFC 3339; "" before the kubelet has said so. */
  readonly startTime: string;
  readonly containers: readonly ContainerUsage[];
}

export interface NodeUsage extends Counters {
  readonly node: string;
  readonly pods: readonly PodUsage[];
}
