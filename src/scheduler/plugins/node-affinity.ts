import { type NodeMatcher, nodeTerm } from '../../api/node-selector.ts';
import { labelsAsSelector } from '../../api/selector.ts';
import type { NodeTable } from '../node-table.ts';
import { greatestBest, type Plugin, refusal } from '../plugin.ts';
import type { PodInfo } from '../pod-info.ts';

const mismatch = refusal("node(s) didn't match Pod's node affinity/selector", true);

/** Compiles what a pod requires of a node's labels and name; undefined when it requires nothing. */
export function requiredNodes({ pod }: PodInfo): NodeMatcher | undefined {
  const { nodeSelector, affinity } = pod.spec ?? {};
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const labels = nodeSelector && Object.keys(nodeSelector).length > 0 ? labelsAsSelector(nodeSelector) : undefined;
  if (!labels && !required) return undefined;
  const terms = required?.nodeSelectorTerms.map(nodeTerm);
  return (slot) => (!labels || labels.matches(slot.labels)) && (!terms || terms.some((matches) => matches(slot)));
}

/** The nodes that the terms name, when each term names some: what DaemonSets make of their pods. */
function namedNodes({ pod }: PodInfo, nodes: NodeTable): number[] | undefined {
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!required) return undefined;
  const names = new Set<string>();
  for (const { matchFields = [] } of required.nodeSelectorTerms) {
    const [first, ...others] = matchFields.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In');
    if (!first) return undefined;
    for (const name of first.values ?? []) if (others.every(({ values }) => values?.includes(name))) names.add(name);
  }
  return Array.from(names, (name) => nodes.slotOf(name)).filter((slot) => slot !== undefined);
}

/** nodeSelector and node affinity: required terms filter, preferred ones score. */
export const nodeAffinity: Plugin = {
  name: 'NodeAffinity',
  weight: 2,
  retryOn: ['NodeLabels'],
  sign: ({ pod }) => [pod.spec?.nodeSelector, pod.spec?.affinity?.nodeAffinity],
  narrow: namedNodes,
  filter(pod, nodes) {
    const matches = requiredNodes(pod);
    return matches && ((slot) => (matches(nodes.slots[slot]!) ? undefined : mismatch));
  },
  rate(pod, nodes) {
    const preferred = pod.pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
    if (!preferred?.length) return undefined;
    const terms = preferred.map(({ weight, preference }) => ({ weight, matches: nodeTerm(preference) }));
    return (slot) => {
      const node = nodes.slots[slot]!;
      return terms.reduce((sum, { weight, matches }) => (matches(node) ? sum + weight : sum), 0);
    };
  },
  normalize: greatestBest,
};
