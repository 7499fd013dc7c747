import type { NodeMatcher } from '../../api/node-selector.ts';
import type { Node } from '../../api/types/core-v1.gen.ts';
import type { ClusterEvent, EventHint, PodTest } from '../events.ts';
import { requiredNodes } from '../plugins/node-affinity.ts';
import type { PodInfo } from '../pod-info.ts';

/** A pod refused by many nodes' labels meets many events; its selectors are compiled once. */
const compiled = new WeakMap<PodInfo, { readonly match: NodeMatcher | undefined }>();

function matchOf(pod: PodInfo): NodeMatcher | undefined {
  const known = compiled.get(pod) ?? { match: requiredNodes(pod) };
  compiled.set(pod, known);
  return known.match;
}

const subject = ({ metadata }: Node) => ({ name: metadata?.name ?? '', labels: metadata?.labels ?? {} });

/** What a pod that no node's labels please waits for (NodeAffinity.EventsToRegister). */
export const nodeAffinityEvents: readonly EventHint[] = [
  { resource: 'Node', actions: ['Add', 'UpdateNodeLabel'], hint: nodeMatchesNow },
];

function nodeMatchesNow({ old, now }: ClusterEvent): PodTest {
  const after = subject(now as Node);
  const before = old && subject(old as Node);
  return (pod) => {
    const match = matchOf(pod);
    return !match || (match(after) && !(before && match(before)));
  };
}
