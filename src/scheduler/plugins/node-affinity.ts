import { type NodeMatcher, nodeTerm } from '../../api/node-selector.ts';
import { labelsAsSelector } from '../../api/selector.ts';
import { normalized, type Plugin, refusal } from '../plugin.ts';
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

/** nodeSelector and node affinity: required terms filter, preferred ones score. */
export const nodeAffinity: Plugin = {
  name: 'NodeAffinity',
  weight: 2,
  retryOn: ['NodeLabels'],
  filter(pod, nodes) {
    const matches = requiredNodes(pod);
    return matches && ((slot) => (matches(nodes.slots[slot]!) ? undefined : mismatch));
  },
  score(pod, nodes, feasible) {
    const preferred = pod.pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
    if (!preferred?.length) return undefined;
    const terms = preferred.map(({ weight, preference }) => ({ weight, matches: nodeTerm(preference) }));
    const scores = Float64Array.from(feasible, (slot) => {
      const node = nodes.slots[slot]!;
      return terms.reduce((sum, { weight, matches }) => (matches(node) ? sum + weight : sum), 0);
    });
    return normalized(scores, false);
  },
};
