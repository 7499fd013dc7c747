import { always, type PluginDescriptor } from '../plugin.ts';
import { balancedAllocation } from './balanced-allocation.ts';
import { defaultBinder } from './default-binder.ts';
import { imageLocality } from './image-locality.ts';
import { interPodAffinity } from './inter-pod-affinity.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { nodeResourcesFit } from './node-resources-fit.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { nodeVolumeLimits } from './node-volume-limits.ts';
import { podTopologySpread } from './pod-topology-spread.ts';
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
  always(nodeAffinity),
  always(nodePorts),
  always(nodeResourcesFit),
  volumeRestrictions,
  nodeVolumeLimits,
  volumeBinding,
  volumeZone,
  always(podTopologySpread),
  always(interPodAffinity),
  always(balancedAllocation),
  always(imageLocality),
  defaultBinder,
];
