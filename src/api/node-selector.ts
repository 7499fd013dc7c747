import { LabelSelector, requirement } from './selector.ts';
import type {
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  TopologySelectorTerm,
} from './types/core-v1.gen.ts';

/** Selectors over nodes. Source: component-helpers `scheduling/corev1/nodeaffinity`. */

/** As much of a node as its selectors look at. */
export interface SelectableNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}
export type NodeMatcher = (node: SelectableNode) => boolean;

const operators = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!', Gt: 'gt', Lt: 'lt' } as const;

function selectorOf(expressions: readonly NodeSelectorRequirement[]): LabelSelector {
  return new LabelSelector(
    expressions.map(({ key, operator, values }) => requirement(key, operators[operator], values ?? [])),
  );
}

/** Compiles one term: all its expressions, over labels and over fields, must hold. A term without any matches nothing. */
export function nodeTerm(term: NodeSelectorTerm): NodeMatcher {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length === 0 && matchFields.length === 0) return () => false;
  const labels = selectorOf(matchExpressions);
  const fields = selectorOf(matchFields);
  return (node) => labels.matches(node.labels) && (fields.empty || fields.matches({ 'metadata.name': node.name }));
}

const compiled = new WeakMap<NodeSelector, NodeMatcher>();

/** Compiles a selector: one of its terms must hold. Objects are immutable, so once per selector is enough. */
export function nodeSelector(selector: NodeSelector): NodeMatcher {
  let matcher = compiled.get(selector);
  if (!matcher) {
    const terms = selector.nodeSelectorTerms.map(nodeTerm);
    matcher = (node) => terms.some((matches) => matches(node));
    compiled.set(selector, matcher);
  }
  return matcher;
}

/** Whether a node lies where the topologies allow: no terms allow everything, a term without expressions nothing. */
export function inTopology(terms: readonly TopologySelectorTerm[] | undefined, node: SelectableNode): boolean {
  if (!terms?.length) return true;
  return terms.some(
    ({ matchLabelExpressions: labels = [] }) =>
      labels.length > 0 && labels.every(({ key, values }) => values.includes(node.labels[key] ?? '\0')),
  );
}
