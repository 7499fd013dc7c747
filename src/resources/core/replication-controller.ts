import type { ReplicationController } from '../../api/types/core-v1.gen.ts';
import { ageColumn, containerColumns, formatLabels, integer, nameColumn, wide } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { workloadWarnings } from '../rules/pod-warnings.ts';
import { keepSpec, keepStatus } from '../rules/status.ts';
import {
  replicationControllerDefaults,
  validateReplicationController,
  validateReplicationControllerStatus,
} from './replication-controller-rules.ts';

export const replicationController = defineResource<ReplicationController>({
  group: '',
  version: 'v1',
  resource: 'replicationcontrollers',
  kind: 'ReplicationController',
  generation: true,
  defaults: replicationControllerDefaults,
  prepareCreate: (object) => {
    object.status = { replicas: 0 };
  },
  prepareUpdate: (object, old) => keepStatus(object, old),
  validate: validateReplicationController,
  warnings: workloadWarnings(true),
  status: {
    prepareUpdate: (object, old) => keepSpec(object, old),
    validateUpdate: validateReplicationControllerStatus,
  },
  columns: [
    nameColumn,
    integer('Desired', (object) => object.spec?.replicas ?? 0),
    integer('Current', (object) => object.status?.replicas ?? 0),
    integer('Ready', (object) => object.status?.readyReplicas ?? 0),
    ageColumn,
    ...containerColumns<ReplicationController>((object) => object.spec?.template?.spec?.containers),
    wide('Selector', (object) => formatLabels(object.spec?.selector)),
  ],
  selectableFields: { 'status.replicas': (object) => String(object.status?.replicas ?? 0) },
  scale: { replicas: ['spec', 'replicas'], statusReplicas: ['status', 'replicas'], selector: ['spec', 'selector'] },
  defaultPropagation: 'Orphan',
});
