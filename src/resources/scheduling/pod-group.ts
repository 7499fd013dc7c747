import type { PodGroup } from '../../api/types/scheduling-v1alpha2.gen.ts';
import { ageColumn, nameColumn } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { resets } from '../rules/reset-fields.ts';
import {
  preparePodGroup,
  preparePodGroupStatus,
  preparePodGroupUpdate,
  validatePodGroup,
  validatePodGroupStatus,
  validatePodGroupUpdate,
} from './pod-group-rules.ts';

/** The finalizer that keeps a group while pods belong to it. */
export const podGroupProtectionFinalizer = 'scheduling.k8s.io/podgroup-protection';

export const podGroup = defineResource<PodGroup>({
  group: 'scheduling.k8s.io',
  version: 'v1alpha2',
  resource: 'podgroups',
  kind: 'PodGroup',
  prepareCreate: preparePodGroup,
  prepareUpdate: preparePodGroupUpdate,
  validate: validatePodGroup,
  validateUpdate: validatePodGroupUpdate,
  status: { prepareUpdate: preparePodGroupStatus, validateUpdate: validatePodGroupStatus },
  resetFields: { status: resets('spec', 'metadata') },
  columns: [nameColumn, ageColumn],
});
