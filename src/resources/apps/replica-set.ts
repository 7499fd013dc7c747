import type { ReplicaSet } from '../../api/types/apps-v1.gen.ts';
import { ageColumn, containerColumns, formatSelector, integer, nameColumn, wide } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { workloadWarnings } from '../rules/pod-warnings.ts';
import { keepSpec, keepStatus } from '../rules/status.ts';
import {
  replicaSetDefaults,
  validateReplicaSet,
  validateReplicaSetStatus,
  validateReplicaSetUpdate,
} from './replica-set-rules.ts';

export const replicaSet = defineResource<ReplicaSet>({
  group: 'apps',
  version: 'v1',
  resource: 'replicasets',
  kind: 'ReplicaSet',
  generation: true,
  defaults: replicaSetDefaults,
  prepareCreate: (object) => {
    object.status = { replicas: 0 };
  },
  prepareUpdate: (object, old) => keepStatus(object, old),
  validate: validateReplicaSet,
  validateUpdate: validateReplicaSetUpdate,
  warnings: workloadWarnings(true),
  status: { prepareUpdate: keepSpec, validateUpdate: validateReplicaSetStatus },
  columns: [
    nameColumn,
    integer('Desired', (object) => object.spec?.replicas ?? 0),
    integer('Current', (object) => object.status?.replicas ?? 0),
    integer('Ready', (object) => object.status?.readyReplicas ?? 0),
    ageColumn,
    ...containerColumns<ReplicaSet>((object) => object.spec?.template?.spec?.containers),
    wide('Selector', (object) => formatSelector(object.spec?.selector)),
  ],
  selectableFields: { 'status.replicas': (object) => String(object.status?.replicas ?? 0) },
  scale: { replicas: ['spec', 'replicas'], statusReplicas: ['status', 'replicas'], selector: ['spec', 'selector'] },
});
