import type { PriorityLevelConfiguration, QueuingConfiguration } from '../../api/types/flowcontrol-v1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { resets } from '../rules/reset-fields.ts';
import { dropStatus, keepStatus } from '../rules/status.ts';
import {
  priorityLevelDefaults,
  priorityLevelStatus,
  validatePriorityLevel,
} from './priority-level-configuration-rules.ts';

const queuing = ({ spec }: PriorityLevelConfiguration): QueuingConfiguration | undefined =>
  spec?.limited?.limitResponse?.queuing;

export const priorityLevelConfiguration = defineResource<PriorityLevelConfiguration>({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  resource: 'prioritylevelconfigurations',
  kind: 'PriorityLevelConfiguration',
  generation: true,
  defaults: priorityLevelDefaults,
  prepareCreate: dropStatus,
  prepareUpdate: keepStatus,
  validate: validatePriorityLevel,
  status: priorityLevelStatus,
  resetFields: { status: resets('spec', 'metadata') },
  columns: [
    nameColumn,
    text('Type', (object) => object.spec?.type ?? ''),
    text('NominalConcurrencyShares', ({ spec }) => spec?.limited?.nominalConcurrencyShares ?? '<none>'),
    text('Queues', (object) => queuing(object)?.queues ?? '<none>'),
    text('HandSize', (object) => queuing(object)?.handSize ?? '<none>'),
    text('QueueLengthLimit', (object) => queuing(object)?.queueLengthLimit ?? '<none>'),
    ageColumn,
  ],
});
