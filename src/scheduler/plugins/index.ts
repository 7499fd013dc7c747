import { always, configured, type PluginDescriptor } from '../plugin.ts';
import { balancedAllocationPlugin } from './balanced-allocation.ts';
import { defaultBinder } from './default-binder.ts';
import { dynamicResources } from './dynamic-resources.ts';
import { imageLocality } from './image-locality.ts';
import { interPodAffinityPlugin } from './inter-pod-affinity.ts';
import { nodeAffinityPlugin } from './node-affinity.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { resourcesFit } from './node-resources-fit.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { nodeVolumeLimits } from './node-volume-limits.ts';
import { podTopologySpreadPlugin } from './pod-topology-spread.ts';
import { schedulingGates } from './scheduling-gates.ts';
import { taintToleration } from './taint-toleration.ts';
import { volumeBinding } from './volume-binding.ts';
import { volumeRestrictions } from './volume-restrictions.ts';
import { volumeZone } from './volume-zone.ts';

/** All plugins. Which of them a profile has, and in which order, its configuration says. */
export const plugins: readonly PluginDescriptor[] = [
  always(schedulingGates),
  always(nodeUnschedulable),
  always(nodeName),
  always(taintToleration),
  configured('NodeAffinity', nodeAffinityPlugin),
  always(nodePorts),
  resourcesFit,
  volumeRestrictions,
  nodeVolumeLimits,
  volumeBinding,
  volumeZone,
  configured('PodTopologySpread', podTopologySpreadPlugin),
  configured('InterPodAffinity', interPodAffinityPlugin),
  dynamicResources,
  configured('NodeResourcesBalancedAllocation', balancedAllocationPlugin),
  always(imageLocality),
  defaultBinder,
];
