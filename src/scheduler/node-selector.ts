import { LabelSelector, requirement } from '../api/selector.ts';
import type { NodeSelectorRequirement, NodeSelectorTerm } from '../api/types/core-v1.gen.ts';
import type { NodeSlot } from './node-table.ts';

const operators = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!', Gt: 'gt', Lt: 'lt' } as const;

function selectorOf(expressions: readonly NodeSelectorRequirement[]): LabelSelector {
  return new LabelSelector(
    expressions.map(({ key, operator, values }) => requirement(key, operators[operator], values ?? [])),
  );
}

/** Compiles one term: all its expressions, over labels and over fields, must hold. A term without any matches nothing. */
export function nodeTerm(term: NodeSelectorTerm): (slot: NodeSlot) => boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length === 0 && matchFields.length === 0) return () => false;
  const labels = selectorOf(matchExpressions);
  const fields = selectorOf(matchFields);
  return (slot) => labels.matches(slot.labels) && (fields.empty || fields.matches({ 'metadata.name': slot.name }));
}
