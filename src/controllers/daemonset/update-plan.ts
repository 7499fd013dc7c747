import { scaledValue } from '../../api/int-or-string.ts';
import type { DaemonSet } from '../../api/types/apps-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { isGoing, isUp } from './pods.ts';
import { isNew, type Version } from './version.ts';

/** Which outdated pods a rolling update replaces now. Source: upstream's rollingUpdate. */

/** How many nodes may have two pods, or none, during an update. */
export interface Limits {
  readonly surge: number;
  readonly unavailable: number;
}

/** `wanted`: how many nodes are to have a pod. Both limits zero would never move. */
export function limits(set: DaemonSet, wanted: number): Limits {
  const { maxSurge = 0, maxUnavailable = 1 } = set.spec?.updateStrategy?.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge, wanted, true);
  const unavailable = scaledValue(maxUnavailable, wanted, true);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

/** A set in the middle of an update. */
export interface Updating {
  readonly set: DaemonSet;
  readonly byNode: ReadonlyMap<string, readonly Pod[]>;
  /** The nodes that are to have a pod. Others may still have one, which is outdated some day. */
  readonly fitting: ReadonlySet<string>;
  /** Pods that are removed in any case. */
  readonly going: ReadonlySet<Pod>;
  readonly limit: Limits;
  /** What is rolled out. */
  readonly version: Version;
  /** Wall milliseconds. */
  readonly now: number;
}

export interface Update {
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
}

/** The pod of each revision on a node. */
interface Pair {
  readonly node: string;
  readonly fresh?: Pod;
  readonly old?: Pod;
}

export function planUpdate(updating: Updating): Update {
  return updating.limit.surge > 0 ? planSurge(updating) : planReplace(updating);
}

/** Nodes with and without pods; `crowded` are those with several pods of a revision, which are thinned out first. */
function pairs({ byNode, fitting, going, version }: Updating): {
  readonly pairs: readonly Pair[];
  readonly crowded: number;
} {
  const found: Pair[] = [];
  let crowded = 0;
  for (const node of new Set([...fitting, ...byNode.keys()])) {
    const alive = (byNode.get(node) ?? []).filter((pod) => !isGoing(pod) && !going.has(pod));
    const [fresh, ...moreFresh] = alive.filter((pod) => isNew(pod, version));
    const [old, ...moreOld] = alive.filter((pod) => !isNew(pod, version));
    if (moreFresh.length + moreOld.length > 0) crowded++;
    else found.push({ node, ...(fresh && { fresh }), ...(old && { old }) });
  }
  return { pairs: found, crowded };
}

/** Outdated pods that are down go at once; others as far as that many nodes may be without. */
function planReplace(updating: Updating): Update {
  const { set, limit, now } = updating;
  const { pairs: nodes, crowded } = pairs(updating);
  let missing = crowded;
  const down: Pod[] = [];
  const candidates: Pod[] = [];
  for (const { fresh, old } of nodes) {
    if (!old || fresh) {
      if (old || !fresh || !isUp(set, fresh, now)) missing++;
    } else if (isUp(set, old, now)) candidates.push(old);
    else {
      down.push(old);
      missing++;
    }
  }
  return { create: [], remove: [...down, ...candidates.slice(0, Math.max(0, limit.unavailable - missing))] };
}

/** A second pod of the new revision comes first; the old one goes when that is available. */
function planSurge(updating: Updating): Update {
  const { set, fitting, limit, now } = updating;
  const { pairs: nodes, crowded } = pairs(updating);
  const up = (pod: Pod | undefined) => pod !== undefined && isUp(set, pod, now);
  const outdated = nodes.filter(({ old, fresh }) => old && !fresh);
  const doubled = nodes.filter(({ old, fresh }) => old && fresh);
  const here = outdated.filter(({ node }) => fitting.has(node));
  const elsewhere = outdated.filter(({ node }) => !fitting.has(node));
  const surging = crowded + doubled.filter(({ fresh }) => !up(fresh)).length;
  const candidates = here.filter(({ old }) => up(old)).slice(0, Math.max(0, limit.surge - surging));
  // Where no pod is wanted any more none follows: what serves there stays until enough others do.
  const spare = nodes.filter(({ old, fresh }) => up(old ?? fresh)).length - fitting.size;
  const removed = [
    ...doubled.filter(({ fresh }) => up(fresh)),
    ...elsewhere.filter(({ old }) => !up(old)),
    ...elsewhere.filter(({ old }) => up(old)).slice(0, Math.max(0, spare)),
  ];
  return {
    // Where the old one is down its successor costs nothing.
    create: [...here.filter(({ old }) => !up(old)), ...candidates].map(({ node }) => node),
    remove: removed.map(({ old }) => old!),
  };
}
