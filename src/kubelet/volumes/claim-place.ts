import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import type { Mount } from '../../node/runtime.ts';
import { foreignClaim, type PodClaim, podClaim } from '../../resources/storage/pod-claims.ts';
import { reaches } from '../../resources/storage/volume-match.ts';
import { UnresolvedClaim, type VolumeContext, VolumeError } from './volume-type.ts';

/**
 * Where the volume behind a claim is. Throws `UnresolvedClaim` while the claim has none that can be used, `VolumeError`
 * for a volume that cannot. Source: kubelet's desired_state_of_world_populator.go for the texts.
 */
export async function placeOfClaim(context: VolumeContext): Promise<Mount['source']> {
  const { pod, volume, signal, node, claims } = context;
  const used = podClaim(pod.metadata.name!, volume)!;
  const key = `${pod.metadata.namespace}/${used.name}`;
  let its: PersistentVolume;
  try {
    its = await resolve(context, used);
  } catch (error) {
    signal.throwIfAborted();
    throw new UnresolvedClaim(`error processing PVC ${key}: ${(error as Error).message}`, { cause: error });
  }
  const name = its.metadata.name!;
  if (!reaches(its, await claims.nodeLabels(node, signal))) {
    throw new VolumeError(`MountVolume.NodeAffinity check failed for volume "${name}" : no matching NodeSelectorTerms`);
  }
  if (its.spec?.mountOptions?.length || its.metadata.annotations?.['volume.beta.kubernetes.io/mount-options']) {
    const why = 'mount options are not supported';
    throw new VolumeError(`MountVolume.MountOptionSupport check failed for volume "${name}" : ${why}`);
  }
  const alone = its.spec?.accessModes?.includes('ReadWriteOncePod') ?? false;
  if (!claims.hold(node, key, pod.metadata.uid!, alone)) {
    const why = 'volume uses the ReadWriteOncePod access mode and is already in use by another pod';
    throw VolumeError.setUp(name, why);
  }
  return { type: 'path', path: await pathOf(its, context) };
}

async function resolve({ pod, claims, signal }: VolumeContext, used: PodClaim): Promise<PersistentVolume> {
  const claim = await claims.claim(pod.metadata.namespace!, used.name, signal);
  if (!claim) {
    throw new Error(`failed to fetch PVC from API server: persistentvolumeclaim "${used.name}" not found`);
  }
  const foreign = used.ephemeral && foreignClaim(pod, claim);
  if (foreign) throw new Error(foreign);
  const why = unusable(claim);
  if (why) throw new Error(why);
  const name = claim.spec!.volumeName!;
  const its = await claims.volume(name, signal);
  if (!its) throw new Error(`failed to fetch PV ${name} from API server: persistentvolumes "${name}" not found`);
  const owner = its.spec?.claimRef;
  if (!owner) {
    throw new Error(
      `found PV object ${name} but it has a nil pv.Spec.ClaimRef indicating it is not yet bound to the claim`,
    );
  }
  if (owner.uid !== claim.metadata.uid) {
    const [its, own] = [owner.uid, claim.metadata.uid];
    throw new Error(`found PV object ${name} but its pv.Spec.ClaimRef.UID ${its} does not point to claim.UID ${own}`);
  }
  if (its.spec?.volumeMode === 'Block' && isMounted(pod, used.volume)) {
    throw new Error(`volume ${used.volume} has volumeMode Block, but is specified in volumeMounts`);
  }
  return its;
}

/** Why no pod may start with the claim; undefined when one may. */
function unusable({ metadata, spec, status }: PersistentVolumeClaim): string | undefined {
  if (metadata.deletionTimestamp) return 'PVC is being deleted';
  if (status?.phase !== 'Bound') return 'PVC is not bound';
  return spec?.volumeName ? undefined : 'PVC has empty pvc.Spec.VolumeName';
}

const isMounted = ({ spec }: VolumeContext['pod'], volume: string): boolean =>
  [...(spec.initContainers ?? []), ...spec.containers].some((container) =>
    container.volumeMounts?.some(({ name }) => name === volume),
  );

/** Source: the hostPath and local plugins. */
async function pathOf({ metadata, spec }: PersistentVolume, { files, signal }: VolumeContext): Promise<string> {
  if (spec?.hostPath) {
    const { path, type = '' } = spec.hostPath;
    try {
      await files.checkHostPath(path, type, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw VolumeError.setUp(metadata.name!, error);
    }
    return path;
  }
  if (spec?.local) {
    const { path } = spec.local;
    try {
      await files.checkHostPath(path, 'Directory', signal);
    } catch {
      signal.throwIfAborted();
      const text = `MountVolume.NewMounter initialization failed for volume "${metadata.name}" : path "${path}" does not exist`;
      throw new VolumeError(text);
    }
    return path;
  }
  const type = Object.keys(spec ?? {}).find((field) => sources.has(field)) ?? 'unknown';
  throw VolumeError.setUp(metadata.name!, `persistent volumes of type ${type} are not supported by krill`);
}

/** Fields of a volume's spec that say what it is. */
const sources = new Set([
  'awsElasticBlockStore',
  'azureDisk',
  'azureFile',
  'cephfs',
  'cinder',
  'csi',
  'fc',
  'flexVolume',
  'flocker',
  'gcePersistentDisk',
  'glusterfs',
  'iscsi',
  'nfs',
  'photonPersistentDisk',
  'portworxVolume',
  'quobyte',
  'rbd',
  'scaleIO',
  'storageos',
  'vsphereVolume',
]);
