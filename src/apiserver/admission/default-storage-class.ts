import type { Mutable } from '../../api/object.ts';
import type { PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import type { StorageClass } from '../../api/types/storage-v1.gen.ts';
import { defaultClass, namesClass } from '../../resources/storage/default-class.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionPlugin } from './admission.ts';

const classes = 'storageclasses.storage.k8s.io';

/** A claim that names no class gets the default one. Source: plugin/pkg/admission/storage/storageclass/setdefault. */
export function defaultStorageClass(store: Store): AdmissionPlugin {
  return {
    name: 'DefaultStorageClass',
    operations: new Set(['CREATE']),
    resources: new Set(['persistentvolumeclaims']),
    mutate: ({ subresource, object }) => {
      if (subresource || !object) return;
      const claim = object as unknown as Mutable<PersistentVolumeClaim>;
      if (namesClass(claim) || store.count(classes) === 0) return;
      const found = defaultClass(store.list(classes).entries.map((entry) => entry.object as unknown as StorageClass));
      if (found) (claim.spec ??= {}).storageClassName = found.metadata!.name!;
    },
  };
}
