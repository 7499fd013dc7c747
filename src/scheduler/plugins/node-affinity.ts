import type { NodeAffinityArgs } from '../config/types.ts';
import { nodeAffinityEvents } from '../hints/node-affinity.ts';
import { greatestBest, type Plugin, refusal } from '../plugin.ts';
import { preferredBy, requiredBy, requiredNodes } from '../rules/required-nodes.ts';
import type { NodeTable } from '../state/node-table.ts';
import type { PodInfo } from '../state/pod-info.ts';

const mismatch = refusal("node(s) didn't match Pod's node affinity/selector", true);

const conflict = refusal('pod affinity terms conflict', true);
const enforced = refusal("node(s) didn't match scheduler-enforced node affinity", true);

/** The names of nodes that the terms allow, when each term names some: what DaemonSets make of their pods. */
function namesOf({ pod }: PodInfo): Set<string> | undefined {
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!required?.nodeSelectorTerms.length) return undefined;
  const names = new Set<string>();
  for (const { matchFields = [] } of required.nodeSelectorTerms) {
    const [first, ...others] = matchFields.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In');
    if (!first) return undefined;
    for (const name of first.values ?? []) if (others.every(({ values }) => values?.includes(name))) names.add(name);
  }
  return names;
}

function namedNodes(pod: PodInfo, nodes: NodeTable): number[] | undefined {
  const names = namesOf(pod);
  return names && Array.from(names, (name) => nodes.slotOf(name)).filter((slot) => slot !== undefined);
}

/**
 * nodeSelector and node affinity: required terms filter, preferred ones score. What the profile adds counts for every pod.
 */
export function nodeAffinityPlugin({ addedAffinity }: NodeAffinityArgs = {}): Plugin {
  const added = requiredBy(addedAffinity);
  return {
    name: 'NodeAffinity',
    weight: 2,
    events: nodeAffinityEvents(added),
    sign: ({ pod }) => [pod.spec?.nodeSelector, pod.spec?.affinity?.nodeAffinity],
    narrow: namedNodes,
    filter(pod, nodes) {
      // Every term wants a node to have two names.
      if (namesOf(pod)?.size === 0) return conflict;
      const matches = requiredNodes(pod);
      if (!matches && !added) return undefined;
      return (slot) => {
        const node = nodes.slots[slot]!;
        if (added && !added(node)) return enforced;
        return !matches || matches(node) ? undefined : mismatch;
      };
    },
    rate({ pod }, nodes) {
      const prefers = preferredBy(pod.spec?.affinity?.nodeAffinity, addedAffinity);
      return prefers && ((slot) => prefers(nodes.slots[slot]!));
    },
    normalize: greatestBest,
  };
}

export const nodeAffinity = nodeAffinityPlugin();
