import type { NodeMatcher } from '../../api/node-selector.ts';
import type { Node } from '../../api/types/core-v1.gen.ts';
import type { ClusterEvent, EventHint, PodTest } from '../events/events.ts';
import { requiredNodes } from '../rules/required-nodes.ts';
import type { PodInfo } from '../state/pod-info.ts';

/** A pod refused by many nodes' labels meets many events; its selectors are compiled once. */
const compiled = new WeakMap<PodInfo, { readonly match: NodeMatcher | undefined }>();

function matchOf(pod: PodInfo): NodeMatcher | undefined {
  const known = compiled.get(pod) ?? { match: requiredNodes(pod) };
  compiled.set(pod, known);
  return known.match;
}

const subject = ({ metadata }: Node) => ({ name: metadata?.name ?? '', labels: metadata?.labels ?? {} });

/** What a pod that no node's labels please waits for (NodeAffinity.EventsToRegister). `added` is what the profile requires. */
export function nodeAffinityEvents(added?: NodeMatcher): readonly EventHint[] {
  const hint = ({ old, now }: ClusterEvent): PodTest => {
    const after = subject(now as Node);
    if (added && !added(after)) return false;
    const before = old && subject(old as Node);
    const did = (pod: NodeMatcher | undefined) => before && (!added || added(before)) && (!pod || pod(before));
    return (pod) => {
      const match = matchOf(pod);
      return (!match || match(after)) && !did(match);
    };
  };
  return [{ resource: 'Node', actions: ['Add', 'UpdateNodeLabel'], hint }];
}
