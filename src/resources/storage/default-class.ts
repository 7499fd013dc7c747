import type { PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import type { StorageClass } from '../../api/types/storage-v1.gen.ts';
import { legacyStorageClass } from '../access-modes.ts';
import { newestDefault } from '../rules/newest-default.ts';

const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

/** Whether claims that name no class are to get this one. */
export const isDefaultClass = ({ metadata }: StorageClass): boolean =>
  defaultAnnotations.some((key) => metadata?.annotations?.[key] === 'true');

/** The class that claims get which name none. */
export const defaultClass = (classes: Iterable<StorageClass>): StorageClass | undefined =>
  newestDefault(classes, isDefaultClass);

/** Whether a claim says which class it wants; "" says none. */
export const namesClass = (claim: PersistentVolumeClaim): boolean =>
  legacyStorageClass(claim) !== undefined || claim.spec?.storageClassName !== undefined;
