import type { Mutable } from '../../api/object.ts';
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import type { WriteContext } from '../resource.ts';

/** The finalizer by which a definition waits for its instances. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

/** What the first request to delete a definition adds. Source: apiextensions `registry/customresourcedefinition/etcd.go`. */
export function prepareDefinitionDelete(crd: Mutable<CustomResourceDefinition>, { now }: WriteContext): void {
  const finalizers = (crd.metadata.finalizers ??= []);
  if (!finalizers.includes(cleanupFinalizer)) finalizers.push(cleanupFinalizer);
  const status = (crd.status ??= {});
  status.conditions = [
    ...(status.conditions ?? []).filter((condition) => condition.type !== 'Terminating'),
    {
      type: 'Terminating',
      status: 'True',
      lastTransitionTime: timestamp(now),
      reason: 'InstanceDeletionPending',
      message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    },
  ];
}
