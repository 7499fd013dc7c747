import type { DaemonSet } from '../../api/types/apps-v1.gen.ts';
import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import { isReady, isTerminal } from '../pod-state.ts';
import { nodeOf, placementOn } from './placement.ts';
import { isGoing, isUp, podsByNode } from './pods.ts';
import { limits, planUpdate } from './update-plan.ts';
import { isNew, type Version, versionOf } from './version.ts';

export interface DaemonPlan {
  /** Nodes that need a pod. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
  /** Those that have ended, which a user should hear of. They go too, but not at once where pods fail again and again. */
  readonly ended: readonly Pod[];
}

/**
 * One pod per fitting node: missing ones are made, ended, doubled and misplaced ones removed, outdated ones replaced.
 * `revision`: the hash of the current one.
 */
export function planDaemons(
  set: DaemonSet,
  nodes: readonly Node[],
  pods: readonly Pod[],
  revision: string,
  now: number,
): DaemonPlan {
  const version = versionOf(set, revision);
  const byNode = podsByNode(pods, version);
  const fitting = new Set(nodes.filter((node) => placementOn(set, node).run).map((node) => node.metadata.name!));
  const limit = limits(set, fitting.size);
  const surging = limit.surge > 0;
  const create = [...fitting].filter((node) => !byNode.has(node));
  const remove = unscheduledWithoutNode(nodes, pods);
  const ended: Pod[] = [];
  for (const node of nodes) {
    const name = node.metadata.name!;
    const own = (byNode.get(name) ?? []).filter((pod) => !isGoing(pod));
    if (!placementOn(set, node).stay) {
      remove.push(...own);
      continue;
    }
    ended.push(...own.filter(isTerminal));
    const alive = own.filter((pod) => !isTerminal(pod));
    remove.push(...(surging ? surplusOfSurge(set, alive, version, now) : alive.slice(1)));
    // What is going or has ended stands in nobody's way where two pods may be side by side.
    if (surging && alive.length === 0 && fitting.has(name) && byNode.has(name)) create.push(name);
  }
  if (set.spec?.updateStrategy?.type === 'OnDelete') return { create, remove, ended };
  const going = new Set(remove);
  const update = planUpdate({ set, byNode, fitting, going, limit, version, now });
  return { create: [...create, ...update.create], remove: [...remove, ...update.remove], ended };
}

/** Pods that wait for a node that is gone are nobody else's business: they were never bound. */
function unscheduledWithoutNode(nodes: readonly Node[], pods: readonly Pod[]): Pod[] {
  const names = new Set(nodes.map((node) => node.metadata.name));
  return pods.filter((pod) => !pod.spec?.nodeName && !isGoing(pod) && !names.has(nodeOf(pod)));
}

/** With surge one of each revision may stand side by side, as long as the old one serves and the new one does not yet. */
function surplusOfSurge(set: DaemonSet, alive: readonly Pod[], version: Version, now: number): Pod[] {
  const [fresh, ...moreFresh] = alive.filter((pod) => isNew(pod, version));
  const [old, ...moreOld] = alive.filter((pod) => !isNew(pod, version));
  const replaced = fresh && old && (!isReady(old) || isUp(set, fresh, now));
  return [...moreFresh, ...moreOld, ...(replaced ? [old] : [])];
}
