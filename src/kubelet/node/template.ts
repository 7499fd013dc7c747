import type { NodeSpec, NodeTemplate } from '../../node/runtime.ts';
import type { Node } from '../types.ts';

/** The mark of a node without a machine, as KWOK has it: whoever makes such a Node object is given a simulated node. */
const mark = { key: 'kwok.x-k8s.io/node', value: 'fake' };

export const isFake = (node: Node): boolean => node.metadata.annotations?.[mark.key] === mark.value;

/** What a Node object says about a node to be made like it. Empty texts say nothing. */
export function templateOf({ metadata, spec, status }: Node): NodeTemplate {
  const { labels, annotations } = metadata ?? {};
  const { capacity, allocatable, addresses, nodeInfo } = status ?? {};
  const info = Object.entries(nodeInfo ?? {}).filter(([, value]) => value !== '');
  return {
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(spec?.taints?.length && { taints: spec.taints }),
    ...((capacity ?? allocatable) && { capacity: capacity ?? allocatable! }),
    ...((allocatable ?? capacity) && { allocatable: allocatable ?? capacity! }),
    ...(addresses?.length && { addresses: addresses as NonNullable<NodeTemplate['addresses']> }),
    ...(info.length > 0 && { info: Object.fromEntries(info) as NodeTemplate['info'] & object }),
  };
}

/** The simulated node for a Node object that somebody made for one; `current` is that object as it is by now. */
export function adopted(node: Node, current: () => Node | undefined): NodeSpec & { readonly runtime: 'simulated' } {
  return {
    name: node.metadata.name ?? '',
    runtime: 'simulated',
    adopted: true,
    // It may be given its range later than it begins to run.
    get podCIDR() {
      return current()?.spec?.podCIDR ?? '';
    },
    template: templateOf(node),
  };
}
