import { nodes, pods } from '../../api/kinds.gen.ts';
import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import type { Informers } from '../../client/informers.ts';
import type { ClusterEvent, EventHint } from './events.ts';
import { awaitedResources, followResources } from './resource-events.ts';

/** Who keeps book of the cluster. */
export interface ClusterBook {
  nodeSet(old: Node | undefined, node: Node): void;
  nodeGone(node: Node): void;
  podSet(old: Pod | undefined, pod: Pod): void;
  podGone(pod: Pod): void;
  /** Anything else that a plugin waits for has changed. */
  changed(event: ClusterEvent): void;
}

/**
 * Prepares to follow nodes, pods and what some plugin waits for: from now on there are caches of those, and of nothing
 * else. What is returned starts telling, first of everything that is there, and returns how to stop.
 */
export function prepareFollowing(informers: Informers, hints: Iterable<readonly EventHint[]>): FollowCluster {
  const [allNodes, allPods] = [informers.of(nodes), informers.of(pods)];
  const awaited = awaitedResources(informers, hints);
  for (const [, ref] of awaited) informers.of(ref);
  return (book) => {
    const stops = [
      allNodes.on({
        added: (node) => book.nodeSet(undefined, node),
        updated: (old, node) => book.nodeSet(old, node),
        deleted: (node) => book.nodeGone(node),
      }),
      allPods.on({
        added: (pod) => book.podSet(undefined, pod),
        updated: (old, pod) => book.podSet(old, pod),
        deleted: (pod) => book.podGone(pod),
      }),
      followResources(informers, awaited, (event) => book.changed(event)),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  };
}

export type FollowCluster = (book: ClusterBook) => () => void;
