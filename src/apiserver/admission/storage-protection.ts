import { attributesClassProtection, claimProtection, volumeProtection } from '../../resources/storage/protection.ts';
import type { AdmissionPlugin } from './admission.ts';

const finalizers: ReadonlyMap<string, string> = new Map([
  ['persistentvolumes', volumeProtection],
  ['persistentvolumeclaims', claimProtection],
  ['volumeattributesclasses.storage.k8s.io', attributesClassProtection],
]);

/** New storage objects are protected while they are in use. Source: plugin/pkg/admission/storage/storageobjectinuseprotection. */
export const storageProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  operations: new Set(['CREATE']),
  resources: new Set(finalizers.keys()),
  mutate: ({ served, subresource, object }) => {
    const finalizer = finalizers.get(served.qualified);
    if (subresource || !object || !finalizer || object.metadata.finalizers?.includes(finalizer)) return;
    object.metadata.finalizers = [...(object.metadata.finalizers ?? []), finalizer];
  },
};
