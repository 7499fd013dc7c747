import { nodePortsEvents } from '../hints/node-ports.ts';
import { type Plugin, refusal } from '../plugin.ts';

const taken = refusal("node(s) didn't have free ports for the requested pod ports", false);

/** Host ports are used once per node and address. */
export const nodePorts: Plugin = {
  name: 'NodePorts',
  events: nodePortsEvents,
  sign: ({ ports }) => ports,
  filter(pod, nodes) {
    const { ports } = pod;
    if (ports.length === 0) return undefined;
    return (slot) => (ports.some((port) => nodes.taken(slot, port)) ? taken : undefined);
  },
};
