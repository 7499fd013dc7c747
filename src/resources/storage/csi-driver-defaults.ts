import type { Mutable } from '../../api/object.ts';
import type { CSIDriver } from '../../api/types/storage-v1.gen.ts';

export function csiDriverDefaults({ spec }: Mutable<CSIDriver>): void {
  if (!spec) return;
  spec.attachRequired ??= true;
  spec.podInfoOnMount ??= false;
  spec.storageCapacity ??= false;
  spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
  spec.requiresRepublish ??= false;
  spec.seLinuxMount ??= false;
  if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent'];
}
