import type { EventHint } from '../events.ts';
import { everyEvent } from '../events.ts';
import type { ClusterEvent, Plugin } from '../plugin.ts';
import { interPodAffinityEvents } from './inter-pod-affinity.ts';
import { nodeAffinityEvents } from './node-affinity.ts';
import { nodeNameEvents } from './node-name.ts';
import { nodePortsEvents } from './node-ports.ts';
import { nodeResourcesFitEvents } from './node-resources-fit.ts';
import { nodeUnschedulableEvents } from './node-unschedulable.ts';
import { podTopologySpreadEvents } from './pod-topology-spread.ts';
import { schedulingGatesEvents } from './scheduling-gates.ts';
import { taintTolerationEvents } from './taint-toleration.ts';

const byPlugin: Readonly<Record<string, readonly EventHint[]>> = {
  SchedulingGates: schedulingGatesEvents,
  NodeUnschedulable: nodeUnschedulableEvents,
  NodeName: nodeNameEvents,
  TaintToleration: taintTolerationEvents,
  NodeAffinity: nodeAffinityEvents,
  NodePorts: nodePortsEvents,
  NodeResourcesFit: nodeResourcesFitEvents,
  PodTopologySpread: podTopologySpreadEvents,
  InterPodAffinity: interPodAffinityEvents,
};

/** The events of plugins that wait for a kind of change, whatever exactly has changed. */
const changes: Readonly<Record<ClusterEvent, EventHint>> = {
  NodeAdded: { resource: 'Node', actions: ['Add'] },
  NodeAllocatable: { resource: 'Node', actions: ['UpdateNodeAllocatable'] },
  NodeLabels: { resource: 'Node', actions: ['UpdateNodeLabel'] },
  NodeTaints: { resource: 'Node', actions: ['UpdateNodeTaint'] },
  NodeUnschedulable: { resource: 'Node', actions: ['UpdateNodeTaint'] },
  PodAssigned: { resource: 'AssignedPod', actions: ['Add'] },
  PodGone: { resource: 'AssignedPod', actions: ['Delete'] },
  PodLabels: { resource: 'Pod', actions: ['UpdatePodLabel'] },
  NamespaceLabels: { resource: 'Namespace', actions: ['Add', 'Update'] },
};

/** What may undo a plugin's refusal. Of a plugin that does not say, everything. */
export function hintsOf({ name, events, retryOn }: Plugin): readonly EventHint[] {
  if (events) return events;
  if (byPlugin[name]) return byPlugin[name];
  return retryOn ? [changes.NodeAdded, ...retryOn.map((change) => changes[change])] : everyEvent;
}
