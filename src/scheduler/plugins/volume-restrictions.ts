import { persistentVolumeClaims } from '../../api/kinds.gen.ts';
import { volumeRestrictionsEvents } from '../hints/volume-restrictions.ts';
import { type NodeFilter, type PluginDescriptor, type PluginHandle, type Refusal, refusal } from '../plugin.ts';
import type { NodeTable } from '../state/node-table.ts';
import type { PodInfo } from '../state/pod-info.ts';
import { claimsOf } from '../volumes/claims.ts';
import { clash, disksOf } from '../volumes/disks.ts';

const diskTaken = refusal('node(s) had no available disk', false);
const claimTaken = refusal(
  'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
  false,
);

/** Disks that only one pod of a node may write, and claims that only one pod at all may use. Source: plugins/volumerestrictions. */
export const volumeRestrictions: PluginDescriptor = {
  name: 'VolumeRestrictions',
  build: ({ informers }: PluginHandle) => {
    const claims = informers.of(persistentVolumeClaims);
    /** The names of the pod's claims that it must have for itself. */
    const exclusive = (pod: PodInfo): Set<string> | Refusal => {
      const names = new Set<string>();
      for (const { name, ephemeral } of claimsOf(pod)) {
        if (ephemeral) continue;
        const claim = claims.get(`${pod.namespace}/${name}`);
        if (!claim) return refusal(`persistentvolumeclaim "${name}" not found`, true);
        if (claim.spec?.accessModes?.includes('ReadWriteOncePod')) names.add(name);
      }
      return names;
    };
    return {
      name: 'VolumeRestrictions',
      events: volumeRestrictionsEvents,
      filter(pod: PodInfo, nodes: NodeTable): NodeFilter | Refusal | undefined {
        const disks = disksOf(pod.pod);
        if (disks.length === 0 && claimsOf(pod).length === 0) return undefined;
        const names = exclusive(pod);
        if (!(names instanceof Set)) return names;
        const taken = names.size > 0 && inUse(names, pod.namespace, nodes);
        if (!taken && disks.length === 0) return undefined;
        return (slot) => {
          for (const other of disks.length > 0 ? nodes.slots[slot]!.pods.values() : []) {
            if (clash(disks, other.pod)) return diskTaken;
          }
          return taken ? claimTaken : undefined;
        };
      },
    };
  },
};

/** Whether a pod on any node uses one of the claims: only asked for claims of one pod at a time, which are few. */
function inUse(names: ReadonlySet<string>, namespace: string, nodes: NodeTable): boolean {
  for (const slot of nodes.slots) {
    for (const other of slot?.pods.values() ?? []) {
      if (other.namespace === namespace && claimsOf(other).some((claim) => names.has(claim.name))) return true;
    }
  }
  return false;
}
