import { persistentVolumeClaims, persistentVolumes, storageClasses } from '../../api/kinds.gen.ts';
import { claimClass } from '../../resources/storage/volume-match.ts';
import { volumeZoneEvents } from '../hints/volume-zone.ts';
import { type NodeFilter, type PluginDescriptor, type PluginHandle, type Refusal, refusal } from '../plugin.ts';
import type { NodeTable } from '../state/node-table.ts';
import type { PodInfo } from '../state/pod-info.ts';
import { claimsOf } from '../volumes/claims.ts';
import { stableName, topologiesOf, topologyLabels, type VolumeTopology } from '../volumes/topologies.ts';

const elsewhere = refusal('node(s) had no available volume zone', true);
const nowhere = (reason: string) => refusal(reason, true);

/** Volumes with labels of a zone or region are used there only. Source: plugins/volumezone. */
export const volumeZone: PluginDescriptor = {
  name: 'VolumeZone',
  build: ({ informers }: PluginHandle) => {
    const [claims, volumes, classes] = [
      informers.of(persistentVolumeClaims),
      informers.of(persistentVolumes),
      informers.of(storageClasses),
    ];
    const topologies = (pod: PodInfo): VolumeTopology[] | Refusal => {
      const found: VolumeTopology[] = [];
      for (const { name, ephemeral } of claimsOf(pod)) {
        if (ephemeral) continue;
        const claim = claims.get(`${pod.namespace}/${name}`);
        if (!claim) return nowhere(`persistentvolumeclaim "${name}" not found`);
        const volumeName = claim.spec?.volumeName;
        if (volumeName) {
          const volume = volumes.get(volumeName);
          if (!volume) return nowhere(`persistentvolume "${volumeName}" not found`);
          found.push(...topologiesOf(volume));
          continue;
        }
        const className = claimClass(claim);
        if (!className) return nowhere('PersistentVolumeClaim had no pv name and storageClass name');
        const of = classes.get(className);
        if (!of) return nowhere(`storageclass.storage.k8s.io "${className}" not found`);
        if (of.volumeBindingMode !== 'WaitForFirstConsumer') return nowhere('PersistentVolume had no name');
      }
      return found;
    };
    return {
      name: 'VolumeZone',
      events: volumeZoneEvents,
      filter(pod: PodInfo, nodes: NodeTable): NodeFilter | Refusal | undefined {
        if (claimsOf(pod).length === 0) return undefined;
        const wanted = topologies(pod);
        if (!Array.isArray(wanted)) return wanted as Refusal;
        if (wanted.length === 0) return undefined;
        return (slot) => {
          const { labels } = nodes.slots[slot]!;
          // A cluster of one zone may not have labelled its nodes at all.
          if (!topologyLabels.some((key) => labels[key] !== undefined)) return undefined;
          const here = ({ key, values }: VolumeTopology) =>
            values.includes(labels[key] ?? labels[stableName[key]!] ?? '');
          return wanted.every(here) ? undefined : elsewhere;
        };
      },
    };
  },
};
