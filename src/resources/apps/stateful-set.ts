import type { StatefulSet } from '../../api/types/apps-v1.gen.ts';
import { ageColumn, containerColumns, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';

export const statefulSet = defineResource<StatefulSet>({
  group: 'apps',
  version: 'v1',
  resource: 'statefulsets',
  kind: 'StatefulSet',
  generation: true,
  columns: [
    nameColumn,
    text('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`),
    ageColumn,
    ...containerColumns<StatefulSet>((object) => object.spec?.template.spec?.containers),
  ],
  scale: { replicas: ['spec', 'replicas'], statusReplicas: ['status', 'replicas'], selector: ['spec', 'selector'] },
});
