import { isQuantity, parseQuantity } from '../../api/quantity.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { SandboxState } from '../../node/runtime.ts';
import type { ContainerStats, NodeStats } from '../../node/usage.ts';

/**
 * Annotations that say what a container uses: "web.krill.dev/usage-cpu: 250m" of the container web, "krill.dev/usage-cpu" of
 * all others. The last name is KWOK's, which means the same there.
 */
const annotationsFor = (container: string, resource: Resource): readonly string[] =>
  [`${container}.krill.dev`, 'krill.dev', 'kwok.x-k8s.io'].map((prefix) => `${prefix}/usage-${resource}`);

/** Without an annotation a container idles: it uses a tenth of the CPU it asked for and half of the memory. */
const idle = {
  cpu: { share: 10n, least: '1m' },
  memory: { share: 2n, least: '10Mi' },
} as const;
type Resource = keyof typeof idle;

/** What a container of a simulated pod uses of a resource, in billionths of its unit. */
export function simulatedAmount({ metadata, spec }: Pod, container: string, resource: Resource): bigint {
  for (const name of annotationsFor(container, resource)) {
    const said = metadata.annotations?.[name];
    if (isQuantity(said)) return parseQuantity(said).nano;
  }
  const all = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  const request = all.find(({ name }) => name === container)?.resources?.requests?.[resource];
  const { share, least } = idle[resource];
  const part = request === undefined ? 0n : parseQuantity(request).nano / share;
  return part > 0n ? part : parseQuantity(least).nano;
}

/** What is used now is all that is known: the shortest window that means anything. */
const windowMs = 1000;

/** The use of one simulated node. Its CPU counters go on from reading to reading with what was used at the later one. */
export class SimulatedUsage {
  #readAt: number | undefined;
  /** Nanoseconds of CPU time by container, and of the node. */
  #totals = new Map<string, number>();
  #whole = 0;

  /** `now` is wall time, `steady` what passes. Milliseconds. */
  read(sandboxes: readonly SandboxState[], pods: readonly Pod[], now: number, steady: number): NodeStats {
    const seconds = (steady - (this.#readAt ?? steady)) / 1000;
    this.#readAt = steady;
    const byUid = new Map(pods.map((pod) => [pod.metadata.uid, pod]));
    const containers: ContainerStats[] = [];
    for (const sandbox of sandboxes) {
      const pod = byUid.get(sandbox.pod.uid);
      if (!pod) continue;
      for (const { id, name, status, startedAt } of sandbox.containers) {
        if (status !== 'running') continue;
        const nanoCores = Number(simulatedAmount(pod, name, 'cpu'));
        const total = this.#totals.get(id);
        const cpuNanos = total === undefined ? (nanoCores * (now - startedAt)) / 1000 : total + nanoCores * seconds;
        this.#whole += cpuNanos - (total ?? 0);
        const bytes = Number(simulatedAmount(pod, name, 'memory') / 1_000_000_000n);
        containers.push({
          podUid: sandbox.pod.uid,
          container: name,
          containerId: id,
          cpuNanos: Math.round(cpuNanos),
          memoryWorkingSetBytes: bytes,
          memoryRssBytes: bytes,
          sampledAt: now,
          rate: { nanoCores, windowMs },
        });
      }
    }
    this.#totals = new Map(containers.map(({ containerId, cpuNanos }) => [containerId, cpuNanos]));
    const sum = (of: (container: ContainerStats) => number) => containers.reduce((all, one) => all + of(one), 0);
    return {
      cpuNanos: Math.round(this.#whole),
      memoryWorkingSetBytes: sum((c) => c.memoryWorkingSetBytes),
      memoryRssBytes: sum((c) => c.memoryRssBytes),
      sampledAt: now,
      rate: { nanoCores: sum((c) => c.rate?.nanoCores ?? 0), windowMs },
      containers,
    };
  }
}
