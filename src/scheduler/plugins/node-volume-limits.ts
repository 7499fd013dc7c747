import {
  csiNodes,
  persistentVolumeClaims,
  persistentVolumes,
  storageClasses,
  volumeAttachments,
} from '../../api/kinds.gen.ts';
import type { PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import type { VolumeAttachment } from '../../api/types/storage-v1.gen.ts';
import { type IndexFunction, indexBy } from '../../client/index-map.ts';
import { foreignClaim } from '../../resources/storage/pod-claims.ts';
import { claimClass } from '../../resources/storage/volume-match.ts';
import { nodeVolumeLimitsEvents } from '../hints/node-volume-limits.ts';
import { type NodeFilter, type PluginDescriptor, type PluginHandle, refusal } from '../plugin.ts';
import type { NodeTable } from '../state/node-table.ts';
import type { PodInfo } from '../state/pod-info.ts';
import { claimsOf } from '../volumes/claims.ts';

const tooMany = refusal('node(s) exceed max volume count', false);

const attachmentsByNode: IndexFunction<VolumeAttachment> = indexBy('node', ({ spec }) => spec.nodeName);

/** Drivers by the volumes they attach, each named by driver and handle. */
type Attachable = Map<string, string>;

/**
 * Drivers attach only so many volumes to a node, as CSINodes say; a volume of several pods counts once. Source:
 * plugins/nodevolumelimits. Volumes of what was built into Kubernetes before there were drivers are not counted.
 */
export const nodeVolumeLimits: PluginDescriptor = {
  name: 'NodeVolumeLimits',
  build: ({ informers }: PluginHandle) => {
    const [drivers, claims, volumes, classes, attachments] = [
      informers.of(csiNodes),
      informers.of(persistentVolumeClaims),
      informers.of(persistentVolumes),
      informers.of(storageClasses),
      informers.of(volumeAttachments),
    ];
    /** Driver and handle of a claim; a claim without a volume stands for the one that will be made for it. */
    const volumeOf = ({ metadata, spec }: PersistentVolumeClaim): [driver: string, handle: string] | undefined => {
      const csi = spec?.volumeName ? volumes.get(spec.volumeName)?.spec?.csi : undefined;
      if (csi) return [csi.driver, csi.volumeHandle];
      if (spec?.volumeName && volumes.get(spec.volumeName)) return undefined;
      const provisioner = classes.get(claimClass({ metadata, spec: spec! }))?.provisioner;
      return provisioner ? [provisioner, `claim/${metadata.namespace}/${metadata.name}`] : undefined;
    };
    const collect = (pod: PodInfo, into: Attachable): void => {
      for (const { name, ephemeral } of claimsOf(pod)) {
        const claim = claims.get(`${pod.namespace}/${name}`);
        if (!claim || (ephemeral && foreignClaim(pod.pod, claim) !== undefined)) continue;
        const [driver, handle] = volumeOf(claim) ?? [];
        if (driver) into.set(`${driver}/${handle}`, driver);
      }
    };
    /** The handles of what is attached, or about to be, whatever pod it is for. */
    const attached = (node: string, into: Attachable): void => {
      for (const { spec } of attachments.by(attachmentsByNode, node)) {
        const { persistentVolumeName, inlineVolumeSpec } = spec.source;
        const csi = (persistentVolumeName ? volumes.get(persistentVolumeName)?.spec : inlineVolumeSpec)?.csi;
        if (csi) into.set(`${csi.driver}/${csi.volumeHandle}`, csi.driver);
      }
    };
    const exceeded = (wanted: Attachable, nodes: NodeTable, slot: number): boolean => {
      const node = nodes.slots[slot]!;
      const limits = new Map<string, number>();
      for (const { name, allocatable } of drivers.get(node.name)?.spec.drivers ?? []) {
        if (allocatable?.count !== undefined) limits.set(name, allocatable.count);
      }
      if (limits.size === 0) return false;
      const all: Attachable = new Map();
      for (const other of node.pods.values()) collect(other, all);
      attached(node.name, all);
      const counts = new Map<string, number>();
      for (const driver of all.values()) counts.set(driver, (counts.get(driver) ?? 0) + 1);
      const added = new Set<string>();
      for (const [volume, driver] of wanted) {
        if (all.has(volume)) continue;
        counts.set(driver, (counts.get(driver) ?? 0) + 1);
        added.add(driver);
      }
      return [...added].some((driver) => (counts.get(driver) ?? 0) > (limits.get(driver) ?? Number.POSITIVE_INFINITY));
    };
    return {
      name: 'NodeVolumeLimits',
      events: nodeVolumeLimitsEvents,
      filter(pod: PodInfo, nodes: NodeTable): NodeFilter | undefined {
        if (claimsOf(pod).length === 0 || drivers.size === 0) return undefined;
        const wanted: Attachable = new Map();
        collect(pod, wanted);
        if (wanted.size === 0) return undefined;
        return (slot) => (exceeded(wanted, nodes, slot) ? tooMany : undefined);
      },
    };
  },
};
