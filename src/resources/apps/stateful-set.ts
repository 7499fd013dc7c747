import type { StatefulSet } from '../../api/types/apps-v1.gen.ts';
import { ageColumn, containerColumns, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { keepSpec, keepStatus } from '../rules/status.ts';
import {
  statefulSetDefaults,
  statefulSetWarnings,
  validateStatefulSet,
  validateStatefulSetStatus,
  validateStatefulSetUpdate,
} from './stateful-set-rules.ts';

export const statefulSet = defineResource<StatefulSet>({
  group: 'apps',
  version: 'v1',
  resource: 'statefulsets',
  kind: 'StatefulSet',
  generation: true,
  defaults: statefulSetDefaults,
  prepareCreate: (object) => {
    object.status = { replicas: 0 };
  },
  prepareUpdate: (object, old) => keepStatus(object, old),
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  warnings: statefulSetWarnings,
  status: { prepareUpdate: keepSpec, validateUpdate: validateStatefulSetStatus },
  columns: [
    nameColumn,
    text('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`),
    ageColumn,
    ...containerColumns<StatefulSet>((object) => object.spec?.template.spec?.containers),
  ],
  scale: { replicas: ['spec', 'replicas'], statusReplicas: ['status', 'replicas'], selector: ['spec', 'selector'] },
});
