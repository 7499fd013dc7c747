import type { AnyKind } from '../api/object.ts';

/** Short names of access modes, in the order upstream prints them. */
const shortModes = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
] as const;

/** "RWO,RWX": each mode once, in upstream's order. */
export function accessModes(modes: readonly string[] | undefined): string {
  return shortModes
    .filter(([mode]) => modes?.includes(mode))
    .map(([, short]) => short)
    .join(',');
}

/** The class named by the annotation that came before the field. */
export function legacyStorageClass(object: AnyKind): string | undefined {
  return object.metadata?.annotations?.['volume.beta.kubernetes.io/storage-class'];
}
