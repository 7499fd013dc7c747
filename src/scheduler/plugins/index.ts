import { always, type PluginDescriptor } from '../plugin.ts';
import { balancedAllocation } from './balanced-allocation.ts';
import { imageLocality } from './image-locality.ts';
import { interPodAffinity } from './inter-pod-affinity.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { nodeResourcesFit } from './node-resources-fit.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { podTopologySpread } from './pod-topology-spread.ts';
import { taintToleration } from './taint-toleration.ts';

/** The default profile, in upstream's order: a node is judged by the first plugin that refuses it. */
export const plugins: readonly PluginDescriptor[] = [
  always(nodeUnschedulable),
  always(nodeName),
  always(taintToleration),
  always(nodeAffinity),
  always(nodePorts),
  always(nodeResourcesFit),
  always(podTopologySpread),
  always(interPodAffinity),
  always(balancedAllocation),
  always(imageLocality),
];
