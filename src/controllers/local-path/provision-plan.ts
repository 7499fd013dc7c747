import { inTopology } from '../../api/node-selector.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import type { StorageClass } from '../../api/types/storage-v1.gen.ts';
import { referenceTo } from '../../client/event-recorder.ts';
import {
  annotated,
  betaStorageProvisioner,
  provisionedBy,
  selectedNode,
  storageProvisioner,
} from '../../resources/storage/volume-annotations.ts';
import { requestOf } from '../../resources/storage/volume-match.ts';
import { isNodeReady } from '../node-state.ts';

/** The name by which StorageClasses ask for volumes that are folders of nodes. */
export const provisioner = 'krill.dev/local-path';

/** Keeps a volume until its folder is gone. */
export const folderFinalizer = 'external-provisioner.volume.kubernetes.io/finalizer';

const hostname = 'kubernetes.io/hostname';

/** Why no volume can be made for a claim. The message is upstream's or the closest to it. */
export class CannotProvision extends Error {}

/** Whether a volume is to be made for the claim, and now. Source: sig-storage-lib-external-provisioner shouldProvision. */
export function wantsVolume(claim: PersistentVolumeClaim, storageClass: StorageClass | undefined): boolean {
  const { annotations, deletionTimestamp } = claim.metadata;
  const asked = annotations?.[storageProvisioner] ?? annotations?.[betaStorageProvisioner];
  if (asked !== provisioner || claim.spec?.volumeName || deletionTimestamp || !storageClass) return false;
  return storageClass.volumeBindingMode !== 'WaitForFirstConsumer' || annotated(claim, selectedNode);
}

/** Throws `CannotProvision` for what a folder cannot be. */
export function checkClaim({ spec }: PersistentVolumeClaim, { parameters, mountOptions }: StorageClass): void {
  const [parameter] = Object.keys(parameters ?? {});
  if (parameter !== undefined) throw new CannotProvision(`${provisioner} has no parameter "${parameter}"`);
  if (mountOptions?.length) throw new CannotProvision(`${provisioner} does not support mount options`);
  if (spec?.volumeMode === 'Block') {
    throw new CannotProvision(`${provisioner} does not support block volume provisioning`);
  }
  if (spec?.selector) throw new CannotProvision('claim.Spec.Selector is not supported');
  if (spec?.dataSourceRef ?? spec?.dataSource) {
    throw new CannotProvision(`${provisioner} does not support volumes with contents from a data source`);
  }
}

/** Whether pods of several nodes may use the volume at a time: then it is on no node's own disk. */
export const isShared = ({ spec }: PersistentVolumeClaim): boolean =>
  (spec?.accessModes ?? []).some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany');

/** Whether a node takes new pods, and so volumes that wait for none. */
export const isOpen = (node: Node): boolean => isNodeReady(node) && !node.spec?.unschedulable;

/** Some node for a volume that waits for no pod: ready, open to new pods and within the class's topology. */
export function anyNode(nodes: Iterable<Node>, storageClass: StorageClass): Node | undefined {
  const fits = (node: Node) =>
    isOpen(node) &&
    inTopology(storageClass.allowedTopologies, {
      name: node.metadata!.name!,
      labels: node.metadata?.labels ?? {},
    });
  return [...nodes].filter(fits).sort((a, b) => (a.metadata!.name! < b.metadata!.name! ? -1 : 1))[0];
}

export const volumeName = ({ metadata }: PersistentVolumeClaim): string => `pvc-${metadata.uid}`;

/** The folder's own name: who looks at the disk sees whose it is. */
export const folderName = (claim: PersistentVolumeClaim): string =>
  `${volumeName(claim)}_${claim.metadata.namespace}_${claim.metadata.name}`;

/** The volume that is made for a claim; `node` is where its folder is, undefined for one of all nodes. */
export function volumeFor(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  path: string,
  node: Node | undefined,
): PersistentVolume {
  const { reclaimPolicy = 'Delete' } = storageClass;
  const key = hostname;
  const host = node && (node.metadata?.labels?.[key] ?? node.metadata!.name!);
  const required = host && {
    nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In' as const, values: [host] }] }],
  };
  return {
    metadata: {
      name: volumeName(claim),
      annotations: { [provisionedBy]: provisioner },
      ...(reclaimPolicy === 'Delete' && { finalizers: [folderFinalizer] }),
    },
    spec: {
      capacity: { storage: requestOf(claim) },
      accessModes: claim.spec?.accessModes ?? [],
      persistentVolumeReclaimPolicy: reclaimPolicy,
      storageClassName: storageClass.metadata!.name!,
      volumeMode: 'Filesystem',
      claimRef: referenceTo(claim),
      hostPath: { path, type: 'DirectoryOrCreate' },
      ...(required && { nodeAffinity: { required } }),
    },
  };
}
