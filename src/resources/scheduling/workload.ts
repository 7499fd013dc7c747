import type { Workload } from '../../api/types/scheduling-v1alpha2.gen.ts';
import { ageColumn, nameColumn } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { prepareWorkload, validateWorkload, validateWorkloadUpdate } from './workload-rules.ts';

export const workload = defineResource<Workload>({
  group: 'scheduling.k8s.io',
  version: 'v1alpha2',
  resource: 'workloads',
  kind: 'Workload',
  prepareCreate: prepareWorkload,
  prepareUpdate: prepareWorkload,
  validate: validateWorkload,
  validateUpdate: validateWorkloadUpdate,
  columns: [nameColumn, ageColumn],
});
