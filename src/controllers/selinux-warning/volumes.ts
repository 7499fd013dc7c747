import type { PersistentVolume, Pod } from '../../api/types/core-v1.gen.ts';
import type { CSIDriver } from '../../api/types/storage-v1.gen.ts';
import { podClaims } from '../../resources/storage/pod-claims.ts';
import type { LabelledVolume } from './plan.ts';

/** Where volumes are looked up. */
export interface VolumeBook {
  /** The volume that the claim of this key is bound to. */
  volumeOf(claim: string): PersistentVolume | undefined;
  driver(name: string): CSIDriver | undefined;
}

/** The types of volumes that hold files which SELinux labels, and that several pods may use: CSI, FC and iSCSI. */
export function resolveVolume(pod: Pod, name: string, book: VolumeBook): LabelledVolume | undefined {
  const inline = pod.spec?.volumes?.find((volume) => volume.name === name);
  if (inline?.fc) return fibreChannel(inline.fc);
  if (inline?.iscsi) return internetScsi(inline.iscsi);
  const claim = podClaims(pod).find(({ volume }) => volume === name);
  const spec = claim && book.volumeOf(`${pod.metadata.namespace}/${claim.name}`)?.spec;
  if (spec?.fc) return fibreChannel(spec.fc);
  if (spec?.iscsi) return internetScsi(spec.iscsi);
  if (!spec?.csi) return undefined;
  const { driver, volumeHandle } = spec.csi;
  return {
    name: `kubernetes.io/csi/${driver}^${volumeHandle}`,
    mountable: book.driver(driver)?.spec.seLinuxMount ?? false,
    driver,
  };
}

const fibreChannel = (source: {
  readonly targetWWNs?: readonly string[];
  readonly wwids?: readonly string[];
  readonly lun?: number;
}): LabelledVolume => {
  const { targetWWNs = [], wwids = [], lun } = source;
  const id = targetWWNs.length > 0 ? `[${targetWWNs.join(' ')}]:${lun}` : `[${wwids.join(' ')}]`;
  return { name: `kubernetes.io/fc/${id}`, mountable: true };
};

const internetScsi = (source: {
  readonly targetPortal: string;
  readonly iqn: string;
  readonly lun: number;
}): LabelledVolume => ({
  name: `kubernetes.io/iscsi/${source.targetPortal}:${source.iqn}:${source.lun}`,
  mountable: true,
});
