import { createHash } from 'node:crypto';
import type { Node, PersistentVolume, Pod } from '../../api/types/core-v1.gen.ts';
import type { CSIDriver, VolumeAttachment } from '../../api/types/storage-v1.gen.ts';
import { isTerminal } from '../pod-state.ts';

/** A volume on a node: what is attached and detached. */
export interface Place {
  readonly node: string;
  readonly volume: string;
}

export const placeText = ({ node, volume }: Place): string => `${node}/${volume}`;

export function parsePlace(text: string): Place {
  const slash = text.indexOf('/');
  return { node: text.slice(0, slash), volume: text.slice(slash + 1) };
}

/** The name of the attachment of a volume to a node. Source: csi_attacher.go getAttachmentName. */
export function attachmentName({ spec }: PersistentVolume, node: string): string {
  const { driver, volumeHandle } = spec!.csi!;
  return `csi-${createHash('sha256').update(`${volumeHandle}${driver}${node}`).digest('hex')}`;
}

/** A volume as node statuses name it. */
export const uniqueName = ({ spec }: PersistentVolume): string =>
  `kubernetes.io/csi/${spec!.csi!.driver}^${spec!.csi!.volumeHandle}`;

/** Whether a volume has to be attached before it is mounted: one of a driver that does not say otherwise. */
export const isAttachable = (volume: PersistentVolume | undefined, driver: CSIDriver | undefined): boolean =>
  volume?.spec?.csi !== undefined && driver?.spec.attachRequired !== false;

/** Whether a node leaves attaching to the controller, as kubelets do unless told otherwise. */
export const isManaged = (node: Node | undefined): boolean =>
  node?.metadata?.annotations?.['volumes.kubernetes.io/controller-managed-attach-detach'] === 'true';

/** Whether a pod needs its volumes. */
export const needsVolumes = (pod: Pod): boolean => Boolean(pod.spec?.nodeName) && !isTerminal(pod);

/** Whether several nodes may have the volume at a time. Source: attachdetach's isMultiAttachAllowed. */
export const allowsMany = ({ spec }: PersistentVolume): boolean =>
  !spec?.accessModes?.length || spec.accessModes.some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany');

/** The next step for a volume on a node. */
export type AttachStep =
  | { readonly step: 'none' }
  | { readonly step: 'attach' }
  /** Another node has it, which does not share. */
  | { readonly step: 'refuse' }
  /** The attacher has said that it could not. */
  | { readonly step: 'tell-failure'; readonly why: string }
  /** It is no longer needed; `after` milliseconds it need not be unmounted any more. */
  | { readonly step: 'wait-unmount'; readonly after: number | undefined }
  | { readonly step: 'detach' };

/** What a step depends on. */
export interface AttachFacts {
  readonly volume: PersistentVolume | undefined;
  readonly driver: CSIDriver | undefined;
  readonly node: Node | undefined;
  /** The pods on the node that need the volume. */
  readonly pods: readonly Pod[];
  readonly attachment: VolumeAttachment | undefined;
  /** Whether another node has the volume. */
  readonly elsewhere: boolean;
  /** How long nobody has needed the volume on the node, milliseconds. */
  readonly unneededFor: number;
}

/** How long a node that is not ready may keep a volume in use. Source: attachdetach's maxWaitForUnmountDuration. */
export const unmountPatience = 6 * 60_000;

export function planAttach(facts: AttachFacts): AttachStep {
  const { volume, driver, node, pods, attachment, elsewhere } = facts;
  if (pods.length > 0 && isAttachable(volume, driver)) {
    if (attachment?.metadata.deletionTimestamp || !isManaged(node)) return { step: 'none' };
    if (!attachment) return { step: elsewhere && !allowsMany(volume!) ? 'refuse' : 'attach' };
    const why = attachment.status?.attached ? undefined : attachment.status?.attachError?.message;
    return why === undefined ? { step: 'none' } : { step: 'tell-failure', why };
  }
  if (!attachment || attachment.metadata.deletionTimestamp) return { step: 'none' };
  return planDetach(facts);
}

function planDetach({ volume, node, unneededFor }: AttachFacts): AttachStep {
  const inUse = volume?.spec?.csi && node?.status?.volumesInUse?.includes(uniqueName(volume));
  const outOfService = node?.spec?.taints?.some(({ key }) => key === 'node.kubernetes.io/out-of-service') ?? false;
  if (!inUse || outOfService) return { step: 'detach' };
  if (node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')) {
    return { step: 'wait-unmount', after: undefined };
  }
  const after = unmountPatience - unneededFor;
  return after > 0 ? { step: 'wait-unmount', after } : { step: 'detach' };
}

/** What pods hear that wait for a volume which another node has. Source: reconciler.go reportMultiAttachError. */
export function multiAttachText(volume: string, namespace: string, others: readonly Pod[]): string {
  const start = `Multi-Attach error for volume "${volume}"`;
  const near = others.filter(({ metadata }) => metadata.namespace === namespace).map(({ metadata }) => metadata.name);
  const far = others.length - near.length;
  if (others.length === 0) {
    return `${start} Volume is already exclusively attached to one node and can't be attached to another`;
  }
  if (near.length === 0) return `${start} Volume is already used by ${far} pod(s) in different namespaces`;
  const used = `${start} Volume is already used by pod(s) ${near.join(', ')}`;
  return far > 0 ? `${used} and ${far} pod(s) in different namespaces` : used;
}
