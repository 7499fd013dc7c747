import { sameValue } from '../../api/object-meta.ts';
import type { ResourceClaim } from '../../api/types/resource-v1.gen.ts';
import { claimKeysOf } from '../../resources/resource/pod-claims.ts';
import type { ClusterEvent, EventHint, PodTest } from '../events/events.ts';
import { isAboutPod } from './own-update.ts';

/** What a pod waits for whose claims cannot be allocated (DynamicResources.EventsToRegister). */
export const dynamicResourcesEvents: readonly EventHint[] = [
  { resource: 'Node', actions: ['Add', 'UpdateNodeLabel'] },
  { resource: 'ResourceClaim', actions: ['Add', 'Update', 'Delete'], hint: claimChanged },
  { resource: 'UnscheduledPod', actions: ['UpdatePodGeneratedResourceClaim'], hint: isAboutPod },
  { resource: 'DeviceClass', actions: ['Add', 'Update'] },
  { resource: 'ResourceSlice', actions: ['Add', 'Update'] },
  // Upstream's come as changes of the slices.
  { resource: 'DeviceTaintRule', actions: ['Update', 'Delete'] },
];

/** Devices that come free are for everybody; other news of a claim is for its own pods. */
function claimChanged({ old, now }: ClusterEvent): PodTest {
  const [before, after] = [old as ResourceClaim | undefined, now as ResourceClaim | undefined];
  if (before?.status?.allocation && !after?.status?.allocation) return true;
  if (!after || (before && sameValue(before.status, after.status))) return false;
  const key = `${after.metadata.namespace}/${after.metadata.name}`;
  return ({ pod }) => claimKeysOf(pod).includes(key);
}
