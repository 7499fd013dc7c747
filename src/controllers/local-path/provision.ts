import {
  persistentVolumeClaims as claimsRef,
  storageClasses as classesRef,
  nodes as nodesRef,
  persistentVolumes as volumesRef,
} from '../../api/kinds.gen.ts';
import { sameValue } from '../../api/object-meta.ts';
import { isStatus } from '../../api/status.ts';
import type { Node, PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import type { StorageClass } from '../../api/types/storage-v1.gen.ts';
import { keyOf } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { selectedNode } from '../../resources/storage/volume-annotations.ts';
import { claimClass } from '../../resources/storage/volume-match.ts';
import { type ControllerContext, synced } from '../controller.ts';
import { errorText } from '../namespace-going.ts';
import { folderPath } from './folders.ts';
import {
  anyNode,
  CannotProvision,
  checkClaim,
  isOpen,
  isShared,
  volumeFor,
  volumeName,
  wantsVolume,
} from './provision-plan.ts';

/** Makes volumes for the claims that are addressed to this provisioner. */
export function provisioning(context: ControllerContext): Reconciler {
  const { informers, client, clock, log, recorder, folders } = context;
  const claims = informers.of(claimsRef);
  const classes = informers.of(classesRef);
  const nodes = informers.of(nodesRef);
  const volumes = informers.of(volumesRef);
  /** Claims that no node could take. */
  const stranded = new Set<string>();

  /** The node for the folder; undefined for one that all share, false where the node that was chosen is gone. */
  const placeOf = (claim: PersistentVolumeClaim, storageClass: StorageClass): Node | undefined | false => {
    const chosen = claim.metadata.annotations?.[selectedNode];
    if (isShared(claim)) return undefined;
    if (chosen) return nodes.get(chosen) ?? false;
    const node = anyNode(nodes.values(), storageClass);
    if (!node) {
      stranded.add(keyOf(claim));
      throw new CannotProvision('no node is ready to hold a volume');
    }
    return node;
  };

  /** The scheduler is to choose again. */
  const reschedule = async (claim: PersistentVolumeClaim, signal: AbortSignal) => {
    const { [selectedNode]: _, ...annotations } = claim.metadata.annotations ?? {};
    await client.resource(claimsRef).update({ ...claim, metadata: { ...claim.metadata, annotations } }, { signal });
  };

  const provision = async (claim: PersistentVolumeClaim, storageClass: StorageClass, signal: AbortSignal) => {
    checkClaim(claim, storageClass);
    const node = placeOf(claim, storageClass);
    if (node === false) return reschedule(claim, signal);
    const about = `"${claim.metadata.namespace}/${claim.metadata.name}"`;
    recorder.event(claim, 'Normal', 'Provisioning', `External provisioner is provisioning volume for claim ${about}`);
    const path = folderPath(folders, claim, node?.metadata.name);
    await folders?.make(path, signal);
    try {
      await client.resource(volumesRef).create(volumeFor(claim, storageClass, path, node), { signal });
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) throw error;
    }
    recorder.event(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${volumeName(claim)}`);
  };

  const reconciler = new Reconciler({
    name: `${context.name}/provisioning`,
    clock,
    log,
    workers: 16,
    ready: synced(claims, classes, nodes, volumes),
    async reconcile({ key, signal }) {
      const claim = claims.get(key);
      const storageClass = claim && classes.get(claimClass(claim));
      if (!claim || !wantsVolume(claim, storageClass) || volumes.get(volumeName(claim))) return;
      try {
        await provision(claim, storageClass!, signal);
      } catch (error) {
        if (signal.aborted || isStatus(error, 'NotFound') || isStatus(error, 'Conflict')) throw error;
        const why = `failed to provision volume with StorageClass "${claimClass(claim)}": ${errorText(error)}`;
        recorder.event(claim, 'Warning', 'ProvisioningFailed', why);
        // What cannot be waits for a change: of the claim, or of a node.
        if (!(error instanceof CannotProvision)) throw error;
      }
    },
  });
  const add = (claim: PersistentVolumeClaim) => reconciler.add(keyOf(claim));
  claims.on({ added: add, updated: (_, claim) => add(claim) });
  const opened = (node: Node) => {
    if (!isOpen(node)) return;
    for (const key of stranded) reconciler.add(key);
    stranded.clear();
  };
  nodes.on({
    added: opened,
    updated: (old, node) => {
      if (!isOpen(old) || !sameValue(old.metadata.labels, node.metadata.labels)) opened(node);
    },
  });
  return reconciler;
}
