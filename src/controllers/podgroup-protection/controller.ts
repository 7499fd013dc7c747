import { podGroups as groupsRef, pods as podsRef } from '../../api/kinds.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { PodGroup } from '../../api/types/scheduling-v1alpha2.gen.ts';
import { indexBy } from '../../client/index-map.ts';
import { keyOf } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { podGroupProtectionFinalizer } from '../../resources/scheduling/pod-group.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { isTerminal } from '../pod-state.ts';
import { protect } from '../protection.ts';

/** The key of the group that a pod belongs to; nothing once the pod has ended. */
function groupsOf(pod: Pod): string[] {
  const name = pod.spec?.schedulingGroup?.podGroupName;
  return name && !isTerminal(pod) ? [`${pod.metadata.namespace}/${name}`] : [];
}

const podsByGroup = indexBy<Pod>('pod group', groupsOf);

/** Keeps PodGroups that are being deleted until all their pods have ended. Source: pkg/controller/scheduling/podgroup. */
export const podGroupProtection: ControllerDescriptor = {
  name: 'podgroup-protection-controller',
  account: 'podgroup-protection-controller',
  needs: groupsRef,
  build({ name, client, informers, clock, log }) {
    const groups = informers.of(groupsRef);
    const pods = informers.of(podsRef).index(podsByGroup);
    const inUse = async ({ metadata }: PodGroup, key: string, signal: AbortSignal) => {
      if (pods.count(podsByGroup, key) > 0) return true;
      // Once let go, a group cannot be kept again: a pod that the cache has not seen yet must be asked for.
      const { items } = await client.resource(podsRef).list({ namespace: metadata.namespace!, signal });
      return items.some((pod) => groupsOf(pod).includes(key));
    };
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(groups, pods),
      async reconcile({ key, signal }) {
        const group = groups.get(key);
        if (!group) return;
        const isUsed = () => inUse(group, key, signal);
        await protect(client.resource(groupsRef), group, podGroupProtectionFinalizer, isUsed, signal);
      },
    });
    /** `pod` is how it was: one that has ended belongs to no group any more. */
    const released = (pod: Pod) => {
      for (const key of groupsOf(pod)) if (groups.get(key)?.metadata.deletionTimestamp) reconciler.add(key);
    };
    groups.on({
      added: (group) => reconciler.add(keyOf(group)),
      updated: (_, group) => reconciler.add(keyOf(group)),
    });
    pods.on({ updated: released, deleted: released });
    return reconciler;
  },
};
