import type { Node } from '../../../api/types/core-v1.gen.ts';
import { isRestrictedNodeLabel } from '../../../resources/rules/node-labels.ts';
import { sameTree } from '../../registry/equality.ts';
import { nameOf } from '../matching/target.ts';
import { q, type Rule, refusal } from './rule.ts';

type Labels = Readonly<Record<string, string>>;

/** Nodes write themselves only, and nothing of themselves by which work is drawn to them. */
export const nodes: Rule = (node, request) => {
  const { operation, object, old } = request;
  const name = nameOf(request);
  if (name !== node) throw refusal(request, `node ${q(node)} is not allowed to modify node ${q(name)}`);
  if (operation === 'DELETE') return;
  const [now, before] = [object, old] as unknown as [Node, Node | undefined];
  const source = now.spec?.configSource;
  if (!before) {
    if (source) throw refusal(request, `node ${q(node)} is not allowed to create pods with a non-nil configSource`);
    const labels = changed(now.metadata.labels, {});
    if (labels.length > 0)
      throw refusal(request, `node ${q(node)} is not allowed to set the following labels: ${labels.join(', ')}`);
    return;
  }
  if (source && !sameTree(source, before.spec?.configSource))
    throw refusal(request, `node ${q(node)} is not allowed to update configSource to a new non-nil configSource`);
  if (!sameTree(now.spec?.taints ?? [], before.spec?.taints ?? []))
    throw refusal(request, `node ${q(node)} is not allowed to modify taints`);
  if (!sameTree(now.metadata.ownerReferences ?? [], before.metadata.ownerReferences ?? []))
    throw refusal(request, `node ${q(node)} is not allowed to modify ownerReferences`);
  const labels = changed(now.metadata.labels, before.metadata.labels);
  if (labels.length > 0) throw refusal(request, `is not allowed to modify labels: ${labels.join(', ')}`);
};

/** The restricted labels that two sets differ in, sorted. */
function changed(now: Labels = {}, before: Labels = {}): string[] {
  if (now === before) return [];
  return [...new Set([...Object.keys(now), ...Object.keys(before)])]
    .filter((key) => now[key] !== before[key] && isRestrictedNodeLabel(key))
    .sort();
}
