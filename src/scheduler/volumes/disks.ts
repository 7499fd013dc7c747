import type { Pod, Volume } from '../../api/types/core-v1.gen.ts';

/** Whether both volumes are one disk that two pods of a node may not mount together. */
type Conflict = (a: Volume, b: Volume) => boolean;

/** By the field of a volume that makes it such a disk (isVolumeConflict). */
const conflicts: Readonly<Record<string, Conflict>> = {
  gcePersistentDisk: ({ gcePersistentDisk: a }, { gcePersistentDisk: b }) =>
    a!.pdName === b!.pdName && !(a!.readOnly && b!.readOnly),
  awsElasticBlockStore: ({ awsElasticBlockStore: a }, { awsElasticBlockStore: b }) => a!.volumeID === b!.volumeID,
  iscsi: ({ iscsi: a }, { iscsi: b }) => a!.iqn === b!.iqn && !(a!.readOnly && b!.readOnly),
  rbd: ({ rbd: a }, { rbd: b }) =>
    a!.monitors.some((monitor) => b!.monitors.includes(monitor)) &&
    (a!.pool ?? 'rbd') === (b!.pool ?? 'rbd') &&
    a!.image === b!.image &&
    !(a!.readOnly && b!.readOnly),
};
const fields = Object.keys(conflicts) as (keyof Volume)[];

const isDisk = (volume: Volume): boolean => fields.some((field) => volume[field] !== undefined);

export interface Disk {
  readonly field: keyof Volume;
  readonly volume: Volume;
}

const none: readonly Disk[] = [];

/** The disks of a pod that may be in the way of others. */
export function disksOf({ spec }: Pod): readonly Disk[] {
  if (!spec?.volumes?.some(isDisk)) return none;
  return spec.volumes.flatMap((volume) => {
    const field = fields.find((name) => volume[name] !== undefined);
    return field ? [{ field, volume }] : [];
  });
}

/** Whether a pod has one of these disks so that nobody else of its node can. */
export function clash(disks: readonly Disk[], { spec }: Pod): boolean {
  return disks.some(({ field, volume }) =>
    spec?.volumes?.some((other) => other[field] !== undefined && conflicts[field]!(volume, other)),
  );
}
