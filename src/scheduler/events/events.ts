import type { AnyKind } from '../../api/object.ts';
import type { PodInfo } from '../state/pod-info.ts';

/** What may change in a cluster so that a refused pod fits. Source: kube-scheduler `framework/types.go`. */
export type EventResource =
  | 'Node'
  /** A pod that has a node, or was to have one and does not. */
  | 'AssignedPod'
  | 'UnscheduledPod'
  | 'Namespace'
  | 'PersistentVolume'
  | 'PersistentVolumeClaim'
  | 'StorageClass'
  | 'CSINode'
  | 'CSIDriver'
  | 'CSIStorageCapacity'
  | 'VolumeAttachment'
  | 'ResourceClaim'
  | 'ResourceSlice'
  | 'DeviceTaintRule'
  | 'DeviceClass';

export type EventAction =
  | 'Add'
  | 'Delete'
  | 'UpdateNodeAllocatable'
  | 'UpdateNodeLabel'
  /** Taints, and a node that is no longer cordoned. */
  | 'UpdateNodeTaint'
  | 'UpdateNodeCondition'
  | 'UpdateNodeAnnotation'
  | 'UpdatePodLabel'
  /** A pod asks for less of some resource. */
  | 'UpdatePodScaleDown'
  | 'UpdatePodToleration'
  | 'UpdatePodSchedulingGatesEliminated'
  | 'UpdatePodGeneratedResourceClaim'
  /** An update of any other kind; as what a plugin asks for, every update. */
  | 'Update';

export interface ClusterEvent {
  readonly resource: EventResource;
  readonly action: EventAction;
  /** What was before; undefined when something was added. */
  readonly old?: AnyKind | undefined;
  /** What is now; undefined when something was deleted. */
  readonly now?: AnyKind | undefined;
}

/** Whether an event may let a pod fit that the plugin refused: for all pods alike, or by pod. */
export type PodTest = boolean | ((pod: PodInfo) => boolean);

/** Events that may undo a plugin's refusal (EnqueueExtensions.EventsToRegister). */
export interface EventHint {
  /** "Pod" means pods with and without a node. */
  readonly resource: EventResource | 'Pod';
  readonly actions: readonly EventAction[];
  /** Compiles an event, once, to a test of refused pods (upstream's QueueingHintFn). Without it the event is for all. */
  readonly hint?: (event: ClusterEvent) => PodTest;
}

/** What upstream's figures call an event. */
export const labelOf = ({ resource, action }: ClusterEvent): string =>
  `${resource === 'UnscheduledPod' ? 'UnschedulablePod' : resource}${action}`;

/** Whether a plugin has asked for an event. */
export function asksFor({ resource, actions }: EventHint, event: ClusterEvent): boolean {
  const meant =
    resource === event.resource ||
    (resource === 'Pod' && (event.resource === 'AssignedPod' || event.resource === 'UnscheduledPod'));
  if (!meant) return false;
  return actions.includes(event.action) || (event.action.startsWith('Update') && actions.includes('Update'));
}

const resources: readonly EventResource[] = [
  'Node',
  'AssignedPod',
  'UnscheduledPod',
  'Namespace',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'StorageClass',
  'CSINode',
  'CSIDriver',
  'CSIStorageCapacity',
  'VolumeAttachment',
  'ResourceClaim',
  'ResourceSlice',
  'DeviceTaintRule',
  'DeviceClass',
];

/** What is asked for on behalf of a plugin that does not say what it waits for. */
export const everyEvent: readonly EventHint[] = resources.map((resource) => ({
  resource,
  actions: ['Add', 'Delete', 'Update'],
}));
