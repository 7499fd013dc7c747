import { nodeUnschedulableEvents } from '../hints/node-unschedulable.ts';
import { type Plugin, refusal } from '../plugin.ts';
import { tolerates } from '../rules/tolerations.ts';

const unschedulable = refusal('node(s) were unschedulable', true);
const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const;

/** Cordoned nodes take only pods that tolerate the taint which says so. */
export const nodeUnschedulable: Plugin = {
  name: 'NodeUnschedulable',
  events: nodeUnschedulableEvents,
  sign: ({ pod }) => pod.spec?.tolerations,
  filter(pod, nodes) {
    if (tolerates(pod.pod.spec?.tolerations, taint)) return undefined;
    return (slot) => (nodes.slots[slot]!.node!.spec?.unschedulable ? unschedulable : undefined);
  },
};
