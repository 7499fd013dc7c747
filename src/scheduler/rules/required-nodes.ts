import { type NodeMatcher, nodeSelector, nodeTerm } from '../../api/node-selector.ts';
import { labelsAsSelector } from '../../api/selector.ts';
import type { NodeAffinity } from '../../api/types/core-v1.gen.ts';
import type { PodInfo } from '../state/pod-info.ts';

/** Compiles what a pod requires of a node's labels and name; undefined when it requires nothing. */
export function requiredNodes({ pod }: PodInfo): NodeMatcher | undefined {
  const { nodeSelector: labelled, affinity } = pod.spec ?? {};
  const labels = labelled && Object.keys(labelled).length > 0 ? labelsAsSelector(labelled) : undefined;
  const matches = requiredBy(affinity?.nodeAffinity);
  if (!labels) return matches;
  return (node) => labels.matches(node.labels) && (!matches || matches(node));
}

/** The same for what an affinity requires. */
export function requiredBy(affinity: NodeAffinity | undefined): NodeMatcher | undefined {
  const required = affinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required && nodeSelector(required);
}

/** How much of what an affinity prefers a node has, by weight; undefined when it prefers nothing. */
export function preferredBy(
  ...affinities: readonly (NodeAffinity | undefined)[]
): ((node: Parameters<NodeMatcher>[0]) => number) | undefined {
  const terms = affinities
    .flatMap((affinity) => affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
    .map(({ weight, preference }) => ({ weight, matches: nodeTerm(preference) }));
  if (terms.length === 0) return undefined;
  return (node) => terms.reduce((sum, { weight, matches }) => (matches(node) ? sum + weight : sum), 0);
}
