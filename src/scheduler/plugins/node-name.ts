import { nodeNameEvents } from '../hints/node-name.ts';
import { type Plugin, refusal } from '../plugin.ts';

const otherNode = refusal("node(s) didn't match the requested node name", true);

/** A pod that names its node goes nowhere else. */
export const nodeName: Plugin = {
  name: 'NodeName',
  events: nodeNameEvents,
  sign: ({ pod }) => pod.spec?.nodeName,
  filter(pod, nodes) {
    const wanted = pod.pod.spec?.nodeName;
    return wanted ? (slot) => (nodes.slots[slot]!.name === wanted ? undefined : otherNode) : undefined;
  },
};
