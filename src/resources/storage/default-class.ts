import type { PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import type { StorageClass } from '../../api/types/storage-v1.gen.ts';
import { legacyStorageClass } from '../access-modes.ts';

const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

/** Whether claims that name no class are to get this one. */
export const isDefaultClass = ({ metadata }: StorageClass): boolean =>
  defaultAnnotations.some((key) => metadata?.annotations?.[key] === 'true');

/** Of several default classes the newest; of those of one second the first by name. Source: storage util GetDefaultClass. */
export function defaultClass(classes: Iterable<StorageClass>): StorageClass | undefined {
  let best: StorageClass | undefined;
  for (const candidate of classes) {
    if (isDefaultClass(candidate) && (!best || comesBefore(candidate, best))) best = candidate;
  }
  return best;
}

function comesBefore(a: StorageClass, b: StorageClass): boolean {
  const [made, other] = [a.metadata?.creationTimestamp ?? '', b.metadata?.creationTimestamp ?? ''];
  return made === other ? (a.metadata?.name ?? '') < (b.metadata?.name ?? '') : made > other;
}

/** Whether a claim says which class it wants; "" says none. */
export const namesClass = (claim: PersistentVolumeClaim): boolean =>
  legacyStorageClass(claim) !== undefined || claim.spec?.storageClassName !== undefined;
