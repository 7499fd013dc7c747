import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';

/** The attributes classes that a claim wants, has, or is on its way to. */
export function classesOfClaim({ spec, status }: PersistentVolumeClaim): string[] {
  const named = [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return [...new Set(named.filter((name): name is string => Boolean(name)))];
}

/** The attributes class of a volume. */
export const classOfVolume = ({ spec }: PersistentVolume): string | undefined =>
  spec?.volumeAttributesClassName || undefined;
