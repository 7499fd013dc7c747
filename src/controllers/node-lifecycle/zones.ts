import type { Node } from '../../api/types/core-v1.gen.ts';
import { isNodeReady } from '../node-state.ts';

/** How a zone is: most of its nodes work, too many do not, or none does. */
export type ZoneState = 'Normal' | 'PartialDisruption' | 'FullDisruption';

/** --unhealthy-zone-threshold, --large-cluster-size-threshold, --node-eviction-rate, --secondary-node-eviction-rate. */
const unhealthyShare = 0.55;
const largeZone = 50;
const evictionRate = 0.1;
const secondaryEvictionRate = 0.01;

const excluded = 'node.kubernetes.io/exclude-disruption';

/** The nodes of a zone by whether they are Ready. */
export interface ZoneCount {
  readonly ready: number;
  readonly notReady: number;
}

/** Source: ComputeZoneState. */
export function zoneStateOf({ ready, notReady }: ZoneCount): ZoneState {
  if (ready === 0 && notReady > 0) return 'FullDisruption';
  return notReady > 2 && notReady / (ready + notReady) >= unhealthyShare ? 'PartialDisruption' : 'Normal';
}

/**
 * Nodes of a zone that may be marked for eviction, per second: where many fail at once, the fault may be ours, so it goes
 * slowly in a large zone and not at all in a small one. Source: setLimiterInZone.
 */
export function evictionRateOf(count: ZoneCount): number {
  if (zoneStateOf(count) !== 'PartialDisruption') return evictionRate;
  return count.ready + count.notReady > largeZone ? secondaryEvictionRate : 0;
}

/** The zone of a node, named by region and zone. Source: GetZoneKey. */
export function zoneOf({ metadata: { labels = {} } }: Node): string {
  const zone = labels['failure-domain.beta.kubernetes.io/zone'] ?? labels['topology.kubernetes.io/zone'] ?? '';
  const region = labels['failure-domain.beta.kubernetes.io/region'] ?? labels['topology.kubernetes.io/region'] ?? '';
  return zone === '' && region === '' ? '' : `${region}:\0:${zone}`;
}

interface Known {
  readonly zone: string;
  readonly ready: boolean;
  readonly counts: boolean;
}

/** Counts the nodes of each zone as they change; nothing here depends on how many there are. */
export class Zones {
  readonly #nodes = new Map<string, Known>();
  readonly #counts = new Map<string, { ready: number; notReady: number; members: number }>();
  /** Nodes of all zones that count and are Ready, and that are not. */
  #ready = 0;
  #notReady = 0;

  /** Takes in how a node is now; undefined when it is gone. Returns the zones that it concerns. */
  note(name: string, node: Node | undefined): string[] {
    const before = this.#nodes.get(name);
    const after = node && {
      zone: zoneOf(node),
      ready: isNodeReady(node),
      counts: node.metadata.labels?.[excluded] === undefined,
    };
    if (before && after && before.zone === after.zone && before.ready === after.ready && before.counts === after.counts)
      return [];
    if (before) this.#add(before, -1);
    if (after) {
      this.#add(after, 1);
      this.#nodes.set(name, after);
    } else this.#nodes.delete(name);
    return [...new Set([before?.zone, after?.zone])].filter((zone) => zone !== undefined);
  }

  /** How many nodes of a zone may be marked for eviction per second; undefined for a zone without nodes. */
  rate(zone: string): number | undefined {
    const count = this.#counts.get(zone);
    if (!count) return undefined;
    return this.allDown ? 0 : evictionRateOf(count);
  }

  /** Whether there are nodes and none of them works: then the fault is likelier ours than theirs. */
  get allDown(): boolean {
    return this.#ready === 0 && this.#notReady > 0;
  }

  names(): Iterable<string> {
    return this.#counts.keys();
  }

  #add({ zone, ready, counts }: Known, by: 1 | -1): void {
    let count = this.#counts.get(zone);
    if (!count) this.#counts.set(zone, (count = { ready: 0, notReady: 0, members: 0 }));
    count.members += by;
    if (count.members === 0) this.#counts.delete(zone);
    if (!counts) return;
    count[ready ? 'ready' : 'notReady'] += by;
    if (ready) this.#ready += by;
    else this.#notReady += by;
  }
}
