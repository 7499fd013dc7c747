import {
  volumeAttachments as attachmentsRef,
  persistentVolumeClaims as claimsRef,
  csiDrivers as driversRef,
  nodes as nodesRef,
  pods as podsRef,
  persistentVolumes as volumesRef,
} from '../../api/kinds.gen.ts';
import type { PersistentVolume, Pod } from '../../api/types/core-v1.gen.ts';
import type { VolumeAttachment } from '../../api/types/storage-v1.gen.ts';
import { indexBy } from '../../client/index-map.ts';
import type { Informers } from '../../client/informers.ts';
import { podsByClaim } from '../../resources/storage/pod-claims.ts';
import { synced } from '../controller.ts';
import { attachmentName, needsVolumes, type Place, uniqueName } from './plan.ts';

/** Finds attachments by the volume, and by the node. */
const byVolume = indexBy<VolumeAttachment>('volume', ({ spec }) => spec.source.persistentVolumeName);
const byNode = indexBy<VolumeAttachment>('attached node', ({ spec }) => spec.nodeName);

/** What the controller reads. */
export class AttachCaches {
  readonly pods;
  readonly claims;
  readonly volumes;
  readonly nodes;
  readonly drivers;
  readonly attachments;
  readonly ready: (signal: AbortSignal) => Promise<void>;

  constructor(informers: Informers) {
    this.pods = informers.of(podsRef).index(podsByClaim);
    this.claims = informers.of(claimsRef);
    this.volumes = informers.of(volumesRef);
    this.nodes = informers.of(nodesRef);
    this.drivers = informers.of(driversRef);
    this.attachments = informers.of(attachmentsRef).index(byVolume).index(byNode);
    this.ready = synced(this.pods, this.claims, this.volumes, this.nodes, this.drivers, this.attachments);
  }

  /** The pods that need a volume, wherever they are. */
  podsOf(volume: PersistentVolume | undefined): Pod[] {
    const ref = volume?.spec?.claimRef;
    if (!ref) return [];
    const key = `${ref.namespace}/${ref.name}`;
    const claim = this.claims.get(key);
    if (claim?.metadata.uid !== ref.uid || claim?.spec?.volumeName !== volume?.metadata.name) return [];
    return this.pods.by(podsByClaim, key).filter(needsVolumes);
  }

  /**
   * The attachment of a volume to a node that this controller has made, by its name: what others make is their business.
   * One whose volume is gone is told by the form of its name.
   */
  attachmentAt({ node, volume }: Place): VolumeAttachment | undefined {
    const found = this.volumes.get(volume);
    if (found?.spec?.csi) return this.attachments.get(attachmentName(found, node));
    return this.attachmentsOf(volume).find(
      ({ metadata, spec }) => spec.nodeName === node && /^csi-[0-9a-f]{64}$/.test(metadata.name!),
    );
  }

  attachmentsOf(volume: string): VolumeAttachment[] {
    return this.attachments.by(byVolume, volume);
  }

  attachmentsTo(node: string): VolumeAttachment[] {
    return this.attachments.by(byNode, node);
  }

  /** The volumes attached to a node under the name that its status gives them. */
  volumesAt(node: string, unique: string): PersistentVolume[] {
    return this.attachmentsTo(node).flatMap(({ spec }) => {
      const volume = this.volumes.get(spec.source.persistentVolumeName ?? '');
      return volume?.spec?.csi && uniqueName(volume) === unique ? [volume] : [];
    });
  }

  /** What a node's status is to list: what is attached to it and needed or in use there, by name. */
  attachedTo(node: string): { readonly name: string; readonly devicePath: string }[] {
    const inUse = this.nodes.get(node)?.status?.volumesInUse ?? [];
    const names = this.attachmentsTo(node).flatMap(({ metadata, spec, status }) => {
      const volume = this.volumes.get(spec.source.persistentVolumeName ?? '');
      if (!status?.attached || !volume?.spec?.csi || metadata.name !== attachmentName(volume, node)) return [];
      const name = uniqueName(volume);
      return inUse.includes(name) || this.podsOf(volume).some((pod) => pod.spec?.nodeName === node) ? [name] : [];
    });
    return names.sort().map((name) => ({ name, devicePath: '' }));
  }
}
