import type { Node, NodeCondition } from '../api/types/core-v1.gen.ts';

/** A condition of a node, undefined when it has none of this type. */
export function nodeCondition(node: Node, type: string): NodeCondition | undefined {
  return node.status?.conditions?.find((c) => c.type === type);
}

export const isNodeReady = (node: Node): boolean => nodeCondition(node, 'Ready')?.status === 'True';
