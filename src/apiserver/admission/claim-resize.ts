import { compareQuantities } from '../../api/quantity.ts';
import { forbidden } from '../../api/status.ts';
import type { PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import type { StorageClass } from '../../api/types/storage-v1.gen.ts';
import { claimClass, requestOf } from '../../resources/storage/volume-match.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionPlugin } from './admission.ts';

const resource = 'storageclasses.storage.k8s.io';

/** Claims grow only where their class lets them. Source: plugin/pkg/admission/storage/persistentvolume/resize. */
export function claimResize(store: Store): AdmissionPlugin {
  const mayGrow = (claim: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean => {
    const name = claimClass(claim);
    if (name === '' || name !== claimClass(old)) return false;
    const found = store.head({ resource, namespace: '', name })?.object as unknown as StorageClass | undefined;
    return found?.allowVolumeExpansion === true;
  };
  return {
    name: 'PersistentVolumeClaimResize',
    operations: new Set(['UPDATE']),
    resources: new Set(['persistentvolumeclaims']),
    validate: ({ subresource, object, old: before, served, name }) => {
      if (subresource || !object || !before) return;
      const [claim, old] = [object, before] as unknown as PersistentVolumeClaim[];
      if (compareQuantities(requestOf(claim!), requestOf(old!)) <= 0) return;
      if (old!.status?.phase !== 'Bound') {
        throw forbidden(served, name, 'Only bound persistent volume claims can be expanded');
      }
      if (mayGrow(claim!, old!)) return;
      const why =
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';
      throw forbidden(served, name, why);
    },
  };
}
